import type { Job, JobAside, RunningWork } from '@muster/core';
import { arrayTasks } from './array-tasks.ts';
import { type JobNeeds, needsOf, type SlurmSettings } from './job-needs.ts';
import { asideOf } from './pending-reason.ts';
import type { SlurmJob } from './slurm-json.ts';

/** Whose jobs are Muster's. */
export type Partitions = {
  /** The pools in which the jobs of a partition may run; a partition that is not named is not Muster's. Null: all are, in any pool. */
  readonly pools: ReadonlyMap<string, readonly string[]> | null;
};

export type ReadJobs = {
  readonly jobs: readonly Job[];
  readonly aside: readonly JobAside[];
  /** What runs, by node. */
  readonly running: ReadonlyMap<string, readonly RunningWork[]>;
};

/** States in which a job has its nodes. One that completes still holds them. */
const onNodes: ReadonlySet<string> = new Set([
  'RUNNING',
  'CONFIGURING',
  'COMPLETING',
  'SUSPENDED',
  'STAGE_OUT',
  'SIGNALING',
  'RESIZING',
  'STOPPED',
]);

/** As Slurm names it: a task of an array by the array and its number. */
const idOf = ({ job_id, array_job_id, array_task_id }: SlurmJob): string =>
  array_job_id !== null && array_job_id !== 0 && array_task_id !== null ? `${array_job_id}_${array_task_id}` : String(job_id);

/** What of the queue is demand, what is not and why, and what runs where. Pure. */
export function readJobs(jobs: readonly SlurmJob[], settings: SlurmSettings, partitions: Partitions): ReadJobs {
  const waiting: Job[] = [];
  const aside: JobAside[] = [];
  const running = new Map<string, RunningWork[]>();
  const tasksRunning = new Map<number, number>();
  for (const job of jobs) {
    if (!job.job_state.some((state) => onNodes.has(state))) continue;
    if (job.array_job_id) tasksRunning.set(job.array_job_id, (tasksRunning.get(job.array_job_id) ?? 0) + 1);
    addRunning(job, settings, running);
  }
  for (const job of jobs) {
    if (!job.job_state.includes('PENDING')) continue;
    const read = demandOf(job, settings, partitions);
    if ('because' in read) aside.push({ id: idOf(job), ...read });
    else waiting.push(...copiesOf(job, read, tasksRunning.get(job.array_job_id ?? 0) ?? 0, aside));
  }
  return { jobs: waiting, aside, running };
}

type Demand = Omit<Job, 'id'>;

function demandOf(job: SlurmJob, settings: SlurmSettings, { pools }: Partitions): Demand | Pick<JobAside, 'because' | 'message'> {
  const names = job.partition.split(',');
  const wanted = pools === null ? [] : names.flatMap((name) => pools.get(name) ?? []);
  if (pools !== null && !names.some((name) => pools.has(name)))
    return { because: 'elsewhere', message: `its partition ${job.partition} is not one of Muster's` };
  const aside = asideOf(job.state_reason);
  if (aside !== undefined) return aside;
  const needs = needsOf(job, settings);
  if ('problem' in needs) return { because: 'not-understood', message: `it asks for ${needs.problem}` };
  return { ...demandIn(job, needs), pools: [...new Set(wanted)] };
}

const demandIn = (job: SlurmJob, needs: JobNeeds): Omit<Demand, 'pools'> => ({
  ...needs,
  priority: job.priority ?? 0,
  submittedAtMs: (job.submit_time ?? 0) * 1000,
  types: [],
  spotAllowed: true,
});

/** A job of its own for each task of an array that may run now; the others wait for these, and not for machines. */
function copiesOf(job: SlurmJob, demand: Demand, tasksRunning: number, aside: JobAside[]): Job[] {
  const id = idOf(job);
  if (job.array_task_string === '') return [{ id, ...demand }];
  const tasks = arrayTasks(job.array_task_string);
  if (tasks === undefined) {
    aside.push({
      id,
      because: 'not-understood',
      message: `the tasks of its array ${JSON.stringify(job.array_task_string)} cannot be read`,
    });
    return [];
  }
  const free = tasks.waiting.slice(0, Math.max(0, tasks.atOnce - tasksRunning));
  const left = tasks.waiting.length - free.length;
  if (left > 0)
    aside.push({ id, because: 'limit', message: `${left} of its tasks wait for others of the array (at most ${tasks.atOnce} at once)` });
  return free.map((task) => ({ id: `${id}_${task}`, ...demand }));
}

function addRunning(job: SlurmJob, settings: SlurmSettings, running: Map<string, RunningWork[]>): void {
  const needs = needsOf({ ...job, required_nodes: '' }, settings);
  const nodes = Math.max(1, job.job_resources.length);
  const taken =
    'problem' in needs ? { cores: Math.ceil((job.cpus ?? 1) / nodes), memoryBytes: 0, scratchBytes: 0, gpus: 0, exclusive: false } : needs;
  const { cores, memoryBytes, scratchBytes, gpus, exclusive } = taken;
  for (const { name } of job.job_resources) {
    const work = { jobId: idOf(job), cores, memoryBytes, scratchBytes, gpus, exclusive };
    running.set(name, [...(running.get(name) ?? []), work]);
  }
}
