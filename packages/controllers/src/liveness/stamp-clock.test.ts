import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StampClock } from './stamp-clock.ts';

describe('the age of what happened', () => {
  it('is the database’s for what it first sees, and goes on growing here', () => {
    const clock = new StampClock();
    clock.read([{ key: 'a', stamp: 'x', ageMs: 7000 }], 1000);
    expect([clock.ageMs('a', 1000), clock.ageMs('a', 5000)]).toEqual([7000, 11_000]);
    // The same stamp says nothing new, whatever its age is said to be by now.
    clock.read([{ key: 'a', stamp: 'x', ageMs: 0 }], 6000);
    expect(clock.ageMs('a', 6000)).toBe(12_000);
  });

  it('is between this look and the one before for a new stamp, whatever the database’s clock says', () => {
    const clock = new StampClock();
    clock.read([{ key: 'a', stamp: 'x', ageMs: 0 }], 0);
    clock.read([{ key: 'a', stamp: 'y', ageMs: 3000 }], 5000);
    expect(clock.ageMs('a', 5000)).toBe(3000);
    clock.read([{ key: 'a', stamp: 'z', ageMs: 86_400_000 }], 10_000);
    expect(clock.ageMs('a', 10_000)).toBe(5000);
  });

  it('is infinite for what never happened, and finite once it has', () => {
    const clock = new StampClock();
    clock.read([{ key: 'a', stamp: null, ageMs: null }], 1000);
    expect([clock.ageMs('a', 1000), clock.ageMs('nobody', 1000)]).toEqual([Infinity, Infinity]);
    clock.read([{ key: 'a', stamp: 'x', ageMs: 10 }], 2000);
    expect(clock.ageMs('a', 2000)).toBe(10);
  });

  it('is forgotten with its key', () => {
    const clock = new StampClock();
    clock.read([{ key: 'a', stamp: 'x', ageMs: 10 }], 0);
    clock.read([], 5);
    expect(clock.ageMs('a', 5)).toBe(Infinity);
  });

  it('is never more than a look too old or too young after the first look, however the database’s clock is set', () => {
    const step = fc.record({ passMs: fc.integer({ min: 1, max: 5000 }), happens: fc.boolean(), saysMs: fc.nat(100_000_000) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 40 }), (steps) => {
        const clock = new StampClock();
        clock.read([{ key: 'a', stamp: '0', ageMs: 0 }], 0);
        let [nowMs, happenedMs, count] = [0, 0, 0];
        for (const { passMs, happens, saysMs } of steps) {
          const readBeforeMs = nowMs;
          nowMs += passMs;
          if (happens) {
            count += 1;
            happenedMs = nowMs;
          }
          clock.read([{ key: 'a', stamp: String(count), ageMs: saysMs }], nowMs);
          const tooMuch = clock.ageMs('a', nowMs) - (nowMs - happenedMs);
          expect(tooMuch).toBeGreaterThanOrEqual(0);
          if (happens) expect(tooMuch).toBeLessThanOrEqual(nowMs - readBeforeMs);
        }
      }),
    );
  });
});
