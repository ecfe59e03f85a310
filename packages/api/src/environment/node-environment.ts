import { z } from 'zod';
import { NodeRange } from '../operation/operation.ts';
import { EnvironmentName } from './definition.ts';

/**
 * Whether a node has what it is to have, by its own report. `off`: environments are off there, nothing is scheduled. `unknown`: the node
 * is not heard, or has not reported environments yet.
 */
export const EnvironmentSync = z.enum(['in-sync', 'out-of-sync', 'off', 'unknown']);
export type EnvironmentSync = z.infer<typeof EnvironmentSync>;

/**
 * What a node has otherwise than it should. `missing`: not there. `other-version`: there in another version. `other-definition`: the
 * version is right and what it was made of is not. `extra`: there, and should not be.
 */
export const EnvironmentDifference = z.enum(['missing', 'other-version', 'other-definition', 'extra']);
export type EnvironmentDifference = z.infer<typeof EnvironmentDifference>;

/** What was scheduled for an environment on a node, and how it fares. */
export const EnvironmentWork = z.object({
  action: z.enum(['create', 'update', 'remove']),
  /** The version that is to be there afterwards; null for `remove`. */
  version: z.number().int().positive().nullable(),
  state: z.enum(['new', 'ongoing', 'success', 'failed']),
  /** In words: why it failed or waits, what was done. In part the node's own text: to be shown. */
  message: z.string(),
  attempts: z.number().int().nonnegative(),
  /** When a failed one is tried again by itself; null for never. */
  retryAt: z.iso.datetime().nullable(),
  /** The node's task (see `/nodes/{node}/tasks`), where there is one. */
  taskId: z.uuid().nullable(),
  changedAt: z.iso.datetime(),
});
export type EnvironmentWork = z.infer<typeof EnvironmentWork>;

/** One environment on one node. */
export const NodeEnvironment = z.object({
  nodeId: z.uuid(),
  nodeName: z.string(),
  environment: z.string(),
  /** Null where the node is not to have it. */
  wantedVersion: z.number().int().positive().nullable(),
  /** What the node reports; null where it has none, or says nothing. */
  observedVersion: z.number().int().positive().nullable(),
  sync: EnvironmentSync,
  difference: EnvironmentDifference.nullable(),
  work: EnvironmentWork.nullable(),
});
export type NodeEnvironment = z.infer<typeof NodeEnvironment>;

export const NodeEnvironmentList = z.object({ items: z.array(NodeEnvironment), total: z.number().int().nonnegative() });
export type NodeEnvironmentList = z.infer<typeof NodeEnvironmentList>;

/** All environments of one node together. */
export const NodeSync = z.object({
  nodeId: z.uuid(),
  nodeName: z.string(),
  environments: z.enum(['on', 'off']),
  sync: EnvironmentSync,
  /** In words: `ml: version 2 instead of 3; web: missing`. Empty when nothing differs. */
  summary: z.string(),
  /** Environments that differ, that are being worked on or wait for it, and that failed. */
  differing: z.number().int().nonnegative(),
  working: z.number().int().nonnegative(),
  failed: z.number().int().nonnegative(),
  /** When the node last reported its environments. */
  reportedAt: z.iso.datetime().nullable(),
});
export type NodeSync = z.infer<typeof NodeSync>;

export const NodeSyncList = z.object({ items: z.array(NodeSync), total: z.number().int().nonnegative() });
export type NodeSyncList = z.infer<typeof NodeSyncList>;

/** Asks that nodes be brought level. */
export const SyncRequest = z.strictObject({
  range: NodeRange,
  /** Only these environments; all without it. */
  environments: z.array(EnvironmentName).min(1).max(200).optional(),
  /** Whether environments are removed that this server does not know at all: those of another server, or of before a restore. */
  prune: z.boolean().default(false),
});
export type SyncRequest = z.input<typeof SyncRequest>;

/** What was scheduled by a request, node by node; nodes that are level are left out. */
export const SyncAnswer = z.object({
  /** Nodes that were named. */
  nodes: z.number().int().nonnegative(),
  scheduled: z.array(
    z.object({
      nodeId: z.uuid(),
      nodeName: z.string(),
      environment: z.string(),
      action: z.enum(['create', 'update', 'remove']),
      version: z.number().int().positive().nullable(),
    }),
  ),
});
export type SyncAnswer = z.infer<typeof SyncAnswer>;

/** What an agent found in the folder of its environments: hostile until it has passed this. */
export const EnvironmentsReport = z.discriminatedUnion('available', [
  z.object({
    available: z.literal(true),
    /** The version in use of each; at most so many are reported. */
    items: z
      .array(
        z.object({
          name: z.string().max(63),
          version: z.number().int().positive().max(2_147_483_647),
          definitionSha256: z.string().max(64),
        }),
      )
      .max(256),
    truncated: z.boolean(),
  }),
  z.object({ available: z.literal(false), reason: z.string().max(300) }),
]);
export type EnvironmentsReport = z.infer<typeof EnvironmentsReport>;
