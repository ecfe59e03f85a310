import { InventoryError } from './inventory-error.ts';
import { PythonFloat, type InventoryValue } from './inventory-value.ts';
import { compareCodePoints, parsePythonInt } from './python-text.ts';

/** A host while the inventory is being read. */
export interface HostNode {
  readonly name: string;
  readonly variables: Map<string, InventoryValue>;
  /** Every group it is in, directly or through a child. */
  readonly groups: Set<GroupNode>;
}

/** A group while the inventory is being read. */
export interface GroupNode {
  readonly name: string;
  readonly variables: Map<string, InventoryValue>;
  /** Hosts named in the group itself. */
  readonly hosts: Set<HostNode>;
  readonly children: Set<GroupNode>;
  readonly parents: Set<GroupNode>;
  /** The longest path from a group without a parent. */
  depth: number;
  /** ansible_group_priority. */
  priority: number;
}

/**
 * Groups and hosts of all sources. The rules are those of Ansible's inventory data, including
 * the odd ones, since which variables a host gets depends on them.
 */
export class InventoryGraph {
  readonly groups = new Map<string, GroupNode>();
  readonly hosts = new Map<string, HostNode>();

  constructor() {
    this.addChild(this.addGroup('all'), this.addGroup('ungrouped'));
  }

  /** The group of that name, made if there is none. */
  addGroup(name: string): GroupNode {
    const known = this.groups.get(name);
    if (known !== undefined) return known;
    const group: GroupNode = {
      name,
      variables: new Map(),
      hosts: new Set(),
      children: new Set(),
      parents: new Set(),
      depth: 0,
      priority: 1,
    };
    this.groups.set(name, group);
    return group;
  }

  /**
   * Adds a host to a group; the port counts only when the host is new, and 0 is none. Throws
   * InventoryError for an empty name and for `all`: Ansible takes a host of that name, and
   * then addresses it alone wherever all hosts are meant.
   */
  addHost(name: string, group: GroupNode, port: number | undefined): void {
    if (name === '') {
      const advice = "Write the host's name first on the line.";
      throw new InventoryError({ problem: 'the host name is empty', advice });
    }
    if (name === 'all') {
      const advice = 'Give the host another name, and its address with ansible_host.';
      throw new InventoryError({ problem: 'a host cannot be named all, the group of all hosts', advice });
    }
    let host = this.hosts.get(name);
    if (host === undefined) {
      host = { name, variables: new Map(), groups: new Set() };
      this.hosts.set(name, host);
      if (port !== undefined && port !== 0) host.variables.set('ansible_port', port);
    }
    joinGroup(host, group);
  }

  /** Sets a variable of a host; where a group has the same name, Ansible sets it there. */
  setHostVariable(name: string, key: string, value: InventoryValue): void {
    const group = this.groups.get(name);
    if (group !== undefined) this.setGroupVariable(group, key, value);
    else this.hosts.get(name)?.variables.set(key, value);
  }

  /** Sets a variable of a group; ansible_group_priority becomes its priority instead. */
  setGroupVariable(group: GroupNode, key: string, value: InventoryValue): void {
    if (key === 'ansible_group_priority') group.priority = priorityOf(value);
    else group.variables.set(key, value);
  }

  /** Makes a group the child of another. Throws InventoryError for a loop. */
  addChild(parent: GroupNode, child: GroupNode): void {
    if (parent.children.has(child)) return;
    const above = ancestorsOf(parent);
    if (parent === child || above.has(child)) throw loopError(parent, child);
    const known = ancestorsOf(child);
    const added = [...above, parent].filter((group) => !known.has(group));
    parent.children.add(child);
    child.parents.add(parent);
    deepen(child, parent.depth + 1);
    for (const host of hostsOf(child)) for (const group of added) host.groups.add(group);
  }

  /**
   * To be called once after all sources: puts every group under `all`, takes hosts that are
   * in a real group out of `ungrouped` and puts those that are in none there.
   */
  reconcile(): void {
    const all = this.addGroup('all');
    const ungrouped = this.addGroup('ungrouped');
    for (const group of this.groups.values()) {
      if (group !== all && group.parents.size === 0) this.addChild(all, group);
    }
    for (const host of this.hosts.values()) {
      const isInReal = [...host.groups].some((group) => group !== all && group !== ungrouped);
      if (host.groups.has(ungrouped)) {
        if (isInReal && ungrouped.hosts.delete(host)) leaveGroup(host, ungrouped);
      } else if (!isInReal) {
        this.#addUngrouped(host, ungrouped);
      }
    }
  }

  /** Here too Ansible takes a group of the host's name for the host. */
  #addUngrouped(host: HostNode, ungrouped: GroupNode): void {
    const namesake = this.groups.get(host.name);
    if (namesake === undefined) joinGroup(host, ungrouped);
    else this.addChild(ungrouped, namesake);
  }
}

function joinGroup(host: HostNode, group: GroupNode): void {
  if (group.hosts.has(host)) return;
  group.hosts.add(host);
  for (const ancestor of ancestorsOf(group)) host.groups.add(ancestor);
  host.groups.add(group);
}

/** Takes a group from a host, and the group's ancestors that no other group of it has. */
function leaveGroup(host: HostNode, group: GroupNode): void {
  if (!host.groups.delete(group)) return;
  for (const ancestor of ancestorsOf(group)) {
    if (ancestor.name === 'all') continue;
    const isShared = [...host.groups].some((other) => ancestorsOf(other).has(ancestor));
    if (!isShared) leaveGroup(host, ancestor);
  }
}

/** All groups above a group. */
function ancestorsOf(group: GroupNode): Set<GroupNode> {
  const found = new Set(group.parents);
  // A set hands out members that are added while it is walked.
  for (const ancestor of found) for (const parent of ancestor.parents) found.add(parent);
  return found;
}

/** The hosts of a group and of all groups below it, its own first. */
export function hostsOf(group: GroupNode): Set<HostNode> {
  const groups = new Set([group]);
  for (const member of groups) for (const child of member.children) groups.add(child);
  const hosts = new Set<HostNode>();
  for (const member of groups) for (const host of member.hosts) hosts.add(host);
  return hosts;
}

/** The order in which groups' variables are merged: depth, priority, name; the last wins. */
export function compareGroups(left: GroupNode, right: GroupNode): number {
  return left.depth - right.depth || left.priority - right.priority || compareCodePoints(left.name, right.name);
}

function deepen(group: GroupNode, depth: number): void {
  const pending: [GroupNode, number][] = [[group, depth]];
  for (;;) {
    const next = pending.pop();
    if (next === undefined) return;
    const [current, least] = next;
    if (current.depth >= least) continue;
    current.depth = least;
    for (const child of current.children) pending.push([child, least + 1]);
  }
}

function loopError(parent: GroupNode, child: GroupNode): InventoryError {
  return new InventoryError({
    problem: `group ${child.name} cannot be a child of ${parent.name}: that would be a loop`,
    offending: child.name,
    advice: `Remove ${child.name} from [${parent.name}:children], or the line that puts ${parent.name} below it.`,
  });
}

/** Python's `int(value)`. */
function priorityOf(value: InventoryValue): number {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint' || typeof value === 'boolean') return Number(value);
  if (value instanceof PythonFloat && Number.isFinite(value.value)) return Math.trunc(value.value);
  const parsed = typeof value === 'string' ? parsePythonInt(value) : undefined;
  if (parsed !== undefined) return Number(parsed);
  throw new InventoryError({
    problem: 'ansible_group_priority is not a whole number',
    advice: 'Write a number such as ansible_group_priority=10; higher wins among groups of one depth.',
  });
}
