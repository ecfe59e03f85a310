import { KeptLog } from '@muster/testkit';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Rounds } from './rounds.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const rounds = (round: () => Promise<void>, log = new KeptLog()) => new Rounds({ everyMs: 1000, failure: 'it failed', log, round });

it('begins at once, goes on until it is stopped, and awaits the last round', async () => {
  let done = 0;
  const loop = rounds(async () => void (done += 1));
  loop.start();
  await vi.advanceTimersByTimeAsync(2500);
  expect(done).toBe(3);
  await loop.stop();
  await vi.advanceTimersByTimeAsync(5000);
  expect(done).toBe(3);
});

it('does not overtake a round that takes long', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const round = vi.fn(() => promise);
  const loop = rounds(round);
  loop.start();
  await vi.advanceTimersByTimeAsync(5000);
  expect(round).toHaveBeenCalledOnce();
  const stopped = vi.fn();
  void loop.stop().then(stopped);
  await vi.advanceTimersByTimeAsync(1);
  expect(stopped).not.toHaveBeenCalled();
  resolve();
  await vi.advanceTimersByTimeAsync(1);
  expect(stopped).toHaveBeenCalled();
});

it('says that a round failed, and tries again', async () => {
  const log = new KeptLog();
  const round = vi.fn().mockRejectedValueOnce(new Error('away')).mockResolvedValue(undefined);
  const loop = rounds(round, log);
  loop.start();
  await vi.advanceTimersByTimeAsync(1000);
  expect(log.lines).toEqual([{ level: 'warn', message: 'it failed', fields: { error: 'Error: away' } }]);
  expect(round).toHaveBeenCalledTimes(2);
  await loop.stop();
});
