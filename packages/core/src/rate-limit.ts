import type { Clock } from './clock.ts';

type Bucket = { tokens: number; atMs: number };

/** Buckets kept at most, whoever asks: beyond that the one goes that was used longest ago, which is the fullest. */
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
    // Put in anew, so that the map's order is the order of use.
    this.#buckets.delete(key);
    if (this.#buckets.size >= maxBuckets) this.#dropOldest();
    this.#buckets.set(key, { tokens: tokens < 1 ? tokens : tokens - 1, atMs: nowMs });
    return tokens >= 1;
  }

  /** Whether there is a token left; takes none. */
  has(key: string): boolean {
    return this.#tokens(this.#buckets.get(key), this.#clock.monotonicMs()) >= 1;
  }

  #tokens(bucket: Bucket | undefined, nowMs: number): number {
    if (bucket === undefined) return this.#burst;
    return Math.min(this.#burst, bucket.tokens + ((nowMs - bucket.atMs) * this.#perMinute) / 60_000);
  }

  #dropOldest(): void {
    for (const key of this.#buckets.keys()) {
      this.#buckets.delete(key);
      return;
    }
  }
}
