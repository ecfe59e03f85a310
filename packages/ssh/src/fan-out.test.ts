import fc from 'fast-check';
import { setImmediate as tick } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { fanOut } from './index.ts';

test('keeps the order of the items, never more than the limit at once, one failure stops nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 3 }), { maxLength: 30 }), fc.integer({ min: 1, max: 8 }), async (items, limit) => {
      let running = 0;
      const results = await fanOut(items, limit, async (item, index) => {
        running += 1;
        expect(running).toBeLessThanOrEqual(limit);
        for (let turn = 0; turn < item; turn += 1) {
          await tick();
        }
        running -= 1;
        if (item === 2) {
          throw new Error(`item ${index}`);
        }
        return index;
      });
      const expected = items.map((item, index) =>
        item === 2 ? { item, status: 'failed', error: new Error(`item ${index}`) } : { item, status: 'done', value: index },
      );
      expect(results).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});

test('a worker that throws before it returns a promise is a failure like any other', async () => {
  const error = new Error('at once');
  const results = await fanOut(['a'], 1, () => {
    throw error;
  });
  expect(results).toEqual([{ item: 'a', status: 'failed', error }]);
});

test('after an abort nothing starts any more; what runs is waited for', async () => {
  const control = new AbortController();
  const results = await fanOut(
    [1, 2, 3, 4],
    2,
    async (item) => {
      if (item === 2) {
        control.abort();
      }
      await tick();
      return item;
    },
    { signal: control.signal },
  );
  expect(results).toEqual([
    { item: 1, status: 'done', value: 1 },
    { item: 2, status: 'done', value: 2 },
    { item: 3, status: 'notStarted' },
    { item: 4, status: 'notStarted' },
  ]);
});

test.each([0, -1, 1.5, Number.NaN])('a limit of %d is refused', async (limit) => {
  await expect(fanOut([1], limit, async () => 1)).rejects.toThrow(RangeError);
});

test('no items, no results', async () => {
  expect(await fanOut([], 5, async () => 1)).toEqual([]);
});
