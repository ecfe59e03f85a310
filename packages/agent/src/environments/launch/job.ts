import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { EnvironmentTask } from '@muster/api/agent';
import { durableFiles } from '../../state/durable-files.ts';
import { readEnvironmentTask } from '../read-environment-task.ts';

/** What the agent hands to the process that builds: a file in the agent's own folder, so that either may end and come back. */
export type Job = {
  readonly taskId: string;
  readonly task: EnvironmentTask;
  readonly root: string;
  readonly stateDir: string;
  readonly servers: readonly string[];
  /** Whether it is built as the user of the process itself. */
  readonly asSelf: boolean;
};

/** How a job ended. `cancelled`: it was told to stop. */
export type JobResult = {
  readonly taskId: string;
  readonly outcome: 'succeeded' | 'failed' | 'cancelled';
  /** Of a failure: whether trying again later may help. */
  readonly passing: boolean;
  readonly message: string;
  readonly output: string;
};

const folderOf = (stateDir: string): string => join(stateDir, 'environments');
export const jobPath = (stateDir: string): string => join(folderOf(stateDir), 'job.json');
const resultPath = (stateDir: string): string => join(folderOf(stateDir), 'result.json');

/** Writes the job down. There is one at a time. */
export async function writeJob(job: Job): Promise<void> {
  await durableFiles.makeFolder(folderOf(job.stateDir));
  await durableFiles.writeFile(jobPath(job.stateDir), JSON.stringify(job));
}

/** The job in a file; undefined where there is none to be understood. */
export async function readJob(path: string): Promise<Job | undefined> {
  const value = await readJson(path);
  if (typeof value !== 'object' || value === null) return undefined;
  const { taskId, task, root, stateDir, servers, asSelf } = value as Partial<Record<keyof Job, unknown>>;
  const read = readEnvironmentTask(task);
  if (typeof taskId !== 'string' || typeof root !== 'string' || typeof stateDir !== 'string' || read === undefined) return undefined;
  if (!Array.isArray(servers) || !servers.every((one) => typeof one === 'string')) return undefined;
  return { taskId, task: read, root, stateDir, servers, asSelf: asSelf === true };
}

export const writeResult = (stateDir: string, result: JobResult): Promise<void> =>
  durableFiles.writeFile(resultPath(stateDir), JSON.stringify(result));

/** The result of this task; undefined while there is none. */
export async function readResult(stateDir: string, taskId: string): Promise<JobResult | undefined> {
  const value = await readJson(resultPath(stateDir));
  if (typeof value !== 'object' || value === null) return undefined;
  const { outcome, passing, message, output, taskId: of } = value as Partial<Record<keyof JobResult, unknown>>;
  if (of !== taskId || typeof message !== 'string' || typeof output !== 'string') return undefined;
  if (outcome !== 'succeeded' && outcome !== 'failed' && outcome !== 'cancelled') return undefined;
  return { taskId, outcome, passing: passing === true, message, output };
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined;
  }
}
