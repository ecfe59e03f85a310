import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { later, now } from '../test/authority-fixture.ts';
import { renewalDelaySeconds } from './renewal-delay.ts';

const days = (count: number): number => count * 86_400;
const of90Days = { notBefore: now, notAfter: later(90) };

describe('the delay until a certificate is renewed', () => {
  it('ends at two thirds of its life', () => {
    expect(renewalDelaySeconds({ ...of90Days, now, random: 0.5 })).toBeCloseTo(days(60), 3);
    expect(renewalDelaySeconds({ ...of90Days, now: later(20), random: 0.5 })).toBeCloseTo(days(40), 3);
  });

  it('is spread by 5 % of the life to either side', () => {
    expect(renewalDelaySeconds({ ...of90Days, now, random: 0 })).toBeCloseTo(days(55.5), 3);
    expect(renewalDelaySeconds({ ...of90Days, now, random: 0.999999999 })).toBeCloseTo(days(64.5), 0);
  });

  it.each([65, 89, 90, 1000])('is nothing after %d days', (age) => {
    expect(renewalDelaySeconds({ ...of90Days, now: later(age), random: 0.5 })).toBe(0);
  });

  it('never goes past the end of the life, and counts down with the clock', () => {
    const life = fc.integer({ min: 3_600_000, max: 10 * 366 * 86_400_000 });
    expect(() =>
      fc.assert(
        fc.property(
          life,
          fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
          fc.double({ min: 0, max: 1, noNaN: true }),
          (lifeMs, random, share) => {
            const at = new Date(now.getTime() + Math.floor(lifeMs * share));
            const dates = { notBefore: now, notAfter: new Date(now.getTime() + lifeMs), random };
            const whole = renewalDelaySeconds({ ...dates, now });
            const left = renewalDelaySeconds({ ...dates, now: at });
            const passed = (at.getTime() - now.getTime()) / 1000;
            return whole < lifeMs / 1000 && Math.abs(left - Math.max(0, whole - passed)) < 0.001;
          },
        ),
      ),
    ).not.toThrow();
  });

  it('is refused for dates that make no sense', () => {
    const never = new Date(Number.NaN);
    for (const dates of [{ notBefore: never }, { notAfter: never }, { now: never }, { notAfter: now }, { notAfter: later(-1) }]) {
      expect(() => renewalDelaySeconds({ ...of90Days, now, random: 0.5, ...dates })).toThrow(
        expect.objectContaining({ code: 'invalid-date' }),
      );
    }
  });
});
