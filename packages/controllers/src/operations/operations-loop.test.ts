import { noTasks } from '@muster/core';
import { FakeClock, KeptLog } from '@muster/testkit';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeOperationStore } from '../../test/fake-operation-store.ts';
import { OperationsLoop } from './operations-loop.ts';

const fixture = () => {
  const [clock, log, store] = [new FakeClock(), new KeptLog(), new FakeOperationStore()];
  return { clock, log, store, loop: new OperationsLoop({ store: store.store, clock, log }) };
};

const counts = (some: object) => ({ ...noTasks(), ...some });

describe('a round over the operations', () => {
  it('finishes what has ended, lets batches go on, and leaves the rest alone', async () => {
    const { store, loop } = fixture();
    store.put('ended', { counts: counts({ succeeded: 2 }) });
    store.put('rolls', { batch: 1, held: 2, counts: counts({ queued: 2, succeeded: 1 }) });
    store.put('runs', { counts: counts({ running: 1 }) });
    await loop.tick();
    expect(store.steps).toEqual(['ended finish', 'rolls release']);
    expect([...store.running.keys()]).toEqual(['rolls', 'runs']);
  });

  it('ends overdue tasks first, until none is left', async () => {
    const { store, loop } = fixture();
    store.expired = [500, 500, 3];
    await loop.tick();
    expect(store.expired).toEqual([]);
  });

  it('leaves to another server what that one is at', async () => {
    const { store, loop } = fixture();
    store.put('ended', { counts: counts({ succeeded: 2 }) });
    store.locked.add('ended');
    await loop.tick();
    expect(store.steps).toEqual([]);
    store.locked.clear();
    await loop.tick();
    expect(store.steps).toEqual(['ended finish']);
  });
});

describe('the rounds', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const pass = async ({ clock }: ReturnType<typeof fixture>, milliseconds: number) => {
    for (let passed = 0; passed < milliseconds; passed += 200) {
      clock.pass(200);
      await vi.advanceTimersByTimeAsync(200);
    }
  };

  it('come once at the start, after every event, each second while something runs, and seldom while nothing does', async () => {
    const all = fixture();
    all.loop.start();
    await pass(all, 10_000);
    expect(all.store.reads).toBe(1);
    all.store.put('runs', { counts: counts({ running: 1 }) });
    all.loop.invalidate();
    await pass(all, 200);
    expect(all.store.reads).toBe(2);
    await pass(all, 3_000);
    expect(all.store.reads).toBe(5);
    all.store.running.clear();
    await pass(all, 1_000);
    const before = all.store.reads;
    await pass(all, 14_000);
    expect(all.store.reads).toBe(before);
    await pass(all, 2_000);
    expect(all.store.reads).toBe(before + 1);
    await all.loop.stop();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('go on while the store fails, with a line in the log for each', async () => {
    const all = fixture();
    all.store.failure = new Error('the database is away');
    all.store.put('ended', { counts: counts({ succeeded: 1 }) });
    all.loop.start();
    await pass(all, 2_600);
    expect(all.log.messages('warn')).toEqual(Array(3).fill('operations could not be brought on; tried again in a second'));
    all.store.failure = undefined;
    await pass(all, 1_000);
    expect(all.store.steps).toEqual(['ended finish']);
    await all.loop.stop();
  });
});
