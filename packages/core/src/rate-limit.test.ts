import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Clock } from './clock.ts';
import { RateLimit } from './rate-limit.ts';

/** A clock in the test's hand; its wall clock is of no use to a limit. */
class FakeClock implements Clock {
  nowMs = 0;
  monotonicMs = (): number => this.nowMs;
  wallMs = (): number => {
    throw new Error('a rate limit must not look at the wall clock');
  };
}

const takes = (limit: RateLimit, key: string, times: number) => Array.from({ length: times }, () => limit.take(key));

describe('a rate limit', () => {
  const clock = new FakeClock();
  const limitOf = (perMinute: number, burst: number) => {
    clock.nowMs = 0;
    return new RateLimit(clock, { perMinute, burst });
  };

  it('lets a burst through and then turns away', () => {
    expect(takes(limitOf(60, 3), 'a', 5)).toEqual([true, true, true, false, false]);
  });

  it('gives a token back as time passes, also to one who kept knocking', () => {
    const limit = limitOf(60, 1);
    expect(limit.take('a')).toBe(true);
    for (clock.nowMs = 100; clock.nowMs < 1000; clock.nowMs += 100) expect(limit.take('a')).toBe(false);
    clock.nowMs = 1001;
    expect(limit.take('a')).toBe(true);
  });

  it('never saves up more than the burst', () => {
    const limit = limitOf(60, 2);
    limit.take('a');
    clock.nowMs = 3_600_000;
    expect(takes(limit, 'a', 4)).toEqual([true, true, false, false]);
  });

  it('counts each key by itself', () => {
    const limit = limitOf(1, 1);
    expect([limit.take('a'), limit.take('a'), limit.take('b')]).toEqual([true, false, true]);
  });

  it('forgets the key used longest ago when there are too many, not the one that knocks', () => {
    const limit = limitOf(1, 1);
    for (let i = 0; i < 9999; i++) limit.take(`key${i}`);
    expect(limit.take('knocks')).toBe(true);
    for (let i = 9999; i < 25_000; i++) {
      limit.take(`key${i}`);
      expect(limit.take('knocks')).toBe(false);
    }
    expect(limit.take('key24999')).toBe(false);
    expect(limit.take('key0')).toBe(true);
  });

  it('lets through at most the burst and what time gave', () => {
    const steps = fc.array(fc.nat(2000), { maxLength: 50 });
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 5 }), (waits, burst) => {
        const limit = limitOf(60, burst);
        let through = 0;
        for (const wait of waits) {
          clock.nowMs += wait;
          if (limit.take('a')) through++;
        }
        expect(through).toBeLessThanOrEqual(burst + clock.nowMs / 1000);
      }),
    );
  });
});

describe('a look at a bucket', () => {
  it('takes nothing, and tells what taking would', () => {
    const clock = new FakeClock();
    const limit = new RateLimit(clock, { perMinute: 60, burst: 2 });
    for (let i = 0; i < 10; i++) expect(limit.has('a')).toBe(true);
    expect([limit.take('a'), limit.take('a'), limit.has('a'), limit.take('a')]).toEqual([true, true, false, false]);
    clock.nowMs += 1000;
    expect([limit.has('a'), limit.take('a'), limit.has('a')]).toEqual([true, true, false]);
  });
});
