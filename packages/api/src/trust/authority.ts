import { z } from 'zod';

/**
 * How far one authority has replaced another. `prepare`: the new one is there, and everyone learns to trust both. `agents`: nodes get
 * certificates of the new one. `servers`: servers show certificates of it too. `rollback`: whatever is of the new one goes back to the old.
 */
export const RotationPhase = z.enum(['prepare', 'agents', 'servers', 'rollback']);
export type RotationPhase = z.infer<typeof RotationPhase>;

/** What an administrator may ask of the replacement of the authority. */
export const RotationStep = z.enum(['begin', 'next', 'finish', 'rollback']);
export type RotationStep = z.infer<typeof RotationStep>;

/** One authority of this installation. */
export const AuthorityInfo = z.object({
  /** Counted from 1. */
  generation: z.number().int().positive(),
  /** SHA-256 of the root, hexadecimal: what join tokens carry. */
  fingerprint: z.string(),
  createdAt: z.iso.datetime(),
  notAfter: z.iso.datetime(),
  /** What it does now: whether nodes are certified by it, servers show it, it is trusted. */
  issues: z.boolean(),
  shows: z.boolean(),
});
export type AuthorityInfo = z.infer<typeof AuthorityInfo>;

/** Who lacks something before the next step, and what. */
export const Laggard = z.object({ kind: z.enum(['node', 'server']), name: z.string(), lacks: z.string(), connected: z.boolean() });
export type Laggard = z.infer<typeof Laggard>;

/** The authority in force, and how far its replacement is. */
export const AuthorityStatus = z.object({
  /** All that are trusted now, the one that issues first. */
  trusted: z.array(AuthorityInfo),
  rotation: z
    .object({
      phase: RotationPhase,
      from: z.number().int(),
      to: z.number().int(),
      startedAt: z.iso.datetime(),
      startedBy: z.string(),
      phaseSince: z.iso.datetime(),
      /** Nodes with a certificate, and those of them that are caught up. */
      nodes: z.number().int(),
      caughtUp: z.number().int(),
      behind: z.array(Laggard),
    })
    .nullable(),
});
export type AuthorityStatus = z.infer<typeof AuthorityStatus>;

export const AuthorityStep = z.strictObject({
  step: RotationStep,
  /** Names of nodes or servers that are given up on: they have to enrol again. */
  leaveBehind: z.array(z.string().min(1).max(253)).max(100_000).default([]),
});
export type AuthorityStep = z.input<typeof AuthorityStep>;
