import type { Blocked } from '../fit/place-jobs.ts';
import type { InstanceType } from '../picture/elastic-picture.ts';
import type { WaitingBecause } from './elastic-plan.ts';

/**
 * Places under limits that jobs wait for, and that a machine without work could give up. Each that goes anyway, or is going already, counts
 * as one of them.
 */
export class FreedPlaces {
  #anywhere = 0;
  readonly #inPool = new Map<string, number>();
  readonly #atProvider = new Map<string, number>();

  constructor(blocked: readonly Blocked[]) {
    for (const { block, type, machines } of blocked) if (type !== null) this.#want(block.because, type, machines);
  }

  /** Whether a job waits for a place that a machine of this type would take. */
  wants({ pool, provider }: InstanceType): boolean {
    return this.#anywhere > 0 || (this.#inPool.get(pool) ?? 0) > 0 || (this.#atProvider.get(provider) ?? 0) > 0;
  }

  /** Whether a job waits for the place that a machine of this type would leave; it is then given to that job. */
  give(type: InstanceType | null): boolean {
    if (this.#anywhere > 0) {
      this.#anywhere -= 1;
      return true;
    }
    return type !== null && (giveOne(this.#inPool, type.pool) || giveOne(this.#atProvider, type.provider));
  }

  #want(because: WaitingBecause, { pool, provider }: InstanceType, count: number): void {
    if (because === 'max-nodes' || because === 'price-cap') this.#anywhere += count;
    if (because === 'pool-max-nodes' || because === 'pool-price-cap') this.#inPool.set(pool, (this.#inPool.get(pool) ?? 0) + count);
    if (because === 'quota') this.#atProvider.set(provider, (this.#atProvider.get(provider) ?? 0) + count);
  }
}

function giveOne(places: Map<string, number>, key: string): boolean {
  const count = places.get(key) ?? 0;
  if (count > 0) places.set(key, count - 1);
  return count > 0;
}
