import { AsyncLocalStorage } from 'node:async_hooks';
import { StoreUnavailable } from './errors.ts';
import type { Copy, Route } from './primary/route.ts';

/** What only reads: it goes on, from a copy, while no database takes writes. */
export class Reading {
  /** How old what was read may be, where a copy said it, milliseconds; undefined while all of it came from the database that takes writes. */
  ageMs: number | undefined;
}

const readings = new AsyncLocalStorage<Reading>();
/** A database is asked what it is every second; one that hangs is noticed at the second time. */
const looks = 4;

/** The copy that whoever reads here is to be given; notes that he was. Undefined for whoever may write, and while a database takes writes. */
export function copyForReading(route: Route): Copy | undefined {
  const reading = readings.getStore();
  const copy = reading === undefined ? undefined : route.copy();
  if (reading !== undefined && copy !== undefined) reading.ageMs = Math.max(reading.ageMs ?? 0, copy.ageMs);
  return copy;
}

/**
 * Runs what only reads, and runs it again where the database went away meanwhile: then from a copy, where there is one. It may be called
 * several times. A change that it tries all the same is refused as StoreUnavailable. @throws StoreUnavailable where there is no copy either
 */
export async function readingFrom<T>(route: Route, reading: Reading, work: () => Promise<T>): Promise<T> {
  for (let look = 1; ; look += 1) {
    try {
      return await readings.run(reading, work);
    } catch (error) {
      // From a copy it does not go better the next time.
      const isHopeless = !(error instanceof StoreUnavailable) || reading.ageMs !== undefined || look === looks;
      if (isHopeless || (route.copy() === undefined && !(await route.lookAgain()))) throw error;
    }
  }
}
