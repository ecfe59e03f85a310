import type { ApiKey, Node, Person } from '@muster/api';
import type { Store, StoredView } from '@muster/store';

/** A thing as the audit log keeps it. */
export type AuditedThing = { readonly id: string; readonly name: string; readonly record: Record<string, unknown> };
/** Reads things of one kind, by the first part of their paths; undefined where there is none. */
export type AuditedRecords = Readonly<Record<string, (idOrName: string) => Promise<AuditedThing | undefined>>>;

/** How a changed thing is read before and after, by the first part of its path. Only what somebody decided, nothing that was observed. */
export function auditedRecords({ nodes, people, views }: Pick<Store, 'nodes' | 'people' | 'views'>): AuditedRecords {
  return {
    nodes: async (idOrName) => auditedNode(await nodes.get(idOrName)),
    people: async (idOrName) => auditedPerson(await people.get(idOrName)),
    views: async (id) => auditedView(await views.get(id)),
  };
}

const auditedView = ({ id, name, ownerName, shared, query }: StoredView): AuditedThing => ({
  id,
  name,
  record: { name, ownerName, shared, query },
});

function auditedNode(node: Node): AuditedThing {
  const { id, name, privateIp, publicIp, labels, groups, environments, notes, maintenance, scheduling, registration, revision } = node;
  const record = { name, privateIp, publicIp, labels, groups, environments, notes, maintenance, scheduling, registration, revision };
  return { id, name, record: { ...record, certificateSerial: node.certificateSerial } };
}

export function auditedPerson({ id, email, name, role, groups, mayExec, state, hasPassword, twoFactor, provider }: Person): AuditedThing {
  return { id, name: email, record: { email, name, role, groups, mayExec, state, hasPassword, twoFactor, provider } };
}

export function auditedKey({ id, name, prefix, ownerName, role, groups, mayExec, expiresAt, revokedAt }: ApiKey): AuditedThing {
  return { id, name, record: { name, prefix, ownerName, role, groups, mayExec, expiresAt, revokedAt } };
}
