import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Deadline } from './deadline.ts';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

test('expires once, after its time', () => {
  const onExpiry = vi.fn();
  const deadline = new Deadline(2, onExpiry);
  vi.advanceTimersByTime(1999);
  expect(onExpiry).not.toHaveBeenCalled();
  vi.advanceTimersByTime(5000);
  expect(onExpiry).toHaveBeenCalledTimes(1);
  deadline.clear();
});

test('stands still while something runs outside it, however many at once', async () => {
  const onExpiry = vi.fn();
  const deadline = new Deadline(2, onExpiry);
  vi.advanceTimersByTime(1500);
  const gates = [Promise.withResolvers<string>(), Promise.withResolvers<string>()] as const;
  const first = deadline.pausedFor(() => gates[0].promise);
  const second = deadline.pausedFor(() => gates[1].promise);
  vi.advanceTimersByTime(60_000);
  gates[0].resolve('one');
  expect(await first).toBe('one');
  vi.advanceTimersByTime(60_000);
  gates[1].resolve('two');
  expect(await second).toBe('two');
  vi.advanceTimersByTime(499);
  expect(onExpiry).not.toHaveBeenCalled();
  vi.advanceTimersByTime(2);
  expect(onExpiry).toHaveBeenCalledTimes(1);
});

test('runs on when what ran outside it fails', async () => {
  const onExpiry = vi.fn();
  const deadline = new Deadline(1, onExpiry);
  await expect(deadline.pausedFor(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
  vi.advanceTimersByTime(1001);
  expect(onExpiry).toHaveBeenCalledTimes(1);
});

test('cleared, it never expires, not even after a pause', async () => {
  const onExpiry = vi.fn();
  const deadline = new Deadline(1, onExpiry);
  const gate = Promise.withResolvers<void>();
  const paused = deadline.pausedFor(() => gate.promise);
  deadline.clear();
  gate.resolve();
  await paused;
  vi.advanceTimersByTime(10_000);
  expect(onExpiry).not.toHaveBeenCalled();
});
