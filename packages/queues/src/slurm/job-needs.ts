import type { Need } from '@muster/core';
import { readGres } from './gres.ts';
import type { SlurmJob } from './slurm-json.ts';

const mebibyte = 1024 ** 2;

/** What of the configuration of Slurm decides what a job takes (`scontrol show config`). */
export type SlurmSettings = {
  /** Whether memory is counted at all (SelectTypeParameters has `Memory`). */
  readonly countsMemory: boolean;
  /** What a job gets that names no memory; null: all of a node. */
  readonly defaultMemory: { readonly perNodeMb: number } | { readonly perCpuMb: number } | null;
};

/** What a job needs of each of its nodes. */
export type JobNeeds = Need & { readonly nodes: number; readonly features: readonly string[] };

/** What a job takes of one node, of those it has or asks for. @returns undefined with a reason where the planner has no word for it. Pure. */
export function needsOf(job: SlurmJob, settings: SlurmSettings): JobNeeds | { readonly problem: string } {
  const nodes = Math.max(1, job.node_count ?? 1);
  const cores = Math.max(Math.ceil((job.cpus ?? 1) / nodes), job.minimum_cpus_per_node ?? 1, 1);
  const features = featuresOf(job.features);
  const gres = gresOf(job, nodes);
  if (features === undefined) return { problem: `the features ${JSON.stringify(job.features)}: only words joined by "&" are understood` };
  if (gres === undefined) return { problem: `the generic resources ${JSON.stringify(tresOf(job).join(' '))}` };
  if (job.required_nodes !== '') return { problem: `nodes by name (${job.required_nodes})` };
  const memoryMb = memoryOf(job, cores, settings);
  return {
    nodes,
    cores,
    memoryBytes: (memoryMb ?? 0) * mebibyte,
    scratchBytes: (job.minimum_tmp_disk_per_node ?? 0) * mebibyte,
    gpus: gres.gpus,
    exclusive: memoryMb === null || job.shared.some((word) => word === 'none'),
    features: [...new Set([...features, ...gres.words])],
  };
}

/** Of one node; null: all that it has. */
function memoryOf(
  { memory_per_node, memory_per_cpu }: SlurmJob,
  cores: number,
  { countsMemory, defaultMemory }: SlurmSettings,
): number | null {
  // Slurm writes 0 for "all of it" (sbatch --mem=0).
  if (memory_per_node !== null) return memory_per_node === 0 && countsMemory ? null : memory_per_node;
  if (memory_per_cpu !== null) return memory_per_cpu * cores;
  if (!countsMemory) return 0;
  if (defaultMemory === null) return null;
  return 'perNodeMb' in defaultMemory ? defaultMemory.perNodeMb : defaultMemory.perCpuMb * cores;
}

/** All of them are needed; alternatives, counts and groups of nodes have no word with the planner. */
function featuresOf(text: string): string[] | undefined {
  if (text === '' || text === '(null)') return [];
  const words = text.split(/[&,]/u);
  return words.every((word) => /^[\w.:-]+$/u.test(word)) ? words : undefined;
}

const tresOf = ({ tres_per_node, tres_per_task, tres_per_socket, tres_per_job }: SlurmJob): string[] =>
  [tres_per_node, tres_per_task, tres_per_socket, tres_per_job].filter((text) => text !== '');

/** GPUs of each node. */
function gresOf(job: SlurmJob, nodes: number) {
  const perNode = readGres(job.tres_per_node);
  const perTask = readGres(job.tres_per_task);
  const perJob = readGres(job.tres_per_job);
  if (perNode === undefined || perTask === undefined || perJob === undefined || job.tres_per_socket !== '') return undefined;
  const tasks = Math.ceil(Math.max(1, job.tasks ?? 1) / nodes);
  return {
    gpus: Math.max(perNode.gpus, perTask.gpus * tasks, Math.ceil(perJob.gpus / nodes)),
    words: [...perNode.words, ...perTask.words, ...perJob.words],
  };
}
