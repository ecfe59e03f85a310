import { z } from 'zod';

/** A certificate by which others know a server. */
export const MemberCertificate = z.object({
  /** `server`: its own, which agents and panels see; it is renewed by itself. `pool`: of its etcd, Patroni and PostgreSQL; `muster apply` renews it. */
  kind: z.enum(['server', 'pool']),
  /** Null where it could not be read. */
  expiresAt: z.iso.datetime().nullable(),
});
export type MemberCertificate = z.infer<typeof MemberCertificate>;

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
  /** Empty where it does not say so, as a server of an older release. */
  certificates: z.array(MemberCertificate).default([]),
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

/** One copy of the database, as a server sees it. What is not known is null: PostgreSQL tells it only to those with the right. */
export const DatabaseCopy = z.object({
  /** HOST:PORT, or a word for the embedded one. */
  place: z.string(),
  /** The member on whose machine it lies; null where it is on none. */
  memberId: z.string().nullable(),
  /** `silent`: it does not answer. */
  role: z.enum(['primary', 'replica', 'silent']),
  /** Whether a write is acknowledged only when this copy has it too. */
  synchronous: z.boolean().nullable(),
  /** What it lacks of what the primary has written. */
  lagBytes: z.number().nonnegative().nullable(),
  /** For how long it lacked the last of what it has, seconds. */
  lagSeconds: z.number().nonnegative().nullable(),
});
export type DatabaseCopy = z.infer<typeof DatabaseCopy>;

/** The one database of the pool and its copies. */
export const PoolDatabase = z.object({
  /** `pool`: under Patroni, installed by Muster; `own`: one that somebody else runs; `embedded`: the one inside a single server. */
  kind: z.enum(['pool', 'own', 'embedded']),
  copies: z.array(DatabaseCopy),
  /** `unprotected`: only one copy exists. `synchronous`: what was acknowledged survives the loss of any one copy. */
  protection: z.enum(['synchronous', 'asynchronous', 'unprotected', 'unknown']),
  /** What is not known, and why; null where all is. */
  note: z.string().nullable(),
});
export type PoolDatabase = z.infer<typeof PoolDatabase>;

export const PromoteMember = z.strictObject({
  /** Promotes also where acknowledged changes are lost by it. */
  acceptDataLoss: z.boolean().default(false),
});
export type PromoteMember = z.input<typeof PromoteMember>;

/** The move of the database's primary to a member, as the server knows it that was asked for it. */
export const Promotion = z.object({
  /** The member that is to be the primary. */
  memberId: z.string(),
  memberName: z.string(),
  /** `already`: it was the primary, and nothing was changed. `done`: it takes writes. */
  state: z.enum(['already', 'running', 'done', 'failed']),
  /** `switch-over`: the primary before hands over in good order. `fail-over`: it is gone. Null with `already`. */
  kind: z.enum(['switch-over', 'fail-over']).nullable(),
  /** Who was the primary before, by its name in Patroni; null where nobody was. */
  from: z.string().nullable(),
  /** What a fail-over gives up, in bytes of the write-ahead log; null where it is not known, 0 where nothing is. */
  lostBytes: z.number().nonnegative().nullable(),
  /** How it stands, in words. */
  message: z.string(),
  startedAt: z.iso.datetime(),
});
export type Promotion = z.infer<typeof Promotion>;

export const PoolStatus = z.object({
  /** The member that answers. */
  answeredBy: z.string(),
  members: z.array(Member),
  leases: z.array(Lease),
  database: PoolDatabase,
  /** The last promotion that the answering server was asked for since its start. */
  promotion: Promotion.nullable(),
  /** How old members and leases are, where the database is away and they come from memory, seconds; else null. */
  ageSeconds: z.number().nonnegative().nullable(),
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
