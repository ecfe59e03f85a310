import type { Store } from '@muster/store';
import { whoIs } from '../permissions/who-is.ts';
import type { Handlers } from '../http/handlers.ts';

export type PoolHandlerParts = { readonly store: Pick<Store, 'members' | 'leases'>; readonly serverId: string };

/** The servers of the pool. */
export function poolHandlers({
  store: { members, leases },
  serverId,
}: PoolHandlerParts): Pick<Handlers, 'getPool' | 'drainMember' | 'undrainMember' | 'removeMember'> {
  return {
    getPool: async () => ({ answeredBy: serverId, members: await members.list(), leases: await leases.list() }),
    drainMember: ({ params, session }) => members.setState(params.id, 'draining', whoIs(session)),
    undrainMember: ({ params, session }) => members.setState(params.id, 'active', whoIs(session)),
    removeMember: async ({ params, session }) => {
      await members.remove(params.id, whoIs(session));
      return undefined;
    },
  };
}
