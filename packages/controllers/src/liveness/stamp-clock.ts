/** Something that happened last, as the database tells it: which moment that was, and how long ago by its clock. */
export type Stamp = {
  readonly key: string;
  /** Only compared with the one before. */
  readonly stamp: string | null;
  /** Milliseconds; null where nothing ever happened. */
  readonly ageMs: number | null;
};

type Seen = { readonly stamp: string | null; readonly atMs: number; readonly readAtMs: number };

/**
 * How long ago things happened, by this process's monotonic clock. The database is believed once: for the age of what happened before
 * this process first looked. After that only the change of a stamp counts, and how much time has passed here; so it does not matter when
 * a clock is set, here, there or on a node, or what time of day it is.
 */
export class StampClock {
  readonly #seen = new Map<string, Seen>();

  /** Takes in what was read at a moment of the monotonic clock. What is not in it is forgotten. */
  read(stamps: readonly Stamp[], readAtMs: number): void {
    const known = new Set(stamps.map(({ key }) => key));
    for (const key of this.#seen.keys()) if (!known.has(key)) this.#seen.delete(key);
    for (const { key, stamp, ageMs } of stamps) {
      const before = this.#seen.get(key);
      // Between two looks it happened then, whatever the database's clock says by now.
      const mostMs = before === undefined ? Infinity : readAtMs - before.readAtMs;
      const atMs = before?.stamp === stamp ? before.atMs : readAtMs - Math.min(ageMs ?? Infinity, mostMs);
      this.#seen.set(key, { stamp, atMs, readAtMs });
    }
  }

  /** Milliseconds since it happened, by a moment of the monotonic clock; infinite when it never did. */
  ageMs(key: string, nowMs: number): number {
    return nowMs - (this.#seen.get(key)?.atMs ?? -Infinity);
  }
}
