import type { AdministrationTable } from '@muster/store';
import { FakeClock, KeptLog } from '@muster/testkit';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { FakeAdministration } from '../../test/fake-administration.ts';
import { AdministrationLoop, tasksAsWork, type WorkPort } from '../index.ts';

function fixture(...more: WorkPort[]) {
  const clock = new FakeClock();
  const administration = new FakeAdministration(clock);
  const log = new KeptLog();
  const store = { administration: administration as FakeAdministration & AdministrationTable };
  const loop = new AdministrationLoop({ store, work: [tasksAsWork(store), ...more], log });
  const after = async (seconds: number) => {
    clock.pass(seconds * 1000);
    await loop.tick();
  };
  return { clock, administration, log, loop, after };
}

describe('a drain', () => {
  it('is done when no task of the node is open any more', async () => {
    const { administration, after } = fixture();
    administration.drain('n1');
    administration.drain('n2');
    administration.tasks.set('n1', 2);
    await after(1);
    expect(administration.drained).toEqual(['n2']);
    await after(3600);
    expect([administration.drained, administration.told]).toEqual([['n2'], []]);
    administration.tasks.set('n1', 0);
    await after(1);
    expect(administration.drained).toEqual(['n2', 'n1']);
  });

  it('waits for whatever anyone knows of', async () => {
    const jobs = new Map([['n1', ['1 job']]]);
    const { administration, after } = fixture({ workOn: async () => jobs });
    administration.drain('n1', 10);
    administration.tasks.set('n1', 1);
    await after(11);
    expect(administration.told).toEqual(['n1 is not drained by its deadline: still there are 1 task, 1 job. The drain goes on.']);
    administration.tasks.clear();
    await after(1);
    expect(administration.drained).toEqual([]);
    jobs.clear();
    await after(1);
    expect(administration.drained).toEqual(['n1']);
  });

  it('says once that its deadline passed, and goes on', async () => {
    const { administration, after } = fixture();
    administration.drain('n1', 60);
    administration.tasks.set('n1', 1);
    await after(59);
    expect(administration.told).toEqual([]);
    await after(2);
    await after(60);
    expect(administration.told).toHaveLength(1);
    administration.tasks.clear();
    await after(1);
    expect(administration.drained).toEqual(['n1']);
  });

  it('is not done because nobody could say what runs', async () => {
    let failing = true;
    const unsure: WorkPort = { workOn: () => (failing ? Promise.reject(new Error('queue away')) : Promise.resolve(new Map())) };
    const { administration, loop, after } = fixture(unsure);
    administration.drain('n1');
    await expect(loop.tick()).rejects.toThrow('queue away');
    expect(administration.drained).toEqual([]);
    failing = false;
    await after(1);
    expect(administration.drained).toEqual(['n1']);
  });

  it('asks nobody when there is none', async () => {
    const workOn = vi.fn<WorkPort['workOn']>(async () => new Map());
    const { after } = fixture({ workOn });
    await after(1);
    expect(workOn).not.toHaveBeenCalled();
  });
});

describe('maintenance', () => {
  it('ends when its end has come, also after a time in which nobody looked', async () => {
    const { administration, after } = fixture();
    administration.maintain('n1', 60);
    administration.maintain('n2', 7200);
    await after(59);
    expect(administration.ended).toEqual([]);
    await after(3600);
    expect(administration.ended).toEqual(['n1']);
  });

  it('ends although a drain cannot be looked at', async () => {
    const { administration, loop } = fixture({ workOn: () => Promise.reject(new Error('away')) });
    administration.maintain('n1', 0);
    administration.drain('n2');
    await expect(loop.tick()).rejects.toThrow('away');
    expect(administration.ended).toEqual(['n1']);
  });
});

describe('the rounds', () => {
  afterEach(() => void vi.useRealTimers());

  it('go on after a failure, say so, and end with the loop', async () => {
    vi.useFakeTimers();
    const { administration, log, loop } = fixture();
    administration.drain('n1');
    administration.failure = new Error('the database is away');
    loop.start();
    await vi.advanceTimersByTimeAsync(2500);
    expect(log.messages('warn')).toEqual(
      Array.from({ length: 2 }, () => 'maintenance and drains could not be looked at; tried again in a second'),
    );
    administration.failure = undefined;
    await vi.advanceTimersByTimeAsync(1000);
    expect(administration.drained).toEqual(['n1']);
    await loop.stop();
    administration.drain('n2');
    await vi.advanceTimersByTimeAsync(5000);
    expect(administration.drained).toEqual(['n1']);
  });

  it('never overlap', async () => {
    vi.useFakeTimers();
    let running = 0;
    let most = 0;
    const slow: WorkPort = {
      workOn: async () => {
        most = Math.max(most, (running += 1));
        await new Promise((resolve) => setTimeout(resolve, 3500));
        running -= 1;
        return new Map([['n1', ['1 job']]]);
      },
    };
    const { administration, loop } = fixture(slow);
    administration.drain('n1');
    loop.start();
    await vi.advanceTimersByTimeAsync(20_000);
    const stopped = loop.stop();
    await vi.advanceTimersByTimeAsync(5000);
    await stopped;
    expect(most).toBe(1);
  });
});
