import { problem, type Session } from '@muster/api';
import type { KeyOwner, Store } from '@muster/store';
import type { AuditNotes } from '../audit/audit-line.ts';
import { auditedKey } from '../audit/audited-records.ts';
import type { Handlers } from '../http/handlers.ts';
import type { ApiKeys } from '../people/api-keys.ts';
import { requireMayGive } from './require-may-give.ts';
import { required } from './required.ts';

type KeyRoutes = 'listOwnKeys' | 'makeKey' | 'revokeOwnKey' | 'listKeys' | 'revokeKey';

export type KeyHandlerParts = { readonly store: Pick<Store, 'apiKeys'>; readonly keys: ApiKeys };

export function keyHandlers({ store, keys }: KeyHandlerParts): Pick<Handlers, KeyRoutes> {
  const revoke = async (id: string, owner: KeyOwner, session: Session, audit: AuditNotes) => {
    const before = await store.apiKeys.get(id, owner);
    if (owner === 'all') requireMayGive(session, before);
    const after = await store.apiKeys.revoke(id, owner);
    audit.changed(auditedKey(before), auditedKey(after));
    return after;
  };
  return {
    listOwnKeys: async ({ session }) => {
      const who = required(session);
      // A key sees itself, and nothing of its maker's other keys.
      return { items: who.kind === 'key' ? [await store.apiKeys.get(who.id ?? '', 'all')] : await store.apiKeys.list(ownerOf(who)) };
    },
    makeKey: async ({ session, body, audit }) => {
      const made = await keys.make(required(session), body);
      audit.changed(null, auditedKey(made.key));
      return made;
    },
    revokeOwnKey: async ({ session, params, audit }) => {
      const who = required(session);
      if (who.kind === 'key' && who.id !== params.id) throw problem('not-allowed', 'A key can end itself only.');
      return revoke(params.id, who.kind === 'key' ? 'all' : ownerOf(who), who, audit);
    },
    listKeys: async () => ({ items: await store.apiKeys.list('all') }),
    revokeKey: ({ session, params, audit }) => revoke(params.id, 'all', required(session), audit),
  };
}

/** Whose keys somebody's own are; those made on the server itself belong to it. */
const ownerOf = ({ id }: Session): KeyOwner => ({ ownerId: id });
