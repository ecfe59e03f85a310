import { NodeReplace, type Node } from '@muster/api';
import { groupsOf, labelsOf, type NewNodeFaults } from '../../nodes/add/new-node.ts';

/** What a person decides about a node, as text in fields. */
export type NodeFields = {
  readonly name: string;
  readonly privateIp: string;
  readonly publicIp: string;
  readonly groups: string;
  readonly labels: string;
  readonly notes: string;
};

export const fieldsOf = (node: Node): NodeFields => ({
  name: node.name,
  privateIp: node.privateIp ?? '',
  publicIp: node.publicIp ?? '',
  groups: node.groups.join(', '),
  labels: Object.entries(node.labels)
    .map(([key, value]) => (value === '' ? key : `${key}=${value}`))
    .join('\n'),
  notes: node.notes,
});

const addressOf = (text: string): string | null => (text.trim() === '' ? null : text.trim());

/** Whether the fields say other than the node. */
export const isChanged = (fields: NodeFields, node: Node): boolean => JSON.stringify(fields) !== JSON.stringify(fieldsOf(node));

/** The replacement that the fields make of a node as it was shown, or what is wrong with them. */
export function replacementOf(fields: NodeFields, node: Node): { readonly body: NodeReplace } | { readonly faults: NewNodeFaults } {
  const parsed = NodeReplace.safeParse({
    name: fields.name.trim(),
    privateIp: addressOf(fields.privateIp),
    publicIp: addressOf(fields.publicIp),
    groups: groupsOf(fields.groups),
    labels: labelsOf(fields.labels),
    notes: fields.notes,
    environments: node.environments,
    revision: node.revision,
  });
  if (parsed.success) return { body: parsed.data };
  const faults: Record<string, string> = {};
  for (const { path, message } of parsed.error.issues) faults[String(path[0])] ??= `${message.charAt(0).toUpperCase()}${message.slice(1)}.`;
  return { faults };
}
