import { ProblemError } from '@muster/api';
import { describe, expect, it } from 'vitest';
import { WorkLimit } from './work-limit.ts';

/** Work that ends when the test says so. */
function held() {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let isRunning = false;
  const work = () => {
    isRunning = true;
    return promise;
  };
  return { work, end: resolve, fail: reject, isRunning: () => isRunning };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('costly work', () => {
  it('is done so much at once, and in the order in which it came', async () => {
    const limit = new WorkLimit({ atOnce: 2, waiting: 5 });
    const all = [held(), held(), held(), held()];
    const results = all.map(({ work }) => limit.run(work));
    await settle();
    expect(all.map((one) => one.isRunning())).toEqual([true, true, false, false]);
    all[1]?.end('b');
    await settle();
    expect(all.map((one) => one.isRunning())).toEqual([true, true, true, false]);
    all[0]?.end('a');
    all[2]?.end('c');
    all[3]?.end('d');
    expect(await Promise.all(results)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('is turned away at once when too much waits, and taken again later', async () => {
    const limit = new WorkLimit({ atOnce: 1, waiting: 1 });
    const [first, second] = [held(), held()];
    const results = [limit.run(first.work), limit.run(second.work)];
    const refused: unknown = await limit.run(async () => 'x').catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ProblemError);
    expect((refused as ProblemError).problem.code).toBe('too-many-requests');
    first.end('a');
    second.end('b');
    expect(await Promise.all(results)).toEqual(['a', 'b']);
    expect(await limit.run(async () => 'c')).toBe('c');
  });

  it('that fails makes room too', async () => {
    const limit = new WorkLimit({ atOnce: 1, waiting: 2 });
    const first = held();
    const failing = limit.run(first.work);
    const next = limit.run(async () => 'next');
    first.fail(new Error('broken'));
    await expect(failing).rejects.toThrow('broken');
    expect(await next).toBe('next');
  });
});
