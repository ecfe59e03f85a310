import { setImmediate as tick } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { Slots } from './slots.ts';

test('lets in as many as there are places, the others in order', async () => {
  const slots = new Slots(2);
  const started: number[] = [];
  let inside = 0;
  await Promise.all(
    [1, 2, 3, 4, 5].map((item) =>
      slots.hold(async () => {
        started.push(item);
        inside += 1;
        expect(inside).toBeLessThanOrEqual(2);
        await tick();
        inside -= 1;
      }),
    ),
  );
  expect(started).toEqual([1, 2, 3, 4, 5]);
});

test('a failure gives its place back', async () => {
  const slots = new Slots(1);
  await expect(slots.hold(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  expect(await slots.hold(async () => 'yes')).toBe('yes');
});
