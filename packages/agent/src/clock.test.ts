import { expect, it } from 'vitest';
import { jittered, systemClock } from './clock.ts';

it('moves a value by at most the share, both ways', () => {
  expect(jittered(10, 0.1, () => 0)).toBe(9);
  expect(jittered(10, 0.1, () => 0.5)).toBe(10);
  expect(jittered(10, 0.1, () => 0.999_999)).toBeCloseTo(11);
});

it('does not do what was cancelled', async () => {
  let done = 0;
  systemClock.after(1, () => (done += 1));
  systemClock.after(1, () => (done += 10))();
  await new Promise((resolve) => systemClock.after(20, () => resolve(undefined)));
  expect(done).toBe(1);
  expect(systemClock.monotonicMs()).toBeLessThan(systemClock.wallMs());
});
