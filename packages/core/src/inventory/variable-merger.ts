import { compareGroups, type InventoryGraph } from './inventory-graph.ts';
import type { Variables } from './inventory-value.ts';
import type { VariablesFiles, VariablesFolder } from './variables-files.ts';

/**
 * Merges a host's variables in Ansible's order, low to high: [all:vars], [group:vars],
 * group_vars/all, group_vars/<group>, the host's lines, host_vars/<host>, extra variables.
 */
export class VariableMerger {
  readonly #graph: InventoryGraph;
  readonly #files: readonly VariablesFiles[];
  readonly #extra: Variables;

  constructor(graph: InventoryGraph, files: readonly VariablesFiles[], extra: Variables) {
    this.#graph = graph;
    this.#files = files;
    this.#extra = extra;
  }

  /** Every variable of a host. Throws InventoryError for a broken file of variables. */
  variablesOf(name: string): Variables {
    const host = this.#graph.hosts.get(name);
    const groups = [...(host?.groups ?? [])].filter((group) => group.name !== 'all').toSorted(compareGroups);
    const groupNames = groups.map((group) => group.name);
    const layers: Variables[] = [
      this.#graph.addGroup('all').variables,
      ...groups.map((group) => group.variables),
      ...this.#fromFiles('group_vars', ['all']),
      ...this.#fromFiles('group_vars', groupNames),
      host?.variables ?? new Map(),
      ...this.#fromFiles('host_vars', [name]),
      this.#extra,
    ];
    return new Map(layers.flatMap((layer) => [...layer]));
  }

  /** What is said of the host itself: on its lines and in host_vars. Throws InventoryError as above. */
  ownVariablesOf(host: string): Variables {
    const layers = [this.#graph.hosts.get(host)?.variables ?? new Map(), ...this.#fromFiles('host_vars', [host])];
    return new Map(layers.flatMap((layer) => [...layer]));
  }

  /** What is said of a group itself: in `[group:vars]` and group_vars. Throws InventoryError as above. */
  groupVariablesOf(group: string): Variables {
    const layers = [this.#graph.groups.get(group)?.variables ?? new Map(), ...this.#fromFiles('group_vars', [group])];
    return new Map(layers.flatMap((layer) => [...layer]));
  }

  /** All names of the first source, then all of the next: a later source wins. */
  #fromFiles(folder: VariablesFolder, names: readonly string[]): Variables[] {
    return this.#files.flatMap((files) => names.map((name) => files.variablesOf(folder, name)));
  }
}
