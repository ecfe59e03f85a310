import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { fakeLog } from '../../../test/fake-log.ts';
import { temporaryFolder } from '../../../test/temporary-folder.ts';
import { EnvironmentRunner } from './environment-runner.ts';
import { jobPath, type JobResult, readJob, writeResult } from './job.ts';
import type { Launcher } from './launcher.ts';

const task = { kind: 'environment', action: 'remove', name: 'ml', force: false } as const;
const result = (taskId: string, change: Partial<JobResult> = {}): JobResult => ({
  taskId,
  outcome: 'succeeded',
  passing: false,
  message: 'done',
  output: '',
  ...change,
});

/** A process that builds, as a test says. */
class FakeLauncher implements Launcher {
  readonly outlivesAgent: boolean;
  starts = 0;
  stops = 0;
  alive = false;
  onStart: () => Promise<void> = () => Promise.resolve();
  constructor(outlivesAgent = true) {
    this.outlivesAgent = outlivesAgent;
  }
  readonly start = async (): Promise<void> => {
    this.starts += 1;
    this.alive = true;
    await this.onStart();
  };
  readonly isAlive = (): Promise<boolean> => Promise.resolve(this.alive);
  readonly stop = async (): Promise<void> => {
    this.stops += this.alive ? 1 : 0;
    this.alive = false;
  };
}

function fixture(launcher = new FakeLauncher()) {
  const stateDir = temporaryFolder();
  let looks = 0;
  const makeRunner = () =>
    new EnvironmentRunner({
      launcher: () => Promise.resolve(launcher),
      root: '/root-of-them',
      asSelf: false,
      stateDir,
      servers: () => ['127.0.0.1:1'],
      log: fakeLog().log,
      wait: () => new Promise((resolve) => setImmediate(resolve)),
      onChanged: () => Promise.resolve(void (looks += 1)),
    });
  return { launcher, stateDir, makeRunner, runner: makeRunner(), looks: () => looks };
}

const never = new AbortController().signal;

describe('a task about an environment', () => {
  it('is written down, started once, and its result told after a look at what there is', async () => {
    const { launcher, stateDir, runner, looks } = fixture();
    launcher.onStart = async () => {
      expect(await readJob(jobPath(stateDir))).toEqual({
        taskId: 't1',
        task,
        root: '/root-of-them',
        stateDir,
        servers: ['127.0.0.1:1'],
        asSelf: false,
      });
      await writeResult(stateDir, result('t1'));
    };
    expect(await runner.run('t1', task, 60, never)).toEqual(result('t1'));
    expect([launcher.starts, looks()]).toEqual([1, 1]);
  });

  it('that was done before the agent died is told without being done again', async () => {
    const { launcher, stateDir, runner } = fixture();
    launcher.onStart = () => writeResult(stateDir, result('t1'));
    await runner.run('t1', task, 60, never);
    expect(await fixtureOf(stateDir, launcher).run('t1', task, 60, never)).toEqual(result('t1'));
    expect(launcher.starts).toBe(1);
  });

  it('that is under way when the agent comes back is waited for', async () => {
    const { launcher, stateDir, makeRunner } = fixture();
    const ending = new AbortController();
    const first = makeRunner().run('t1', task, 60, ending.signal);
    await settled(() => launcher.starts === 1);
    ending.abort('agent-stops');
    expect((await first).outcome).toBe('failed');
    expect([launcher.alive, launcher.stops]).toEqual([true, 0]);
    const second = makeRunner().run('t1', task, 60, never);
    await writeResult(stateDir, result('t1', { message: 'late' }));
    expect(await second).toEqual(result('t1', { message: 'late' }));
    expect(launcher.starts).toBe(1);
  });

  it('takes the place of one that nobody waits for any more', async () => {
    const { launcher, stateDir, makeRunner } = fixture();
    const ending = new AbortController();
    const first = makeRunner().run('t1', task, 60, ending.signal);
    await settled(() => launcher.starts === 1);
    ending.abort('agent-stops');
    await first;
    launcher.onStart = () => writeResult(stateDir, result('t2'));
    expect(await makeRunner().run('t2', task, 60, never)).toEqual(result('t2'));
    expect([launcher.starts, launcher.stops]).toEqual([2, 1]);
  });

  it('whose process ends with the agent is ended with it', async () => {
    const { launcher, makeRunner } = fixture(new FakeLauncher(false));
    const ending = new AbortController();
    const running = makeRunner().run('t1', task, 60, ending.signal);
    await settled(() => launcher.starts === 1);
    ending.abort('agent-stops');
    expect((await running).outcome).toBe('cancelled');
    expect(launcher.stops).toBe(1);
  });

  it('is ended when it is cancelled or takes too long, unless it was done by then', async () => {
    for (const [reason, seconds, outcome, message] of [
      ['cancelled', 60, 'cancelled', /^It was cancelled/u],
      ['', 0.02, 'failed', /^It took longer than 0\.02 s/u],
    ] as const) {
      const { launcher, runner } = fixture();
      const ending = new AbortController();
      const running = runner.run('t1', task, seconds, ending.signal);
      await settled(() => launcher.starts === 1);
      if (reason !== '') ending.abort(reason);
      expect(await running).toMatchObject({ outcome, passing: true, message: expect.stringMatching(message) });
      expect(launcher.stops).toBe(1);
    }
  });

  it('whose process dies without a word has failed, and may be tried again', async () => {
    const { launcher, runner } = fixture();
    launcher.onStart = () => {
      launcher.alive = false;
      return Promise.resolve();
    };
    expect(await runner.run('t1', task, 60, never)).toMatchObject({
      outcome: 'failed',
      passing: true,
      message: expect.stringMatching(/ended without a word/u),
    });
  });

  it('that cannot be started has failed with the reason, and the next one is done', async () => {
    const { launcher, stateDir, runner } = fixture();
    launcher.onStart = () => Promise.reject(new Error('systemd does not start the build: no'));
    expect(await runner.run('t1', task, 60, never)).toMatchObject({ outcome: 'failed', message: 'systemd does not start the build: no' });
    launcher.onStart = () => writeResult(stateDir, result('t2'));
    expect((await runner.run('t2', task, 60, never)).outcome).toBe('succeeded');
  });

  it('is done after the one before it: never two at once', async () => {
    const { launcher, stateDir, runner } = fixture();
    let running = 0;
    // A result can be read before its folder is synced: the test waits for the writing to end too.
    const written: Promise<void>[] = [];
    const writeLater = async (taskId: string): Promise<void> => {
      await setTimeout(20);
      running -= 1;
      await writeResult(stateDir, result(taskId));
    };
    launcher.onStart = async () => {
      running += 1;
      expect(running).toBe(1);
      written.push(writeLater((await readJob(jobPath(stateDir)))?.taskId ?? ''));
    };
    const done = await Promise.all(['t1', 't2', 't3'].map((id) => runner.run(id, task, 60, never)));
    await Promise.all(written);
    expect(done.map(({ taskId }) => taskId)).toEqual(['t1', 't2', 't3']);
  });

  it('is not mistaken for what another wrote, or for rubbish', async () => {
    const { launcher, stateDir, runner } = fixture();
    mkdirSync(join(stateDir, 'environments'));
    writeFileSync(join(stateDir, 'environments/result.json'), '{"taskId": "t1", "outcome": "exploded"}');
    writeFileSync(join(stateDir, 'environments/job.json'), '{');
    launcher.onStart = () => writeResult(stateDir, result('t1'));
    expect((await runner.run('t1', task, 60, never)).outcome).toBe('succeeded');
    expect(launcher.starts).toBe(1);
  });
});

const fixtureOf = (stateDir: string, launcher: Launcher) =>
  new EnvironmentRunner({
    launcher: () => Promise.resolve(launcher),
    root: '/root-of-them',
    asSelf: false,
    stateDir,
    servers: () => [],
    log: fakeLog().log,
    wait: () => new Promise((resolve) => setImmediate(resolve)),
    onChanged: () => Promise.resolve(),
  });

async function settled(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
}
