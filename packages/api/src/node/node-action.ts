import { z } from 'zod';
import { NodeRange } from '../operation/operation.ts';
import { Node } from './node.ts';

const Reason = z.string().trim().max(500);
const label = Node.shape.labels;
const groups = Node.shape.groups;

/** The longest that maintenance or a drain can be planned for, seconds: ten years. */
const maxPlannedSeconds = 315_360_000;
const Seconds = z.number().int().min(1).max(maxPlannedSeconds);

const range = NodeRange;

/**
 * What is done with all nodes of a range, or with none of them: one node that stands in the way refuses the whole request, and the
 * answer names it. What takes time on the nodes themselves is an operation instead.
 */
export const NodeActionRequest = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('cordon'), range, reason: Reason.default('') }),
  z.strictObject({ action: z.literal('uncordon'), range }),
  z.strictObject({
    action: z.literal('drain'),
    range,
    reason: Reason.default(''),
    /** After so long a warning says what still runs; the drain goes on. */
    deadlineSeconds: Seconds.optional(),
  }),
  z.strictObject({
    action: z.literal('begin-maintenance'),
    range,
    reason: Reason.min(1, { error: 'say why: whoever finds the node asleep wants to know' }),
    /** Ends by itself after so long, by the clock of the database; without either it lasts until somebody ends it. */
    seconds: Seconds.optional(),
    until: z.iso.datetime({ offset: true }).optional(),
  }),
  z.strictObject({ action: z.literal('end-maintenance'), range }),
  z.strictObject({
    action: z.literal('change'),
    range,
    labels: label.default({}),
    removeLabels: z.array(z.string().max(63)).max(100).default([]),
    addGroups: groups.default([]),
    removeGroups: groups.default([]),
    notes: Node.shape.notes.optional(),
    environments: Node.shape.environments.optional(),
  }),
  z.strictObject({ action: z.literal('remove'), range }),
]);
export type NodeActionRequest = z.input<typeof NodeActionRequest>;
/** The same with its defaults. */
export type ParsedNodeAction = z.output<typeof NodeActionRequest>;

/** On which nodes it was done. */
export const NodeActionResult = z.object({
  /** The nodes as the shortest range. */
  range: z.string(),
  count: z.number().int().nonnegative(),
});
export type NodeActionResult = z.infer<typeof NodeActionResult>;
