import type { RankedType } from '../fit/type-table.ts';
import type { WaitingBecause } from '../plan/elastic-plan.ts';
import { machines, readableMoney } from '../plan/words.ts';
import type { Suspension } from './suspensions.ts';

/** What is left under a limit of the whole cluster or of one pool; infinite where there is none. */
export type Left = { nodes: number; priceMicros: number; readonly maxNodes: number; readonly capMicros: number };

export type RoomInput = {
  readonly ranked: readonly RankedType[];
  readonly all: Left;
  readonly pools: ReadonlyMap<string, Left>;
  /** By provider: how many more it is taken to allow. */
  readonly quota: ReadonlyMap<string, number>;
  /** By rank: owned machines that are off. */
  readonly off: readonly number[];
  readonly suspensions: readonly (Suspension | null)[];
};

/** Why no machine of a type can be had now. */
export type Block = { readonly because: WaitingBecause; readonly message: string };

/**
 * How many more machines there may be, and at what price. It only gets less, but for what is given back: once a type cannot be had, it cannot
 * be had for anybody after.
 */
export class Room {
  readonly #input: RoomInput;
  readonly #quota: Map<string, number>;
  readonly #off: number[];
  /** By rank: how many there may be at most besides all limits; infinite but for a share of what the price cap allows. */
  readonly #shares: number[];

  constructor(input: RoomInput, shares: readonly number[] | null = null) {
    this.#input = { ...input, all: { ...input.all }, pools: new Map([...input.pools].map(([name, left]) => [name, { ...left }])) };
    this.#quota = new Map(input.quota);
    this.#off = [...input.off];
    this.#shares = input.ranked.map(({ rank }) => shares?.[rank] ?? Infinity);
  }

  /**
   * What keeps from one more of a type; null where nothing does. Of several reasons the narrowest is told, since no place that is given up
   * elsewhere would help against it.
   */
  blockOf(one: RankedType): Block | null {
    const suspension = this.#input.suspensions[one.rank] ?? null;
    if (suspension !== null) return { because: suspension.because, message: suspension.message };
    return this.#sourceBlock(one) ?? this.#poolBlock(one) ?? this.#allBlock(one);
  }

  /** From here on only the price itself counts, no more its shares. */
  endShares(): void {
    this.#shares.fill(Infinity);
  }

  take(one: RankedType): void {
    this.#change(one, 1);
  }

  giveBack(one: RankedType): void {
    this.#change(one, -1);
  }

  #sourceBlock({ type, rank }: RankedType): Block | null {
    if (type.owned) {
      if ((this.#off[rank] ?? 0) >= 1) return null;
      return { because: 'no-owned-machine', message: `No ${type.name} is off that could be powered on.` };
    }
    if ((this.#quota.get(type.provider) ?? Infinity) >= 1) return null;
    return { because: 'quota', message: `${type.provider} has said that its quota is reached.` };
  }

  #poolBlock({ type }: RankedType): Block | null {
    const pool = this.#input.pools.get(type.pool);
    if (pool === undefined) return null;
    if (pool.nodes < 1) {
      return { because: 'pool-max-nodes', message: `At most ${machines(pool.maxNodes)} of ${type.pool} may be up, and there are as many.` };
    }
    if (type.pricePerHourMicros <= pool.priceMicros) return null;
    const cap = readableMoney(pool.capMicros);
    return { because: 'pool-price-cap', message: `One more ${type.name} would cost more than the cap of ${type.pool}, ${cap} an hour.` };
  }

  #allBlock({ type, rank }: RankedType): Block | null {
    const { all } = this.#input;
    if (all.nodes < 1) return { because: 'max-nodes', message: `At most ${machines(all.maxNodes)} may be up, and there are as many.` };
    if (type.pricePerHourMicros <= all.priceMicros && (this.#shares[rank] ?? 0) >= 1) return null;
    return {
      because: 'price-cap',
      message: `One more ${type.name} would cost more than the cap of ${readableMoney(all.capMicros)} an hour.`,
    };
  }

  #change({ type, rank }: RankedType, by: number): void {
    for (const left of [this.#input.all, this.#input.pools.get(type.pool)]) {
      if (left === undefined) continue;
      left.nodes -= by;
      left.priceMicros -= by * type.pricePerHourMicros;
    }
    this.#shares[rank] = (this.#shares[rank] ?? 0) - by;
    if (type.owned) this.#off[rank] = (this.#off[rank] ?? 0) - by;
    else this.#quota.set(type.provider, (this.#quota.get(type.provider) ?? Infinity) - by);
  }
}
