import type { PoolDatabase } from '@muster/api';

/** What a member sees of its own copy of the database and of the others. */
export type StepAsidePicture = {
  readonly selfId: string;
  readonly database: Pick<PoolDatabase, 'copies'>;
  /** What the disk of its copy has left; null where that is not known. */
  readonly freeBytes: number | null;
  /** Since it last stepped aside, milliseconds; null where it never did. */
  readonly msSinceLast: number | null;
};

export type StepAside =
  | { readonly kind: 'stay' }
  | { readonly kind: 'step-aside'; readonly to: string }
  /** There is no other copy that has all that was acknowledged. */
  | { readonly kind: 'nowhere' };

export const stepAside = {
  /** Less than this, and the log of PostgreSQL has no room for long: eight of its files. */
  leastFreeBytes: 128 * 1024 * 1024,
  /** The other one's disk may be full as well: the primary does not go to and fro. */
  leastPauseMs: 10 * 60_000,
};

/** Whether a disk has so little left that the database on it is about to refuse writes. */
export const isNearlyFull = (freeBytes: number): boolean => freeBytes < stepAside.leastFreeBytes;

/**
 * Whether the member that has the primary gives it away because its disk is full: PostgreSQL goes on with whatever needs no room and refuses
 * the rest, so nobody else takes its place by itself. A copy that each write waited for has a disk on which there was room for them. Pure.
 */
export function decideStepAside({ selfId, database, freeBytes, msSinceLast }: StepAsidePicture): StepAside {
  const isPrimary = database.copies.some(({ role, memberId }) => role === 'primary' && memberId === selfId);
  if (!isPrimary || freeBytes === null || !isNearlyFull(freeBytes)) return { kind: 'stay' };
  if (msSinceLast !== null && msSinceLast < stepAside.leastPauseMs) return { kind: 'stay' };
  const copy = database.copies.find(({ role, synchronous, memberId }) => role === 'replica' && synchronous === true && memberId !== null);
  return copy === undefined || copy.memberId === null ? { kind: 'nowhere' } : { kind: 'step-aside', to: copy.memberId };
}
