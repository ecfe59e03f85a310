import { z } from 'zod';

/** A server of the pool. Ages are by the database's clock. */
export const Member = z.object({
  id: z.string(),
  name: z.string(),
  /** Nodes of the same zone go to it first; empty where no zones are used. */
  zone: z.string(),
  version: z.string(),
  /** HOST:PORT, as agents reach it. */
  agentAddresses: z.array(z.string()),
  panelUrl: z.string(),
  /** Agents that are connected to it. */
  agents: z.number().int().nonnegative(),
  /** Its clock minus the database's. */
  clockSkewMs: z.number(),
  /** `draining`: its nodes are given to others, for work on it. */
  state: z.enum(['active', 'draining']),
  joinedAt: z.iso.datetime(),
  startedAt: z.iso.datetime(),
  /** Since its last sign of life. */
  heardAgeMs: z.number().nonnegative(),
  /** Since when the others hold it to be gone; null while it is there. */
  lostAt: z.iso.datetime().nullable(),
});
export type Member = z.infer<typeof Member>;

/** What one member at a time does. */
export const Lease = z.object({
  name: z.string(),
  /** Who has it; null while nobody does. */
  serverId: z.string().nullable(),
  since: z.iso.datetime(),
  /** Grows with every change of hands. */
  token: z.number().int().positive(),
});
export type Lease = z.infer<typeof Lease>;

export const PoolStatus = z.object({
  /** The member that answers. */
  answeredBy: z.string(),
  members: z.array(Member),
  leases: z.array(Lease),
});
export type PoolStatus = z.infer<typeof PoolStatus>;

export const MoveNodes = z.strictObject({
  /** A node range. */
  range: z.string().min(1).max(10_000),
  /** The member they are to be on; null: where the pool puts them. */
  to: z.string().max(100).nullable(),
  /** The member they belong to now. A node that belongs neither there nor to the new one is an error. */
  from: z.string().max(100).optional(),
});
export type MoveNodes = z.infer<typeof MoveNodes>;

export const MovedNodes = z.object({
  /** All nodes that were meant, folded. */
  range: z.string(),
  count: z.number().int().nonnegative(),
  /** Those of them that belonged there already. */
  already: z.number().int().nonnegative(),
});
export type MovedNodes = z.infer<typeof MovedNodes>;
