import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { jobOf } from '../../../test/elastic-world.ts';
import type { Job } from '../picture/elastic-picture.ts';
import { byTurn, turnOrder } from './job-order.ts';

const number = fc.oneof(fc.nat(3), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }));

const inTurn = (jobs: readonly Job[]): Job[] => [...turnOrder(jobs)].map((at) => jobs[at]!);

describe('the turn of jobs', () => {
  it('is by priority, then by time, then by id', () => {
    const queue = [
      jobOf('c', { submittedAtMs: 1 }),
      jobOf('b', { submittedAtMs: 1 }),
      jobOf('a', { submittedAtMs: 2 }),
      jobOf('z', { priority: 1 }),
    ];
    expect(inTurn(queue).map(({ id }) => id)).toEqual(['z', 'b', 'c', 'a']);
  });

  it('is the same for many, that are sorted digit by digit', () => {
    const one = fc.record({ priority: number, submittedAtMs: number });
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 40 }), (some) => {
        // Enough that they are many, with ties among them.
        const many = Array.from({ length: 2100 }, (_, at) => jobOf(`j${at}`, some[at % some.length]));
        expect(inTurn(many)).toEqual(many.toSorted(byTurn));
      }),
      { numRuns: 20 },
    );
  });
});
