import type { PoolStatus } from '@muster/api';

/** A server as far as an upgrade goes by it. */
type UpgradeHost = {
  readonly name: string;
  /** Its server, where that answers. */
  readonly member?: { readonly id: string; readonly isPrimary: boolean };
};

/**
 * In which order the servers of a pool are upgraded: those that do not work first, because nobody misses them and the pool has more afterwards;
 * the one with the primary of the database last. Otherwise as given.
 */
export function upgradeOrder<Host extends UpgradeHost>(hosts: readonly Host[]): Host[] {
  const rank = ({ member }: Host): number => (member === undefined ? 0 : member.isPrimary ? 2 : 1);
  return hosts.toSorted((one, other) => rank(one) - rank(other));
}

/** What of a pool's status decides. */
export type UpgradePool = {
  readonly members: readonly Pick<PoolStatus['members'][number], 'id' | 'name' | 'state' | 'lostAt' | 'agents'>[];
  readonly database: Pick<PoolStatus['database'], 'kind' | 'protection'>;
  readonly promotion: Pick<NonNullable<PoolStatus['promotion']>, 'state' | 'memberName'> | null;
  readonly ageSeconds: number | null;
};

/** Why the server of a member must not be stopped now, in a sentence with what to do; null where it may. */
export function whyNotStop({ members, database, promotion, ageSeconds }: UpgradePool, id: string): string | null {
  const others = members.filter((one) => one.id !== id);
  const gone = others.filter(({ lostAt }) => lostAt !== null).map(({ name }) => name);
  const draining = others.filter(({ state }) => state === 'draining').map(({ name }) => name);
  if (ageSeconds !== null) return 'The database does not answer. Mend that first (muster pool status).';
  if (promotion?.state === 'running') return `The primary is being moved to ${promotion.memberName}. Wait until that is over.`;
  if (others.length === 0) return 'The pool knows no other member that could serve meanwhile. See muster pool status.';
  if (gone.length > 0)
    return `${gone.join(', ')} ${gone.length === 1 ? 'is' : 'are'} not there. Start Muster there first; one that will not be back: muster pool remove NAME.`;
  if (draining.length > 0)
    return `${draining.join(', ')} ${draining.length === 1 ? 'gives its' : 'give their'} nodes away: somebody works there, or another upgrade does. When that is over: muster pool undrain NAME.`;
  if (database.kind === 'pool' && database.protection !== 'synchronous')
    return 'Not every copy of the database is there and in step: what is written now would be in one copy only. Wait for it, or mend that first (muster pool status).';
  return null;
}

/**
 * How many agents a member is to have again before the next one is stopped: what it had, but no more than its even share, because others may have
 * gained by wishes and zones meanwhile.
 */
export function shareToWaitFor(members: UpgradePool['members'], before: number): number {
  const active = members.filter(({ state, lostAt }) => state === 'active' && lostAt === null);
  const all = active.reduce((sum, { agents }) => sum + agents, 0);
  return active.length === 0 ? 0 : Math.min(before, Math.floor(all / active.length));
}
