/** Times of the pool, all in seconds. */
export const poolTimes = {
  /** How often a server says that it is there, and prolongs its leases. */
  sign: 1,
  renewal: 2,
  /** How long a lease is good after it was prolonged. */
  lease: 6,
  /** A server that is not heard for so long is gone. */
  lost: 6,
  /** After so long without a sign another process may take the place of the one that gave them, as after a crash. */
  orphan: 3,
} as const;

export type MemberPicture = {
  readonly members: readonly { readonly id: string; readonly heardAgeMs: number; readonly lostAt: string | null }[];
  /** The server that decides. */
  readonly ownId: string;
  /** For how long it could write to the database without a gap, milliseconds. */
  readonly steadyMs: number;
};

/**
 * The servers that are gone. While the database was away nobody was heard: who decides waits until the others had time to be heard again, and
 * never decides about itself.
 */
export function decideMembers({ members, ownId, steadyMs }: MemberPicture): string[] {
  if (steadyMs < 1000 * (poolTimes.lost + poolTimes.renewal)) return [];
  return members
    .filter(({ id, heardAgeMs, lostAt }) => id !== ownId && lostAt === null && heardAgeMs > 1000 * poolTimes.lost)
    .map(({ id }) => id);
}
