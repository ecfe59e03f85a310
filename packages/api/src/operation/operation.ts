import { z } from 'zod';
import { EnvironmentName } from '../environment/definition.ts';

/** What `systemctl` is asked to do with a unit. */
export const ServiceAction = z.enum(['start', 'stop', 'restart']);
export type ServiceAction = z.infer<typeof ServiceAction>;

/** A unit of systemd by its full name, never a pattern: `ssh.service`. The agent checks it again. */
export const UnitName = z
  .string()
  .max(255)
  .regex(/^(?!-)[A-Za-z0-9:_.\\@-]+\.(?:service|socket|target|timer|mount|automount|path|slice|scope|swap)$/u, {
    error: 'a unit is named as systemd names it, with its type, such as ssh.service',
  });

/** The longest a command may run, seconds. */
export const maxTaskSeconds = 86_400;
/** The longest an operation may wait for a node that is away, seconds. */
export const maxExpirySeconds = 30 * 86_400;
/** Output of a task that is kept, bytes; what comes after is cut off and said to be. */
export const maxTaskOutputBytes = 262_144;
/** Tasks that may wait for one node. */
export const maxWaitingTasks = 100;

/**
 * What a person asks for, on any number of nodes. `exec` takes an argument array that never sees a shell. `agent` is done over SSH by
 * the server, all others by the node's agent.
 */
export const OperationSpec = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('service'), action: ServiceAction, unit: UnitName }),
  z.strictObject({
    kind: z.literal('exec'),
    command: z.array(z.string().max(131_072)).min(1).max(1024),
    timeoutSeconds: z.number().int().min(1).max(maxTaskSeconds).default(300),
  }),
  z.strictObject({ kind: z.literal('rotate') }),
  z.strictObject({ kind: z.literal('agent'), action: ServiceAction }),
  /** What the server asks by itself when nodes are to be brought level (see `/environment-sync`); nobody else starts one. */
  z.strictObject({
    kind: z.literal('environment'),
    action: z.enum(['create', 'update', 'remove']),
    environment: EnvironmentName,
    version: z.number().int().positive().nullable(),
  }),
]);
export type OperationSpec = z.infer<typeof OperationSpec>;
export type OperationKind = OperationSpec['kind'];

/** A node range (see docs/ranges.md), resolved when the operation is made: nodes that come later are not part of it. */
export const NodeRange = z.string().min(1).max(100_000);

export const OperationCreate = z.strictObject({
  spec: OperationSpec,
  range: NodeRange,
  /** How many nodes at a time; all at once without it. */
  batch: z.number().int().min(1).max(100_000).optional(),
  /** More failures than this stop the rest; without it nothing stops. */
  maxFail: z.number().int().min(0).max(100_000).optional(),
  /** What has not begun on a node by then is not done there any more. */
  expiresInSeconds: z.number().int().min(1).max(maxExpirySeconds).default(3600),
});
export type OperationCreate = z.input<typeof OperationCreate>;

/**
 * How a task fares. `queued`: not yet given to the node, or held back by the batch. `sent`: given, not yet taken. `running`: the agent has
 * it on its disk. `unknown`: it may or may not have taken place; a later word of the node replaces it.
 */
export const TaskState = z.enum(['queued', 'sent', 'running', 'succeeded', 'failed', 'cancelled', 'expired', 'unknown']);
export type TaskState = z.infer<typeof TaskState>;

/** States in which nothing more will happen, `unknown` aside, which the node may still clear up. */
export const endedTaskStates: readonly TaskState[] = ['succeeded', 'failed', 'cancelled', 'expired', 'unknown'];

/** The part of an operation that one node does. */
export const Task = z.object({
  id: z.uuid(),
  operationId: z.uuid(),
  nodeId: z.uuid(),
  nodeName: z.string(),
  kind: z.string(),
  state: TaskState,
  /** In words, for people: why it failed, or what was done. The node's own text, to be shown and never obeyed. */
  message: z.string(),
  exitStatus: z.number().int().nullable(),
  /** Bytes that are kept of its output; see `/tasks/{id}/output`. */
  outputBytes: z.number().int().nonnegative(),
  truncated: z.boolean(),
  queuedAt: z.iso.datetime(),
  sentAt: z.iso.datetime().nullable(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
  expiresAt: z.iso.datetime(),
});
export type Task = z.infer<typeof Task>;

export const TaskCounts = z.record(TaskState, z.number().int().nonnegative());
export type TaskCounts = z.infer<typeof TaskCounts>;

/** What was asked for, by whom, and how it fares on all its nodes together. */
export const Operation = z.object({
  id: z.uuid(),
  spec: OperationSpec,
  /** In words: `restart ssh.service`. */
  title: z.string(),
  range: z.string(),
  requestedBy: z.string(),
  requestedAt: z.iso.datetime(),
  batch: z.number().int().nullable(),
  maxFail: z.number().int().nullable(),
  expiresAt: z.iso.datetime(),
  cancelledAt: z.iso.datetime().nullable(),
  cancelledBy: z.string().nullable(),
  finishedAt: z.iso.datetime().nullable(),
  /** `running` until every task has ended; `failed` when one did not succeed. */
  state: z.enum(['running', 'succeeded', 'failed', 'cancelled']),
  total: z.number().int(),
  counts: TaskCounts,
});
export type Operation = z.infer<typeof Operation>;

export const OperationList = z.object({ items: z.array(Operation), total: z.number().int().nonnegative() });
export type OperationList = z.infer<typeof OperationList>;

export const TaskList = z.object({ items: z.array(Task), total: z.number().int().nonnegative() });
export type TaskList = z.infer<typeof TaskList>;

export const TaskOutput = z.object({ output: z.string(), truncated: z.boolean() });
export type TaskOutput = z.infer<typeof TaskOutput>;

/** Nodes with the same result, folded together. */
export const OperationResult = z.object({
  /** The nodes as the shortest range. */
  range: z.string(),
  count: z.number().int().positive(),
  state: TaskState,
  exitStatus: z.number().int().nullable(),
  message: z.string(),
  output: z.string(),
  truncated: z.boolean(),
});
export type OperationResult = z.infer<typeof OperationResult>;
