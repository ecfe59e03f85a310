import type { InstanceType } from '../picture/elastic-picture.ts';

/** What a machine of a type has for jobs. Infinite where the type does not say. */
export type Capacity = { readonly cores: number; readonly memoryBytes: number; readonly scratchBytes: number; readonly gpus: number };

/** A type in the order of all of them. */
export type RankedType = {
  readonly type: InstanceType;
  /** Its place: 0 is the cheapest. */
  readonly rank: number;
  readonly capacity: Capacity;
};

/**
 * Types cheapest first; among those of one price the bigger one, then by name. So the order in which they are configured decides nothing, and
 * equal choices are made alike each time. Of two with the same name the cheaper one counts.
 */
export function rankTypes(types: readonly InstanceType[], memoryFactor: number): RankedType[] {
  const seen = new Set<string>();
  const ordered = types.toSorted(byPrice).filter(({ name }) => !seen.has(name) && seen.add(name));
  return ordered.map((type, rank) => ({ type, rank, capacity: capacityOf(type, memoryFactor) }));
}

function byPrice(a: InstanceType, b: InstanceType): number {
  return (
    a.pricePerHourMicros - b.pricePerHourMicros ||
    b.memoryBytes - a.memoryBytes ||
    b.cores - a.cores ||
    b.scratchBytes - a.scratchBytes ||
    b.gpus - a.gpus ||
    (a.name < b.name ? -1 : 1)
  );
}

const known = (amount: number): number => (amount === 0 ? Infinity : amount);

function capacityOf({ cores, memoryBytes, memoryFactor: own, scratchBytes, gpus }: InstanceType, memoryFactor: number): Capacity {
  const memory = Math.floor(memoryBytes * (own ?? memoryFactor));
  return { cores: known(cores), memoryBytes: memoryBytes === 0 ? Infinity : memory, scratchBytes: known(scratchBytes), gpus };
}
