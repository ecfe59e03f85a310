import { ansibleJsonText } from './ansible-json.ts';
import { connectionOf, type HostConnection } from './connection.ts';
import { InventoryError } from './inventory-error.ts';
import { compareGroups, hostsOf, type GroupNode, type InventoryGraph } from './inventory-graph.ts';
import type { InventoryValue, Variables } from './inventory-value.ts';
import { compareCodePoints } from './python-text.ts';
import type { VariablesFiles, VariablesFolder } from './variables-files.ts';

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

/** Names that Ansible fills itself and `ansible-inventory` leaves out. */
const INTERNAL_NAMES: ReadonlySet<string> = new Set([
  'ansible_config_file',
  'ansible_diff_mode',
  'ansible_facts',
  'ansible_forks',
  'ansible_inventory_sources',
  'ansible_limit',
  'ansible_playbook_python',
  'ansible_run_tags',
  'ansible_skip_tags',
  'ansible_verbosity',
  'ansible_version',
  'group_names',
  'groups',
  'inventory_dir',
  'inventory_file',
  'inventory_hostname',
  'inventory_hostname_short',
  'omit',
  'playbook_dir',
]);

/** An inventory, read and merged; it does not change afterwards. */
export class Inventory {
  /** All hosts, in the order they are first named. */
  readonly hosts: readonly string[];
  /** All groups, `all` and `ungrouped` among them. */
  readonly groups: ReadonlyMap<string, InventoryGroup>;
  /** What Ansible accepts and the author hardly meant. */
  readonly warnings: readonly string[];
  readonly #graph: InventoryGraph;
  readonly #variables: ReadonlyMap<string, Variables>;

  /** Takes a reconciled graph; `readInventory` makes one. */
  constructor(graph: InventoryGraph, variableFiles: readonly VariablesFiles[], extra: Variables) {
    const reachable = hostsOf(graph.addGroup('all'));
    const hosts = [...graph.hosts.values()].filter((host) => reachable.has(host));
    this.hosts = hosts.map((host) => host.name);
    this.groups = new Map([...graph.groups].map(([name, group]) => [name, groupView(group)]));
    this.warnings = this.hosts
      .filter((name) => graph.groups.has(name))
      .map((name) => `${name} is both a host and a group; its variables go to the group`);
    this.#graph = graph;
    const merger = new VariableMerger(graph, variableFiles, extra);
    this.#variables = new Map(hosts.map(({ name }) => [name, merger.variablesOf(name)]));
  }

  /** Every variable of a host after precedence. Throws InventoryError for an unknown host. */
  varsOf(host: string): Variables {
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
    this.varsOf(host);
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

  /** The JSON that `ansible-inventory --list` prints. */
  toAnsibleJson(): string {
    const variables = new Map<string, InventoryValue>();
    for (const [host, all] of this.#variables) {
      const shown = new Map([...all].filter(([name]) => !INTERNAL_NAMES.has(name)));
      if (shown.size > 0) variables.set(host, shown);
    }
    const result = new Map<string, InventoryValue>();
    for (const [name, group] of this.groups) {
      const parts = new Map<string, InventoryValue>();
      if (group.hosts.length > 0 && name !== 'all') parts.set('hosts', group.hosts);
      if (group.children.length > 0) parts.set('children', group.children);
      if (parts.size > 0) result.set(name, parts);
    }
    result.set('_meta', new Map([['hostvars', variables]]));
    return ansibleJsonText(result);
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

/**
 * Merges a host's variables in Ansible's order, low to high: [all:vars], [group:vars],
 * group_vars/all, group_vars/<group>, the host's lines, host_vars/<host>, extra variables.
 */
class VariableMerger {
  readonly #graph: InventoryGraph;
  readonly #files: readonly VariablesFiles[];
  readonly #extra: Variables;

  constructor(graph: InventoryGraph, files: readonly VariablesFiles[], extra: Variables) {
    this.#graph = graph;
    this.#files = files;
    this.#extra = extra;
  }

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

  /** All names of the first source, then all of the next: a later source wins. */
  #fromFiles(folder: VariablesFolder, names: readonly string[]): Variables[] {
    return this.#files.flatMap((files) => names.map((name) => files.variablesOf(folder, name)));
  }
}
