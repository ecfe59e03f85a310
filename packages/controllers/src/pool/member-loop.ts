import { type Clock, decideMembers, type Log, poolTimes } from '@muster/core';
import type { StoreTables } from '@muster/store';
import { Rounds } from '../rounds.ts';

export type MemberLoopParts = {
  readonly store: Pick<StoreTables, 'members' | 'serverRuns'>;
  readonly serverId: string;
  readonly clock: Clock;
  readonly log: Log;
};

/**
 * Notices servers that are gone. It runs under a lease that is lost when the database is away, and begins anew after that: how long it has run
 * is for how long the others could be heard.
 */
export function makeMemberLoop({ store, serverId, clock, log }: MemberLoopParts): Rounds {
  const beganMs = clock.monotonicMs();
  const round = async () => {
    const members = await store.members.list();
    const gone = decideMembers({ members, ownId: serverId, steadyMs: clock.monotonicMs() - beganMs });
    const lost = await store.members.markLost(gone, poolTimes.lost);
    for (const { id, name, lostAt } of members) {
      if (lost.includes(id)) log.warn({ member: name }, 'a server of the pool is not heard any more');
      // In every round: whoever noticed first may have been killed before this, and one that stopped has told nobody of its runs.
      if (id !== serverId && (lostAt !== null || lost.includes(id)))
        await store.serverRuns.interruptLeftOver(id, `${name}, which ran it, is not heard any more.`);
    }
  };
  return new Rounds({ everyMs: 1000, log, round, failure: 'the servers of the pool could not be looked at; tried again in a second' });
}
