import type { QueuePort, QueueSight } from '@muster/core';
import type { z } from 'zod';
import { QueueError } from '../queue-error.ts';
import { type Partitions, readJobs } from './read-jobs.ts';
import { drainMark, readNode } from './read-nodes.ts';
import { readSettings } from './read-settings.ts';
import { SlurmJobs, SlurmNodes } from './slurm-json.ts';
import type { SlurmPrograms } from './slurm-programs.ts';

export type SlurmQueueOptions = Partitions & {
  /** The name it is configured by. */
  readonly name: string;
  readonly programs: SlurmPrograms;
};

/** A Slurm cluster as a source of demand, by its own programs. It keeps nothing: each look is whole. */
export class SlurmQueue implements QueuePort {
  readonly name: string;
  readonly #programs: SlurmPrograms;
  readonly #partitions: Partitions;

  constructor({ name, programs, pools }: SlurmQueueOptions) {
    this.name = name;
    this.#programs = programs;
    this.#partitions = { pools };
  }

  async observe(signal: AbortSignal): Promise<QueueSight> {
    // One after the other: what has ended between the two is seen to have freed its node, and not to be on two.
    const jobs = this.#read(SlurmJobs, 'squeue', await this.#programs.run('squeue', ['--json'], signal)).jobs;
    const nodes = this.#read(SlurmNodes, 'sinfo', await this.#programs.run('sinfo', ['--json'], signal)).nodes;
    const settings = readSettings(await this.#programs.run('scontrol', ['show', 'config'], signal));
    const { running, ...demand } = readJobs(jobs, settings, this.#partitions);
    return { ...demand, nodes: nodes.map((node) => readNode(node, running.get(node.name) ?? [])) };
  }

  async drain(node: string, reason: string): Promise<void> {
    if ((await this.#flagsOf(node))?.drain === 'person') return;
    await this.#update(node, 'DRAIN', reason);
  }

  async resume(node: string): Promise<void> {
    if ((await this.#flagsOf(node))?.drain !== 'planner') return;
    await this.#programs.run('scontrol', ['update', `NodeName=${node}`, 'State=RESUME']);
  }

  async lose(node: string, reason: string): Promise<void> {
    if ((await this.#flagsOf(node)) === undefined) return;
    // slurmctld puts what ran there back into the queue itself when a node is set down (scontrol(1), State=DOWN).
    await this.#update(node, 'DOWN', reason);
  }

  async forget(node: string): Promise<void> {
    if ((await this.#flagsOf(node)) === undefined) return;
    await this.#programs.run('scontrol', ['delete', `NodeName=${node}`]);
  }

  async cancel(jobId: string, reason: string): Promise<void> {
    // Of a job that is gone nothing is left to take away: neither is an error.
    await this.#programs.run('scontrol', ['update', `JobId=${jobId}`, `AdminComment=${drainMark}${reason}`]).catch(refusedIsFine);
    await this.#programs.run('scancel', [jobId]).catch(refusedIsFine);
  }

  async #update(node: string, state: string, reason: string): Promise<void> {
    await this.#programs.run('scontrol', ['update', `NodeName=${node}`, `State=${state}`, `Reason=${drainMark}${reason}`]);
  }

  /** How one node is; undefined where Slurm has none of that name. */
  async #flagsOf(name: string) {
    const { nodes } = this.#read(SlurmNodes, 'sinfo', await this.#programs.run('sinfo', ['--json', '-n', name]));
    const found = nodes.find((node) => node.name === name);
    return found === undefined ? undefined : readNode(found, []);
  }

  #read<Schema extends z.ZodType>(schema: Schema, program: string, text: string): z.output<Schema> {
    const parsed = schema.safeParse(jsonOf(text));
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    const where = issue === undefined ? '' : ` (${issue.path.join('.')}: ${issue.message})`;
    throw new QueueError('not-readable', `What ${program} of the queue ${this.name} printed is not what Muster can read${where}.`, {
      cause: parsed.error,
    });
  }
}

function refusedIsFine(error: unknown): void {
  if (!(error instanceof QueueError) || error.failure !== 'refused') throw error;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
