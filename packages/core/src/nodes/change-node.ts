import type { Node } from '@muster/api';

/** What changes about what a person decided, the same for many nodes. */
export type DecidedChange = {
  readonly labels: Readonly<Record<string, string>>;
  readonly removeLabels: readonly string[];
  readonly addGroups: readonly string[];
  readonly removeGroups: readonly string[];
  readonly notes?: string | undefined;
  readonly environments?: 'on' | 'off' | undefined;
};

type Changed = Pick<Node, 'labels' | 'groups' | 'notes' | 'environments'>;

/** The most groups a node is in; the wire has the same bound. */
const maxGroups = 64;

/** A node after the change, or why it cannot have it: a sentence. Removing what is not there changes nothing. Pure. */
export function changedNode(node: Changed & Pick<Node, 'name'>, change: DecidedChange): Changed | { readonly refusal: string } {
  const kept = Object.entries(node.labels).filter(([key]) => !change.removeLabels.includes(key));
  const groups = [...new Set([...node.groups.filter((group) => !change.removeGroups.includes(group)), ...change.addGroups])];
  if (groups.length > maxGroups) return { refusal: `${node.name} would be in ${groups.length} groups; at most ${maxGroups} are allowed.` };
  return {
    labels: { ...Object.fromEntries(kept), ...change.labels },
    groups,
    notes: change.notes ?? node.notes,
    environments: change.environments ?? node.environments,
  };
}

/** What a change says twice: a label or group to add and to remove. A sentence, or nothing. Pure. */
export function contradictionIn(change: DecidedChange): string | undefined {
  const label = Object.keys(change.labels).find((key) => change.removeLabels.includes(key));
  if (label !== undefined) return `the label ${label} is both set and removed`;
  const group = change.addGroups.find((name) => change.removeGroups.includes(name));
  return group === undefined ? undefined : `the group ${group} is both added and removed`;
}

/** Whether a change says anything at all. Pure. */
export const saysNothing = (change: DecidedChange): boolean =>
  Object.keys(change.labels).length + change.removeLabels.length + change.addGroups.length + change.removeGroups.length === 0 &&
  change.notes === undefined &&
  change.environments === undefined;
