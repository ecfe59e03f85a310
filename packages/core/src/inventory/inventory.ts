import { connectionOf, type HostConnection } from './connection.ts';
import { InventoryError } from './inventory-error.ts';
import type { InventoryFiles } from './inventory-files.ts';
import { hostsOf, type GroupNode, type InventoryGraph } from './inventory-graph.ts';
import { listText } from './inventory-listing.ts';
import type { Variables } from './inventory-value.ts';
import { openedValue } from './opened-value.ts';
import { compareCodePoints } from './python-text.ts';
import { secretPlace, type SecretPlace } from './secret-lookup.ts';
import { VariableMerger } from './variable-merger.ts';
import type { VariablesFiles } from './variables-files.ts';

/** A group as read. */
export interface InventoryGroup {
  readonly name: string;
  /** Hosts named in the group itself, in order. */
  readonly hosts: readonly string[];
  readonly children: readonly string[];
  /** The longest path from `all`. */
  readonly depth: number;
  /** ansible_group_priority, 1 when not set. */
  readonly priority: number;
  /** Variables from `[group:vars]` sections; group_vars files are not among them. */
  readonly variables: Variables;
}

/** An inventory, read and merged; it does not change afterwards. */
export class Inventory {
  /** All hosts, in the order they are first named. */
  readonly hosts: readonly string[];
  /** All groups, `all` and `ungrouped` among them. */
  readonly groups: ReadonlyMap<string, InventoryGroup>;
  /** What Ansible accepts and the author hardly meant. */
  readonly warnings: readonly string[];
  readonly #graph: InventoryGraph;
  readonly #files: Pick<InventoryFiles, 'decrypt' | 'lookUp'>;
  readonly #merger: VariableMerger;
  readonly #variables: ReadonlyMap<string, Variables>;

  /** Takes a reconciled graph; `readInventory` makes one. */
  constructor(
    graph: InventoryGraph,
    variableFiles: readonly VariablesFiles[],
    extra: Variables,
    files: Pick<InventoryFiles, 'decrypt' | 'lookUp'>,
  ) {
    this.#files = files;
    const reachable = hostsOf(graph.addGroup('all'));
    const hosts = [...graph.hosts.values()].filter((host) => reachable.has(host));
    this.hosts = hosts.map((host) => host.name);
    this.groups = new Map([...graph.groups].map(([name, group]) => [name, groupView(group)]));
    this.warnings = this.hosts
      .filter((name) => graph.groups.has(name))
      .map((name) => `${name} is both a host and a group; its variables go to the group`);
    this.#graph = graph;
    this.#merger = new VariableMerger(graph, variableFiles, extra);
    this.#variables = new Map(hosts.map(({ name }) => [name, this.#merger.variablesOf(name)]));
  }

  /**
   * Every variable of a host after precedence; encrypted ones as text where a known password
   * opens them, and secrets that are elsewhere with what is there. Throws InventoryError for an
   * unknown host and a secret that cannot be had.
   */
  varsOf(host: string): Variables {
    const variables = this.writtenVarsOf(host);
    const { decrypt, lookUp } = this.#files;
    if (decrypt === undefined && lookUp === undefined) return variables;
    return new Map(
      [...variables].map(([name, value]) => {
        const place = lookUp === undefined ? undefined : secretPlace(name, value);
        if (place !== undefined) return [name, this.#lookedUp(host, name, place)];
        return [name, decrypt === undefined ? value : openedValue(value, decrypt)];
      }),
    );
  }

  #lookedUp(host: string, name: string, place: SecretPlace): string {
    try {
      return this.#files.lookUp?.(place) ?? '';
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      const advice = `It is looked up by lookup('${place.kind}', ...) in the inventory.`;
      throw new InventoryError({ problem: `host ${host}: ${name} cannot be had: ${reason}`, advice }, { cause });
    }
  }

  /** The same with encrypted variables as they are written. Throws InventoryError for an unknown host. */
  writtenVarsOf(host: string): Variables {
    const variables = this.#variables.get(host);
    if (variables !== undefined) return variables;
    throw new InventoryError({
      problem: `the inventory has no host ${host}`,
      advice: 'Check the name, and which inventory is given with -i.',
    });
  }

  /** How to reach a host; see {@link connectionOf} for the rules and errors. */
  connectionOf(host: string): HostConnection {
    return connectionOf(host, this.varsOf(host));
  }

  /** The groups of a host but `all`, sorted, as Ansible's `group_names`. */
  groupsOf(host: string): readonly string[] {
    this.writtenVarsOf(host);
    const groups = [...(this.#graph.hosts.get(host)?.groups ?? [])];
    return groups
      .map((group) => group.name)
      .filter((name) => name !== 'all')
      .toSorted(compareCodePoints);
  }

  /** The hosts of a group and the groups below it, in order; none when there is no such group. */
  hostsInGroup(group: string): readonly string[] {
    const node = this.#graph.groups.get(group);
    return node === undefined ? [] : [...hostsOf(node)].map((host) => host.name);
  }

  /** What is said of a host itself, without its groups. Throws InventoryError for an unknown host. */
  ownVarsOf(host: string): Variables {
    this.writtenVarsOf(host);
    return this.#merger.ownVariablesOf(host);
  }

  /** What is said of a group itself, group_vars files included; empty for an unknown group. Throws InventoryError for a broken file. */
  groupVarsOf(group: string): Variables {
    const priority = this.groups.get(group)?.priority ?? 1;
    const variables = new Map(this.#merger.groupVariablesOf(group));
    return priority === 1 ? variables : variables.set('ansible_group_priority', priority);
  }

  /** The JSON that `ansible-inventory --list` prints. */
  toAnsibleJson(): string {
    return listText(this);
  }
}

function groupView(group: GroupNode): InventoryGroup {
  return {
    name: group.name,
    hosts: [...group.hosts].map((host) => host.name),
    children: [...group.children].map((child) => child.name),
    depth: group.depth,
    priority: group.priority,
    variables: group.variables,
  };
}
