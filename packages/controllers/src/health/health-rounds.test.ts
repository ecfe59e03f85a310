import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HealthFixture, timeoutMs } from '../../test/health-fixture.ts';

/* The rounds that the timer starts; what a round decides is tested by itself. */
describe('the rounds of the loop', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  /** Lets the timer come due so many times; the fixture's clock goes with it. */
  const rounds = async (fixture: HealthFixture, count: number) => {
    for (let i = 0; i < count; i++) {
      fixture.clock.pass(1000);
      await vi.advanceTimersByTimeAsync(1000);
    }
  };

  it('come every second from the start to the stop, and no longer', async () => {
    const fixture = HealthFixture.settled();
    fixture.store.put('web1');
    fixture.presence.hear('web1');
    await rounds(fixture, 3);
    expect(fixture.store.reads).toBe(0);
    fixture.loop.start();
    await rounds(fixture, timeoutMs / 1000);
    expect(fixture.store.stateOf('web1')).toBe('bad');
    await fixture.loop.stop();
    fixture.presence.hear('web1');
    await rounds(fixture, 5);
    expect(fixture.store.stateOf('web1')).toBe('bad');
    expect(vi.getTimerCount()).toBe(0);
  });

  it('go on while the store fails, with a line in the log for each, and mend when it is back', async () => {
    const fixture = HealthFixture.settled();
    fixture.store.put('web1', { state: 'unknown' });
    fixture.presence.hear('web1');
    fixture.store.failure = new Error('the database is away');
    fixture.loop.start();
    await rounds(fixture, 3);
    expect(fixture.log.messages('warn')).toEqual(Array(3).fill('health could not be decided; tried again in a second'));
    expect(fixture.log.lines[0]?.fields).toEqual({ error: 'Error: the database is away' });
    fixture.store.failure = undefined;
    await rounds(fixture, 1);
    expect(fixture.store.messages).toEqual(['web1 is good (was unknown).']);
    await fixture.loop.stop();
  });

  it('never overlap: a slow store is asked once', async () => {
    const fixture = HealthFixture.settled();
    const answer = Promise.withResolvers<[]>();
    const subjects = vi.spyOn(fixture.store.health, 'subjects').mockReturnValue(answer.promise);
    fixture.loop.start();
    await rounds(fixture, 5);
    expect(subjects).toHaveBeenCalledTimes(1);
    answer.resolve([]);
    fixture.loop.invalidate();
    await rounds(fixture, 1);
    expect(subjects).toHaveBeenCalledTimes(2);
    await fixture.loop.stop();
  });

  it('end with the one under way: a stop waits for it', async () => {
    const fixture = HealthFixture.settled();
    const answer = Promise.withResolvers<[]>();
    vi.spyOn(fixture.store.health, 'subjects').mockReturnValue(answer.promise);
    fixture.loop.start();
    await rounds(fixture, 1);
    let isStopped = false;
    const stopped = fixture.loop.stop().then(() => {
      isStopped = true;
    });
    await vi.advanceTimersByTimeAsync(5000);
    expect(isStopped).toBe(false);
    answer.resolve([]);
    await stopped;
    expect(isStopped).toBe(true);
  });
});
