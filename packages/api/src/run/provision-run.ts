import { z } from 'zod';

const Text = z.string().max(20_000);
const HostName = z.string().min(1).max(253);

/** What one phase did on one host. */
export const RunPhase = z.object({
  phase: z.string().min(1).max(64),
  status: z.enum(['unchanged', 'changed', 'would-change', 'failed']),
  seconds: z.number().nonnegative(),
  /** What was, or would be, changed, in words; never what a file holds. */
  changes: z.array(Text).max(1000),
  warnings: z.array(Text).max(100),
});
export type RunPhase = z.infer<typeof RunPhase>;

/** What became of a host: as its phases went, or `not-done` where the run ended before it. */
export const RunHost = z.object({
  name: HostName,
  status: z.enum(['unchanged', 'changed', 'would-change', 'failed', 'not-done']),
  phases: z.array(RunPhase).max(100),
  failure: z.object({ phase: z.string().max(64), kind: z.string().max(64), message: Text }).nullable(),
});
export type RunHost = z.infer<typeof RunHost>;

/** How many hosts a run left in which state. */
export const RunCounts = z.object({
  hosts: z.number().int().nonnegative(),
  changed: z.number().int().nonnegative(),
  unchanged: z.number().int().nonnegative(),
  wouldChange: z.number().int().nonnegative(),
  failed: z.number().int().nonnegative(),
  notDone: z.number().int().nonnegative(),
});
export type RunCounts = z.infer<typeof RunCounts>;

/** Which inventory the server ran: the name it is kept under, and what its document was then. */
const RunInventory = z.object({
  name: z.string().max(64),
  /** How many times it had been saved under that name; null for the registered nodes, which nobody saves. */
  version: z.number().int().positive().nullable(),
  /** SHA-256 of the document. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/u),
});

/** A run of `muster apply` in short. Moments are of the machine it was started on. */
export const ProvisionRunSummary = z.object({
  id: z.uuid(),
  command: z.enum(['apply', 'reset']),
  /** Who ran it, and on which machine. */
  by: z.string().max(253),
  machine: z.string().max(253),
  /** The options that say what it was to do, as they are typed; nothing secret. */
  options: z.array(z.string().max(4000)).max(100),
  startedAt: z.iso.datetime(),
  /** Null while it runs, and where it was killed. */
  finishedAt: z.iso.datetime().nullable(),
  seconds: z.number().nonnegative(),
  state: z.enum(['running', 'done', 'failed', 'interrupted']),
  counts: RunCounts,
  /** Only of a run that a management server executed. */
  inventory: RunInventory.optional(),
  /** The phase that is under way, and how many of its hosts are done with it. */
  now: z.object({ phase: z.string().max(64), done: z.number().int().nonnegative(), hosts: z.number().int().nonnegative() }).optional(),
  /** Why it did not come to its end, where more is known than `state` says. */
  reason: Text.optional(),
});
export type ProvisionRunSummary = z.infer<typeof ProvisionRunSummary>;

/** A run with what became of each of its hosts. */
export const ProvisionRun = ProvisionRunSummary.extend({
  /** Seconds of each phase over all hosts, in order. */
  phases: z.array(z.object({ phase: z.string().max(64), seconds: z.number().nonnegative() })).max(100),
  hosts: z.array(RunHost).max(20_000),
});
export type ProvisionRun = z.infer<typeof ProvisionRun>;

export const ProvisionRunList = z.object({ items: z.array(ProvisionRunSummary), total: z.number().int().nonnegative() });
export type ProvisionRunList = z.infer<typeof ProvisionRunList>;
