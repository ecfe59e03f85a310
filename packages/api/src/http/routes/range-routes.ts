import { z } from 'zod';
import { NodeRange } from '../../operation/operation.ts';
import type { Route } from '../route.ts';

/** Longer than in an address: whoever has a file of names sends it here. */
const ExpandRequest = z.strictObject({ range: z.string().min(1).max(900_000), allowEmpty: z.boolean().default(false) });
const FoldRequest = z.strictObject({ names: z.array(z.string().min(1).max(253)).max(100_000) });

/** The nodes of a range, in natural order, and the shortest range that names the same. */
export const ExpandedRange = z.object({ names: z.array(z.string()), range: z.string() });
export type ExpandedRange = z.infer<typeof ExpandedRange>;

const NamesQuery = z.strictObject({
  /** What the names begin with. */
  prefix: z.string().max(255).default(''),
  limit: z.coerce.number().int().min(1).max(1000).default(200),
});

/** What can stand in a command. */
export const KnownNames = z.object({
  nodes: z.array(z.string()),
  groups: z.array(z.string()),
  labels: z.array(z.string()),
  /** Watched on any node. */
  units: z.array(z.string()),
});
export type KnownNames = z.infer<typeof KnownNames>;

/** Ranges of nodes: what they name. */
export const rangeRoutes = {
  expandRange: {
    method: 'POST',
    path: '/ranges/expand',
    access: 'viewer',
    body: ExpandRequest,
    response: ExpandedRange,
    status: 200,
    summary: 'The nodes that a range names; an error says where it is wrong',
  },
  foldRange: {
    method: 'POST',
    path: '/ranges/fold',
    access: 'viewer',
    body: FoldRequest,
    response: z.object({ range: NodeRange.or(z.literal('')) }),
    status: 200,
    summary: 'The shortest range that names these nodes, which must exist',
  },
  listNames: {
    method: 'GET',
    path: '/names',
    access: 'viewer',
    query: NamesQuery,
    response: KnownNames,
    status: 200,
    summary: 'Names that begin so, for completion: nodes, groups, keys of labels, watched units',
  },
} as const satisfies Record<string, Route>;
