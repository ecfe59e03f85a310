import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { coalesce } from './coalesce.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('coalesce', () => {
  it('runs at once, and a storm during the interval once more', async () => {
    const work = vi.fn(() => Promise.resolve());
    const { trigger } = coalesce(work, 500);
    trigger();
    expect(work).toHaveBeenCalledTimes(1);
    for (let at = 0; at < 100; at += 1) trigger();
    await vi.advanceTimersByTimeAsync(499);
    expect(work).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(work).toHaveBeenCalledTimes(2);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(work).toHaveBeenCalledTimes(2);
  });

  it('never runs twice at a time, however slow the work', async () => {
    let running = 0;
    let most = 0;
    const work = vi.fn(async () => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      running -= 1;
    });
    const { trigger } = coalesce(work, 500);
    for (let at = 0; at < 100; at += 1) {
      trigger();
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(most).toBe(1);
    expect(work.mock.calls.length).toBeGreaterThanOrEqual(2);
  });

  it('goes on after a failure', async () => {
    const work = vi.fn(() => Promise.reject(new Error('no')));
    const { trigger } = coalesce(work, 500);
    trigger();
    await vi.advanceTimersByTimeAsync(600);
    trigger();
    expect(work).toHaveBeenCalledTimes(2);
  });
});
