import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { livenessLimits, livenessTimes, restartDelayMs } from './liveness-times.ts';

describe('the threshold in force', () => {
  it.each([
    [40_000, 5, 40_000],
    [10_000, 5, 15_000],
    [40_000, 60, 180_000],
    [0, 5, 15_000],
  ])('of a configured %d ms at %d s between heartbeats is %d ms', (configured, heartbeat, inForce) => {
    expect(livenessTimes(configured, heartbeat).thresholdMs).toBe(inForce);
  });

  it('is never below three intervals nor below what was configured', () => {
    fc.assert(
      fc.property(fc.nat(10_000_000), fc.integer({ min: 1, max: 600 }), (configured, heartbeat) => {
        const { thresholdMs, suspectMs } = livenessTimes(configured, heartbeat);
        expect(thresholdMs).toBeGreaterThanOrEqual(configured);
        expect(thresholdMs).toBeGreaterThanOrEqual(3 * heartbeat * 1000);
        // Nodes lost in one moment were last heard up to one interval apart: all of them are suspects when the first one is due.
        expect(thresholdMs - suspectMs).toBeGreaterThan(heartbeat * 1000);
        // A node that is merely between two heartbeats is none.
        expect(suspectMs).toBeGreaterThan(heartbeat * 1000);
      }),
    );
  });
});

describe('the time to the next restart', () => {
  it('doubles from one threshold on, up to a quarter of an hour', () => {
    const delays = [1, 2, 3, 4, 5, 6, 20].map((attempt) => restartDelayMs(attempt, 40_000, 0));
    expect(delays).toEqual([40_000, 80_000, 160_000, 320_000, 640_000, 900_000, 900_000]);
  });

  it('differs by chance, never to less than one threshold', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 3000, max: 1_800_000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (attempt, thresholdMs, chance) => {
          const delay = restartDelayMs(attempt, thresholdMs, chance);
          expect(delay).toBeGreaterThanOrEqual(thresholdMs);
          expect(delay).toBeLessThanOrEqual(1.5 * Math.max(thresholdMs, livenessLimits.longestDelayMs));
          expect(delay).toBeGreaterThanOrEqual(restartDelayMs(attempt, thresholdMs, 0));
        },
      ),
    );
  });
});
