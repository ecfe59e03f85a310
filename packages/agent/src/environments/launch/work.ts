import { lstat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../agent-error.ts';
import { defaultStateDir } from '../../state/node-record.ts';
import { IdentityStore } from '../../state/identity-store.ts';
import { buildEnvironment } from '../build/build.ts';
import { buildUser } from '../build/build-user.ts';
import { runOrFail } from '../build/run-step.ts';
import { claimFolder, requireReachable } from '../disk/claim-folder.ts';
import { environmentPaths, stablePath } from '../disk/environment-paths.ts';
import { findUsers } from '../disk/processes.ts';
import type { EngineAnswer, EngineParts } from '../engine.ts';
import { EnvironmentError } from '../environment-error.ts';
import { performTask } from '../perform-task.ts';
import { tryLockFolder } from './folder-lock.ts';
import { type Job, type JobResult, writeResult } from './job.ts';

/** How long another process that still works in the folder is waited for: one whose agent has died ends by itself. */
const lockWaitMs = 60_000;

export type WorkParts = {
  readonly signal: AbortSignal;
  readonly program: readonly [string, ...string[]];
  readonly onStep: EngineParts['onStep'];
};

/** Does a job in this process, whatever comes of it, and writes down how it ended. */
export async function work(job: Job, parts: WorkParts): Promise<JobResult> {
  const result = await perform(job, parts).then(
    ({ message, output }): JobResult => ({ taskId: job.taskId, outcome: 'succeeded', passing: false, message, output }),
    (error: unknown) => failureOf(job, error, parts.signal.aborted),
  );
  await writeResult(job.stateDir, result);
  return result;
}

async function perform(job: Job, { signal, program, onStep }: WorkParts): Promise<EngineAnswer> {
  const identity = async () => {
    const current = await new IdentityStore(job.stateDir).current();
    if (current === undefined) throw new EnvironmentError('passing', 'The node has no certificate to fetch artifacts with.');
    return current;
  };
  const user = job.asSelf ? undefined : buildUser;
  await claimFolder(job.root);
  if (user !== undefined) await requireReachable(job.root);
  // Agents that share a machine for a trial have no path in /opt.
  const isUsual = buildUser !== undefined && job.stateDir === defaultStateDir;
  if (isUsual) await linkStablePath(job.root);
  const unlock = await lockFolder(join(job.root, '.lock'), signal);
  try {
    return await performTask(job.task, {
      paths: environmentPaths(job.root, isUsual ? [stablePath] : []),
      fetch: { servers: job.servers, identity, now: () => new Date(), wait: (ms) => rest(ms, signal), random: Math.random },
      user,
      program,
      signal,
      findUsers,
      onStep,
      sync: (folder) => syncDisk(folder, signal),
    });
  } finally {
    unlock();
  }
}

const rest = (ms: number, signal: AbortSignal): Promise<void> => sleep(ms, undefined, { signal }).catch(() => undefined);

async function lockFolder(path: string, signal: AbortSignal): Promise<() => void> {
  for (const until = performance.now() + lockWaitMs; ;) {
    const unlock = tryLockFolder(path);
    if (unlock !== undefined) return unlock;
    if (performance.now() > until || signal.aborted)
      throw new EnvironmentError('passing', 'Another process still works on the environments of this node. It is tried again.');
    await rest(250, signal);
  }
}

/** Makes the path that is the same on every node, unless somebody has put something else there. */
async function linkStablePath(root: string): Promise<void> {
  const isTaken = await lstat(stablePath).then(
    () => true,
    () => false,
  );
  if (!isTaken) await symlink(root, stablePath).catch(() => undefined);
}

/** All that was written of one file system: a record must not be on the disk before what it tells of. */
async function syncDisk(folder: string, signal: AbortSignal): Promise<void> {
  await runOrFail(
    { argv: ['sync', '--file-system', folder], cwd: '/', environment: buildEnvironment('/'), user: undefined, signal },
    'sync',
  );
}

const maxMessage = 900;

function failureOf({ taskId }: Job, error: unknown, isCancelled: boolean): JobResult {
  const passing = !(error instanceof EnvironmentError) || error.fault === 'passing';
  const message = messageOf(error).slice(0, maxMessage);
  return {
    taskId,
    outcome: isCancelled ? 'cancelled' : 'failed',
    passing,
    message: isFull(error) ? `The disk is full: ${message}` : message,
    output: '',
  };
}

const isFull = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT');
