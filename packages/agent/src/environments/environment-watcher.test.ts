import { describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../test/fake-clock.ts';
import { EnvironmentWatcher } from './environment-watcher.ts';

describe('what environments there are', () => {
  it('is looked at from the start, every minute, and whenever asked; never after the stop', async () => {
    const clock = new FakeClock();
    const seen: number[] = [];
    let looks = 0;
    const watcher = new EnvironmentWatcher({
      clock,
      look: () => Promise.resolve({ available: true, items: [], truncated: looks++ < 0 }),
      onEnvironments: () => void seen.push(clock.nowMs),
    });
    await watcher.look();
    await clock.pass(120_000);
    expect(seen).toEqual([0, 60_000, 120_000]);
    await clock.pass(10_000);
    await watcher.look();
    await clock.pass(60_000);
    expect(seen).toEqual([0, 60_000, 120_000, 130_000, 190_000]);
    expect(clock.pendingTimers).toBe(1);
    const last = watcher.look();
    watcher.stop();
    await last;
    await settle();
    await clock.pass(600_000);
    expect(seen).toHaveLength(5);
  });
});
