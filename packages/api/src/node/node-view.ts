import { z } from 'zod';

/** As much of a range as an address can carry, characters; a longer one goes to `/ranges/expand`. */
export const maxRangeInQuery = 16_000;

/** What a list of nodes shows: its order, its filters, its range, and its columns where somebody chose them. */
export const NodeViewQuery = z.strictObject({
  sort: z.string().max(2000).default('name'),
  filter: z.array(z.string().max(1000)).max(50).default([]),
  range: z.string().min(1).max(maxRangeInQuery).nullable().default(null),
  columns: z.array(z.string().max(63)).max(100).nullable().default(null),
});
export type NodeViewQuery = z.infer<typeof NodeViewQuery>;

const decided = {
  name: z
    .string()
    .min(1)
    .max(63)
    .regex(/^[\p{L}\p{N}_](?:[\p{L}\p{N} ._-]*[\p{L}\p{N}._-])?$/u, {
      error: 'the name of a view has letters, digits, dots, hyphens, underscores and blanks, and begins and ends with none of the last',
    }),
  /** Whether everyone sees it; else only its owner. */
  shared: z.boolean(),
  query: NodeViewQuery,
};

/** A list of nodes that somebody keeps by a name. */
export const NodeView = z.object({
  id: z.uuid(),
  ...decided,
  /** Who made it, in words. */
  owner: z.string(),
  /** Whether whoever asks made it. */
  own: z.boolean(),
  updatedAt: z.iso.datetime(),
});
export type NodeView = z.infer<typeof NodeView>;

export const NodeViewCreate = z.strictObject({ ...decided, shared: decided.shared.default(false) });
export type NodeViewCreate = z.infer<typeof NodeViewCreate>;

/** What GET gives, PUT takes back unchanged: the observed members are ignored. */
export const NodeViewReplace = z.strictObject({ ...NodeView.partial().shape, ...decided });
export type NodeViewReplace = z.infer<typeof NodeViewReplace>;

export const NodeViewList = z.object({ items: z.array(NodeView) });
export type NodeViewList = z.infer<typeof NodeViewList>;
