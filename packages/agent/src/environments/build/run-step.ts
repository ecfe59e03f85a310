import { spawn } from 'node:child_process';
import { messageOf, systemCodeOf } from '../../agent-error.ts';
import { EnvironmentError } from '../environment-error.ts';
import type { BuildUser } from './build-user.ts';

/** A program of a build. */
export type Step = {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly user: BuildUser;
  readonly signal: AbortSignal;
};

/** How much of what a program prints is kept, from its end. */
const keptBytes = 16_384;
/** A program that was asked to end is killed after so long. */
const graceMs = 3000;

/** How a program ended, with the end of what it printed on both streams. */
export type StepEnd = { readonly status: number | null; readonly output: string };

/** Runs a program in a process group of its own, without a shell. When the work is cancelled, the whole group ends. @throws EnvironmentError */
export function runStep({ argv: [command, ...args], cwd, environment, user, signal }: Step): Promise<StepEnd> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(cancelled());
    const child = spawn(command, args, { cwd, env: { ...environment }, ...user, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    let tail = Buffer.alloc(0);
    const keep = (chunk: Buffer): void => {
      tail = Buffer.concat([tail, chunk]).subarray(-keptBytes);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    const end = (how: NodeJS.Signals): void => void (child.pid !== undefined && killGroup(child.pid, how));
    const abort = (): void => {
      end('SIGTERM');
      setTimeout(() => end('SIGKILL'), graceMs).unref();
    };
    signal.addEventListener('abort', abort, { once: true });
    child.once('error', (error) => {
      signal.removeEventListener('abort', abort);
      reject(cannotStart(command, error));
    });
    child.once('close', (status) => {
      signal.removeEventListener('abort', abort);
      // What it left running has no business any more.
      end('SIGKILL');
      if (signal.aborted) reject(cancelled());
      else resolve({ status, output: tail.toString('utf8') });
    });
  });
}

function killGroup(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-pid, signal);
  } catch {
    // It is gone already.
  }
}

const cancelled = (): EnvironmentError =>
  new EnvironmentError('passing', 'The build was cancelled; what was in use before is still in use.');

const cannotStart = (command: string, error: unknown): EnvironmentError =>
  systemCodeOf(error) === 'ENOENT'
    ? new EnvironmentError('definition', `There is no ${command} on the node. Install it, or name another one.`, { cause: error })
    : new EnvironmentError('passing', `${command} could not be started: ${messageOf(error)}.`, { cause: error });

/** The same, and an error with the end of what was printed where the program did not succeed. @throws EnvironmentError */
export async function runOrFail(step: Step, what: string): Promise<string> {
  const { status, output } = await runStep(step);
  if (status === 0) return output;
  const passing = status === passingStatus || status === null || /no space left on device|disk quota exceeded|ENOSPC|EDQUOT/iu.test(output);
  throw new EnvironmentError(
    passing ? 'passing' : 'definition',
    `${what} failed${status === null ? ' (it was killed)' : ''}: ${lastWords(output)}`,
  );
}

/** With this a step says that trying again may help (EX_TEMPFAIL of sysexits.h). */
export const passingStatus = 75;

/** The last lines that say something, on one line. */
function lastWords(output: string): string {
  const lines = output
    .split(/\r?\n|\r/u)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  return messageOf(lines.slice(-6).join(' | ')).slice(-700) || 'it said nothing';
}
