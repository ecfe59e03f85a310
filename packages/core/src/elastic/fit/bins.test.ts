import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { GiB } from '../../../test/elastic-world.ts';
import type { Need } from '../picture/elastic-picture.ts';
import { Bins } from './bins.ts';

const need = (change: Partial<Need> = {}): Need => ({ cores: 1, memoryBytes: GiB, scratchBytes: 0, gpus: 0, exclusive: false, ...change });
const capacity = { cores: 4, memoryBytes: 8 * GiB, scratchBytes: Infinity, gpus: 0 };

const anyNeed = fc.record({
  cores: fc.nat(4),
  memoryBytes: fc.nat(8).map((amount) => amount * GiB),
  scratchBytes: fc.constantFrom(0, GiB),
  gpus: fc.constantFrom(0, 0, 1),
  exclusive: fc.constantFrom(false, false, false, true),
});
const anyCapacity = fc.record({
  cores: fc.constantFrom(0, 1, 4, Infinity),
  memoryBytes: fc.nat(9).map((amount) => amount * GiB),
  scratchBytes: fc.constantFrom(0, Infinity),
  gpus: fc.nat(2),
});

/** The same without any of what makes it quick. */
class PlainBins {
  readonly rows: { free: Need; places: number; whole: boolean }[] = [];

  add(free: Omit<Need, 'exclusive'>, places: number): void {
    this.rows.push({ free: { ...free, exclusive: false }, places, whole: true });
  }

  put(at: number, asked: Need): void {
    const row = this.rows[at]!;
    row.whole = false;
    row.places = asked.exclusive ? 0 : row.places - 1;
    const { cores, memoryBytes, scratchBytes, gpus } = row.free;
    row.free = {
      cores: cores - asked.cores,
      memoryBytes: memoryBytes - asked.memoryBytes,
      scratchBytes: scratchBytes - asked.scratchBytes,
      gpus: gpus - asked.gpus,
      exclusive: false,
    };
  }

  next(asked: Need, from: number, end: number): number {
    return this.rows.findIndex(
      ({ free, places, whole }, at) =>
        at >= from &&
        at < end &&
        places >= 1 &&
        (!asked.exclusive || whole) &&
        free.cores >= asked.cores &&
        free.memoryBytes >= asked.memoryBytes &&
        free.scratchBytes >= asked.scratchBytes &&
        free.gpus >= asked.gpus,
    );
  }
}

describe('bins', () => {
  it('give the first with room, until it is full', () => {
    const bins = new Bins(0);
    for (let at = 0; at < 3; at += 1) bins.add(capacity, Infinity);
    const placed = Array.from({ length: 9 }, (_, job) => {
      const at = bins.next(need(), 0, bins.length);
      bins.put(at, need(), `j${job}`);
      return at;
    });
    expect(placed).toEqual([0, 0, 0, 0, 1, 1, 1, 1, 2]);
    expect(bins.jobIds[2]).toEqual(['j8']);
    expect(bins.next(need({ exclusive: true }), 0, 3)).toBe(-1);
  });

  it('find what a plain search finds, whatever is asked in whatever order', () => {
    const row = fc.tuple(anyCapacity, fc.constantFrom(0, 1, 2, Infinity));
    const ask = fc.tuple(anyNeed, fc.nat(80), fc.nat(80));
    fc.assert(
      fc.property(fc.array(row, { maxLength: 80 }), fc.array(ask, { maxLength: 120 }), fc.nat(1), (rows, asks, least) => {
        const [bins, plain] = [new Bins(least), new PlainBins()];
        for (const [free, places] of rows) {
          bins.add(free, places);
          plain.add(free, places);
        }
        for (const [asked, from, end] of asks) {
          if (asked.cores < least) continue;
          const found = bins.next(asked, Math.min(from, rows.length), Math.min(end, rows.length));
          expect(found).toBe(plain.next(asked, from, end));
          if (found === -1) continue;
          bins.put(found, asked, 'j');
          plain.put(found, asked);
        }
      }),
    );
  });
});
