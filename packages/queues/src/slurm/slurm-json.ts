import { z } from 'zod';

/*
 * What `squeue --json` and `sinfo --json` print. Slurm 22.05 (openapi/v0.0.38) has plain numbers, null and 4294967294 for what is not set, and words;
 * from 23.02 on numbers are objects and words are lists (data_parser/v0.0.39 and later).
 */

const notSet = 4_294_967_294;

/** A number, or null where it is not set. */
const count = z
  .union([
    z.number(),
    z.null(),
    z
      .object({ set: z.boolean(), infinite: z.boolean().optional(), number: z.number() })
      .transform(({ set, number }) => (set ? number : null)),
  ])
  .optional()
  .transform((value) => (value === undefined || value === null || value >= notSet || value < 0 ? null : value));

/** One word or several. */
const words = z
  .union([z.string(), z.null(), z.array(z.string())])
  .optional()
  .transform((value) => (Array.isArray(value) ? value : value ? [value] : []));

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? '');

const Allocated = z.union([
  z.object({ nodename: z.string(), memory_allocated: count }).transform((one) => ({ name: one.nodename, memoryMb: one.memory_allocated })),
  z
    .object({ name: z.string(), memory: z.object({ allocated: count }).optional() })
    .transform((one) => ({ name: one.name, memoryMb: one.memory?.allocated ?? null })),
]);

/** Where a job runs: a list of nodes, in later releases below `nodes.allocation`. */
const Resources = z
  .union([
    z.object({ allocated_nodes: z.array(Allocated) }).transform((one) => one.allocated_nodes),
    z.object({ nodes: z.object({ allocation: z.array(Allocated) }) }).transform((one) => one.nodes.allocation),
    z.unknown().transform(() => []),
  ])
  .optional()
  .transform((value) => value ?? []);

/** A job of squeue. Sizes are Slurm's: MB of 1024 × 1024 bytes, seconds since 1970. */
export const SlurmJob = z.object({
  job_id: z.number(),
  job_state: words,
  state_reason: text,
  priority: count,
  partition: text,
  cpus: count,
  node_count: count,
  tasks: count,
  cpus_per_task: count,
  minimum_cpus_per_node: count,
  memory_per_node: count,
  memory_per_cpu: count,
  minimum_tmp_disk_per_node: count,
  features: text,
  required_nodes: text,
  shared: words,
  submit_time: count,
  array_job_id: count,
  array_task_id: count,
  array_task_string: text,
  array_max_tasks: count,
  tres_per_job: text,
  tres_per_node: text,
  tres_per_socket: text,
  tres_per_task: text,
  job_resources: Resources,
});
export type SlurmJob = z.infer<typeof SlurmJob>;

/** A node of sinfo. */
export const SlurmNode = z.object({
  name: z.string(),
  state: words,
  state_flags: words,
  cpus: count,
  real_memory: count,
  features: z.union([text, z.array(z.string()).transform((list) => list.join(','))]),
  gres: text,
  reason: text,
});
export type SlurmNode = z.infer<typeof SlurmNode>;

const Answered = z.object({ errors: z.array(z.unknown()).optional() });
export const SlurmJobs = Answered.extend({ jobs: z.array(SlurmJob) });
export const SlurmNodes = Answered.extend({ nodes: z.array(SlurmNode) });
