import type { RankedType } from '../fit/type-table.ts';
import type { ElasticConfig, RecentFailure } from '../picture/elastic-picture.ts';

/** Why no machine of a type is asked for at the moment. */
export type Suspension = {
  readonly because: 'capacity' | 'rate-limit' | 'bad-image';
  /** Null: until somebody looks at it. */
  readonly untilMs: number | null;
  readonly message: string;
};

const firstRetryMs = 1000;
const lastRetryMs = 180_000;

/** By rank of type: what keeps from asking for it, of several what does so the longest. */
export function suspensionsOf(
  ranked: readonly RankedType[],
  failures: readonly RecentFailure[],
  config: ElasticConfig,
  nowMs: number,
): (Suspension | null)[] {
  if (failures.length === 0) return ranked.map(() => null);
  const byName = new Map(ranked.map((one) => [one.type.name, one]));
  const known = failures.filter(({ typeName }) => byName.has(typeName));
  return ranked.map((one) => {
    const capacity = backOff(
      known.filter((failure) => failure.kind === 'capacity' && reaches(failure, one, byName)),
      config.capacityBackoffMs,
      config.capacityBackoffMaxMs,
    );
    const trouble = backOff(
      known.filter((failure) => isTrouble(failure) && sameProvider(failure, one, byName)),
      firstRetryMs,
      lastRetryMs,
    );
    return longest(one, capacity, trouble, nowMs);
  });
}

const isTrouble = ({ kind }: RecentFailure): boolean => kind === 'rate-limit' || kind === 'transient';

const sameProvider = ({ typeName }: RecentFailure, { type }: RankedType, byName: ReadonlyMap<string, RankedType>): boolean =>
  byName.get(typeName)?.type.provider === type.provider;

/** How far a lack of capacity goes. What can be taken away and what cannot come from different stocks. */
function reaches(failure: RecentFailure, { type }: RankedType, byName: ReadonlyMap<string, RankedType>): boolean {
  const failed = byName.get(failure.typeName)?.type;
  if (failed === undefined || failed.provider !== type.provider || failed.spot !== type.spot) return false;
  if (failure.scope === 'provider') return true;
  if (failure.scope === 'pool') return failed.pool === type.pool;
  if (failure.scope === 'family') return failed.family === type.family;
  return failed.name === type.name;
}

/** Waits after the last failure, doubled with each that came while the wait for the one before it, or as long again, was not over. */
function backOff(failures: readonly RecentFailure[], firstMs: number, lastMs: number): number {
  let [untilMs, waitMs] = [-Infinity, 0];
  for (const { atMs, retryAfterMs } of failures.toSorted((a, b) => a.atMs - b.atMs)) {
    const isInRow = waitMs > 0 && atMs <= untilMs + waitMs;
    const asked = retryAfterMs !== null && retryAfterMs > 0 ? Math.min(lastMs, Math.max(firstMs, retryAfterMs)) : null;
    waitMs = asked ?? (isInRow ? Math.min(lastMs, waitMs * 2) : firstMs);
    untilMs = Math.max(untilMs, atMs + waitMs);
  }
  return untilMs;
}

function longest({ type }: RankedType, capacityMs: number, troubleMs: number, nowMs: number): Suspension | null {
  const untilMs = Math.max(capacityMs, troubleMs);
  if (untilMs <= nowMs) return null;
  if (capacityMs >= troubleMs)
    return { because: 'capacity', untilMs, message: `${type.provider} has no ${type.name} to give at the moment.` };
  return { because: 'rate-limit', untilMs, message: `${type.provider} has asked for a pause, or does not answer well.` };
}
