import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minute, noon } from '../../../test/elastic-world.ts';
import { stopWindow, windowsProblem } from './stop-window.ts';

const openAt = (windows: number[], minutes: number): boolean => stopWindow(windows, noon, noon + minutes * minute).open;

describe('the window of a machine', () => {
  it('is the last five minutes of each hour, both ends left out', () => {
    const open = [0, 54, 55, 55.001, 59.999, 60, 61, 115.5, 120].map((minutes) => openAt([55, 5], minutes));
    expect(open).toEqual([false, false, false, true, true, false, false, true, false]);
  });

  it('is what was configured, over and over', () => {
    expect([53, 54.5, 58.9, 59.5, 114.5].map((minutes) => openAt([54, 5, 1], minutes))).toEqual([false, true, true, false, true]);
    expect([19, 20.1, 5000].map((minutes) => openAt([20, 999_999], minutes))).toEqual([false, true, true]);
    expect([11, 16, 26, 31, 41].map((minutes) => openAt([10, 5, 10, 5], minutes))).toEqual([true, false, true, false, true]);
  });

  it('is always open where none is configured, and never before a machine was made', () => {
    expect(stopWindow([], noon, noon)).toEqual({ open: true, nextOpeningMs: null });
    expect(stopWindow([55, 5], noon, noon - minute)).toEqual({ open: false, nextOpeningMs: noon + 55 * minute });
  });

  it('never opens where what is configured is no window; that is told where it is configured', () => {
    expect([openAt([5], 3), openAt([0, 0], 3)]).toEqual([false, false]);
    expect(windowsProblem([5])).toBe('Windows need at least two numbers: minutes closed, then minutes open.');
    expect(windowsProblem([5, -1])).toBe('Windows are minutes, 0 or more.');
    expect(windowsProblem([5, 0, 1])).toBe('No window is ever open: no machine would be stopped.');
    expect([windowsProblem([]), windowsProblem([55, 5]), windowsProblem([54, 5, 1])]).toEqual([null, null, null]);
  });

  it('opens next at a time to come, just after which it is open', () => {
    const windows = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 2, maxLength: 6 });
    fc.assert(
      fc.property(windows, fc.nat(100_000), (minutes, seconds) => {
        const nowMs = noon + seconds * 1000;
        const { nextOpeningMs } = stopWindow(minutes, noon, nowMs);
        expect(nextOpeningMs).toBeGreaterThan(nowMs);
        expect(stopWindow(minutes, noon, (nextOpeningMs ?? 0) + 1).open).toBe(true);
      }),
    );
  });
});
