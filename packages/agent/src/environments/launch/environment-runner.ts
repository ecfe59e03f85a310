import type { EnvironmentTask } from '@muster/api/agent';
import { messageOf } from '../../agent-error.ts';
import type { Log } from '../../log.ts';
import { type JobResult, jobPath, readJob, readResult, writeJob } from './job.ts';
import type { Launcher } from './launcher.ts';

export type RunnerParts = {
  readonly launcher: () => Promise<Launcher>;
  readonly root: string;
  readonly asSelf: boolean;
  readonly stateDir: string;
  /** Servers as they are known now. */
  readonly servers: () => readonly string[];
  readonly log: Log;
  readonly wait: (milliseconds: number) => Promise<void>;
  /** Something on the disk may be otherwise than before. */
  readonly onChanged: () => Promise<void>;
};

const pollMs = 500;
/** A process that ends writes its result first; so long is waited for one that was seen to have ended. */
const lateResultMs = 2000;

/**
 * Has tasks about environments done in another process, one at a time, and tells how they ended. A task that it is given again, as after a
 * restart of the agent, is gone on with: with its result where there is one, with the process that still runs, or from the beginning.
 */
export class EnvironmentRunner {
  readonly #parts: RunnerParts;
  #last: Promise<unknown> = Promise.resolve();

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  /** Never throws. */
  run(taskId: string, task: EnvironmentTask, timeoutSeconds: number, signal: AbortSignal): Promise<JobResult> {
    const result = this.#last.then(() => this.#run(taskId, task, timeoutSeconds, signal));
    this.#last = result;
    return result;
  }

  async #run(taskId: string, task: EnvironmentTask, timeoutSeconds: number, signal: AbortSignal): Promise<JobResult> {
    try {
      return await this.#follow(taskId, task, timeoutSeconds, signal);
    } catch (error) {
      this.#parts.log.error('a task about an environment could not be done', { taskId, reason: messageOf(error) });
      return failed(taskId, messageOf(error));
    } finally {
      // Before the result is told: the server should see what there is now when it learns that it is done.
      await this.#parts.onChanged();
    }
  }

  async #follow(taskId: string, task: EnvironmentTask, timeoutSeconds: number, signal: AbortSignal): Promise<JobResult> {
    const { stateDir, root, asSelf, servers, log } = this.#parts;
    const known = await readResult(stateDir, taskId);
    if (known !== undefined) return known;
    const launcher = await this.#parts.launcher();
    const isOurs = (await readJob(jobPath(stateDir)))?.taskId === taskId && (await launcher.isAlive());
    if (isOurs) log.info('a build that is under way is waited for', { taskId });
    else {
      await launcher.stop();
      await writeJob({ taskId, task, root, stateDir, servers: servers(), asSelf });
      await launcher.start(timeoutSeconds);
    }
    return this.#await(taskId, timeoutSeconds, launcher, signal);
  }

  async #await(taskId: string, timeoutSeconds: number, launcher: Launcher, signal: AbortSignal): Promise<JobResult> {
    const { stateDir, wait } = this.#parts;
    const until = performance.now() + timeoutSeconds * 1000;
    for (;;) {
      const result = await readResult(stateDir, taskId);
      if (result !== undefined) return result;
      // What goes on without this process is found again by the next one.
      if (signal.reason === 'agent-stops' && launcher.outlivesAgent) return failed(taskId, 'The agent was stopped; the build goes on.');
      const isLate = performance.now() > until;
      if (signal.aborted || isLate)
        return this.#cutOff(taskId, launcher, isLate ? `It took longer than ${timeoutSeconds} s and was ended.` : 'It was cancelled.');
      if (!(await launcher.isAlive())) {
        await wait(lateResultMs);
        return (await readResult(stateDir, taskId)) ?? failed(taskId, lost);
      }
      await wait(pollMs);
    }
  }

  async #cutOff(taskId: string, launcher: Launcher, message: string): Promise<JobResult> {
    await launcher.stop();
    const result = await readResult(this.#parts.stateDir, taskId);
    if (result?.outcome === 'succeeded') return result;
    const isLate = message.startsWith('It took');
    return {
      taskId,
      outcome: isLate ? 'failed' : 'cancelled',
      passing: true,
      message: `${message} What was in use before is still in use.`,
      output: '',
    };
  }
}

const lost =
  'The process that builds has ended without a word: it was killed, or the memory was not enough. What was in use before is still in use.';

const failed = (taskId: string, message: string): JobResult => ({
  taskId,
  outcome: 'failed',
  passing: true,
  message: message.slice(0, 900),
  output: '',
});
