import { describe, expect, it } from 'vitest';
import { FakeClock } from '../test/fake-clock.ts';
import { DatabaseWatch } from './database-watch.ts';

const minuteMs = 60_000;

function setUp() {
  const clock = new FakeClock();
  const state = { isRunning: true };
  const watch = new DatabaseWatch(() => state.isRunning, clock, '/data/postgres');
  const lost: Error[] = [];
  void watch.lost.then((error) => lost.push(error));
  const look = async (minutes: number) => {
    for (let i = 0; i < minutes; i++) {
      clock.pass(minuteMs);
      watch.look();
    }
    await Promise.resolve();
    return lost;
  };
  return { state, look };
}

describe('the watch over the embedded database', () => {
  it('gives up after twelve minutes without it, with one line that says what to do', async () => {
    const { state, look } = setUp();
    expect(await look(60)).toEqual([]);
    state.isRunning = false;
    expect(await look(11)).toEqual([]);
    const [error] = await look(1);
    expect(error?.name).toBe('StartError');
    expect(error?.message).toMatch(
      /could not be started again in 12 minutes\. Its log in \/data\/postgres says why; mend that and start Muster again/u,
    );
    expect(error?.message).not.toContain('\n');
  });

  it('does not give up on a database that comes back each time', async () => {
    const { state, look } = setUp();
    for (let i = 0; i < 10; i++) {
      state.isRunning = false;
      expect(await look(11)).toEqual([]);
      state.isRunning = true;
      expect(await look(1)).toEqual([]);
    }
  });
});
