import { type Member, type MovedNodes, problem, type Promotion } from '@muster/api';
import { foldNames } from '@muster/core';
import type { Call, FakeHandlers } from './call.ts';
import { nodesOfRange } from './range.ts';
import type { FakeWorld } from './world.ts';

function memberOf({ pool }: FakeWorld, { params }: Call): Member {
  const found = pool.members.find(({ id }) => id === params['id']);
  if (found === undefined) throw problem('not-found', 'There is no such server in the pool. Nothing was done.');
  return found;
}

const setState = (state: Member['state']) => (world: FakeWorld, call: Call) => {
  const member = memberOf(world, call);
  member.state = state;
  if (state === 'draining') member.agents = 0;
  return member;
};

/** Begins; a test ends it, as Patroni would. */
function promote(world: FakeWorld, call: Call): Promotion {
  const { id, name } = memberOf(world, call);
  if (world.promotionLoses !== null && !(call.body as { acceptDataLoss: boolean }).acceptDataLoss)
    throw problem('would-lose-data', world.promotionLoses);
  const startedAt = '2026-11-21T10:00:00.000Z';
  const message = `driver1 hands the primary over to ${name}.`;
  world.pool.promotion = {
    memberId: id,
    memberName: name,
    state: 'running',
    kind: 'switch-over',
    from: 'driver1',
    lostBytes: 0,
    message,
    startedAt,
  };
  return world.pool.promotion;
}

function move(world: FakeWorld, { body }: Call): MovedNodes {
  const { range, to } = body as { range: string; to: string | null };
  const names = nodesOfRange(world, range).map(({ node }) => node.name);
  const target = world.pool.members.find(({ id }) => id === to);
  if (target?.state === 'draining')
    throw problem('not-possible-now', `Nothing was done: ${target.name} is draining. Let it take nodes again first (muster pool undrain).`);
  return { range: foldNames(names), count: names.length, already: 0 };
}

/** The servers, and what is done with them. */
export const poolHandlers: FakeHandlers = {
  getPool: ({ pool }) => pool,
  drainMember: setState('draining'),
  undrainMember: setState('active'),
  promoteMember: promote,
  moveNodes: move,
  removeMember: (world, call) => {
    const { id } = memberOf(world, call);
    world.pool.members = world.pool.members.filter((one) => one.id !== id);
  },
};
