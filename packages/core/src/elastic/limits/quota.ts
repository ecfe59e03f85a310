import type { ElasticConfig, RecentFailure } from '../picture/elastic-picture.ts';

/** What a provider's machines tell of its quota. */
export type ProviderCount = {
  /** All of the provider's that count: those that come and go as well. */
  readonly instances: number;
  /** When the last one was made that is there. */
  readonly newestAtMs: number;
  /** Whether one is being made whose outcome is not known. */
  readonly creating: number;
};

/**
 * How many machines a provider is taken to allow; infinite where it has said nothing. Its last refusal sets it to the number there was. It is
 * felt upward by one at a time: when a machine was made since (quotas are often of cores, not machines), and when the refusal is
 * `quotaProbeAfterMs` old, since it may have been raised. So a refusal with no machine at all does not stop everything for good.
 */
export function quotaOf(refusals: readonly RecentFailure[], count: ProviderCount, config: ElasticConfig, nowMs: number): number {
  // Of two at the same moment the stricter one counts.
  const [last] = refusals.toSorted((a, b) => b.atMs - a.atMs || a.instancesThen - b.instancesThen);
  if (last === undefined) return Infinity;
  const settled = count.instances - count.creating;
  const succeeded = count.newestAtMs > last.atMs && settled >= last.instancesThen;
  const isOld = nowMs - last.atMs >= config.quotaProbeAfterMs;
  return succeeded || isOld ? Math.max(last.instancesThen, settled) + 1 : last.instancesThen;
}
