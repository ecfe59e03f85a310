import type { Clock } from './clock.ts';

type Bucket = { tokens: number; atMs: number };

/** Buckets kept at most; beyond that the full ones are dropped first, since they say nothing. */
const maxBuckets = 10_000;

/** A token bucket for each key (an address): `burst` at once, then `perMinute`. */
export class RateLimit {
  readonly #clock: Clock;
  readonly #perMinute: number;
  readonly #burst: number;
  readonly #buckets = new Map<string, Bucket>();

  constructor(clock: Clock, limit: { perMinute: number; burst: number }) {
    this.#clock = clock;
    this.#perMinute = limit.perMinute;
    this.#burst = limit.burst;
  }

  /** Takes one token; false when there is none and the caller must be turned away. */
  take(key: string): boolean {
    const nowMs = this.#clock.monotonicMs();
    const tokens = this.#tokens(this.#buckets.get(key), nowMs);
    if (this.#buckets.size >= maxBuckets) this.#sweep(nowMs);
    this.#buckets.set(key, { tokens: tokens < 1 ? tokens : tokens - 1, atMs: nowMs });
    return tokens >= 1;
  }

  #tokens(bucket: Bucket | undefined, nowMs: number): number {
    if (bucket === undefined) return this.#burst;
    return Math.min(this.#burst, bucket.tokens + ((nowMs - bucket.atMs) * this.#perMinute) / 60_000);
  }

  #sweep(nowMs: number): void {
    for (const [key, bucket] of this.#buckets) if (this.#tokens(bucket, nowMs) >= this.#burst) this.#buckets.delete(key);
  }
}
