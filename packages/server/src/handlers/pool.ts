import { type Member, type MovedNodes, type PoolDatabase, type PoolStatus, problem } from '@muster/api';
import { type DatabaseSight, describeDatabase, foldNames } from '@muster/core';
import { isStoreUnavailable, type Store } from '@muster/store';
import type { Call, Handlers } from '../http/handlers.ts';
import { whoIs } from '../permissions/who-is.ts';
import { requireWholeInstallation } from '../permissions/require-whole-installation.ts';
import type { PoolView } from '../pool/pool-view.ts';
import { type Promoter, promotionLease } from '../pool/promoter.ts';
import { resolveRange } from '../ranges/resolve-range.ts';
import { refuseNodes } from './refuse-nodes.ts';

export type PoolHandlerParts = {
  readonly store: Pick<Store, 'members' | 'leases' | 'places' | 'nodes' | 'sight'>;
  readonly serverId: string;
  /** What this server remembers of the others. */
  readonly pool: Pick<PoolView, 'members' | 'ageMs'>;
  readonly databaseKind: PoolDatabase['kind'];
  readonly promoter: Pick<Promoter, 'begin' | 'last'>;
};

/** The servers of the pool. */
export function poolHandlers(
  parts: PoolHandlerParts,
): Pick<Handlers, 'getPool' | 'drainMember' | 'undrainMember' | 'removeMember' | 'moveNodes' | 'promoteMember'> {
  const { store } = parts;
  const { members } = store;
  return {
    getPool: () => statusOf(parts),
    promoteMember: async ({ params, body, session }) => {
      requireWholeInstallation(session);
      const known = await membersNow(parts, await store.sight());
      const member = known.members.find(({ id }) => id === params.id);
      if (member === undefined) throw problem('not-found', 'There is no such server in the pool. Nothing was done.');
      return parts.promoter.begin({ member, acceptDataLoss: body.acceptDataLoss, by: whoIs(session) });
    },
    drainMember: async ({ params, session }) => {
      requireWholeInstallation(session);
      return members.setState(params.id, 'draining', whoIs(session));
    },
    undrainMember: async ({ params, session }) => {
      requireWholeInstallation(session);
      return members.setState(params.id, 'active', whoIs(session));
    },
    removeMember: async ({ params, session }) => {
      requireWholeInstallation(session);
      await members.remove(params.id, whoIs(session));
      return undefined;
    },
    moveNodes: (call) => moveNodes(store, call),
  };
}

type Known = Pick<PoolStatus, 'members' | 'leases' | 'ageSeconds'>;

/** Who is there, from memory while the database is away: then people need it most, and nobody is kept waiting for what does not come. */
async function membersNow({ store, pool }: PoolHandlerParts, { copies }: DatabaseSight): Promise<Known> {
  try {
    if (copies.some(({ role }) => role === 'primary'))
      return { members: await store.members.list(), leases: await store.leases.list(), ageSeconds: null };
  } catch (error) {
    if (!isStoreUnavailable(error)) throw error;
  }
  const { ageMs } = pool;
  const members = pool.members.map((member) => ({ ...member, heardAgeMs: member.heardAgeMs + ageMs }));
  return { members, leases: [], ageSeconds: ageMs / 1000 };
}

async function statusOf(parts: PoolHandlerParts): Promise<PoolStatus> {
  const sight = await parts.store.sight();
  const { members, leases, ageSeconds } = await membersNow(parts, sight);
  return {
    answeredBy: parts.serverId,
    members,
    leases: leases.filter(({ name }) => name !== promotionLease),
    database: describeDatabase(parts.databaseKind, sight, members),
    promotion: parts.promoter.last,
    ageSeconds,
  };
}

/** Everything is checked before anything is changed; to ask once more changes nothing. @throws ProblemError */
async function moveNodes(store: PoolHandlerParts['store'], { body, session, audit }: Call<'moveNodes'>): Promise<MovedNodes> {
  const meant = await resolveRange(store, body.range);
  refuseNodes(session, 'change', meant);
  audit.concerns(meant.map(({ name }) => name));
  const members = await store.members.list();
  const to = body.to === null ? null : usable(members, body.to);
  const places = new Map((await store.places.list()).map((one) => [one.nodeId, one]));
  const firstOf = (id: string) => places.get(id)?.servers[0];
  if (body.from !== undefined) refuseOthers(meant, body.from, (id) => [body.from, to?.id].includes(firstOf(id)));
  const already = meant.filter(({ id }) => (to === null ? places.get(id)?.wish.length === 0 : firstOf(id) === to.id)).length;
  await store.places.wish(
    meant.map(({ id }) => id),
    to,
    whoIs(session),
  );
  return { range: foldNames(meant.map(({ name }) => name)), count: meant.length, already };
}

function usable(members: readonly Member[], id: string): Member {
  const member = members.find((one) => one.id === id);
  if (member === undefined) throw problem('not-found', 'There is no such server in the pool. Nothing was done.');
  if (member.lostAt !== null) throw problem('not-possible-now', `Nothing was done: ${member.name} is not there. Start Muster on it first.`);
  if (member.state === 'draining')
    throw problem('not-possible-now', `Nothing was done: ${member.name} is draining. Let it take nodes again first (muster pool undrain).`);
  return member;
}

function refuseOthers(meant: readonly { id: string; name: string }[], from: string, isThere: (id: string) => boolean): void {
  const others = meant.filter(({ id }) => !isThere(id)).map(({ name }) => name);
  if (others.length === 0) return;
  throw problem(
    'not-possible-now',
    `Nothing was done: ${foldNames(others)} ${others.length === 1 ? 'does' : 'do'} not belong to the server that they are to leave (${from}).`,
    others.slice(0, 20).map((name) => ({ path: name, message: 'belongs to another server' })),
  );
}
