import { z } from 'zod';
import { EnvironmentsReport } from '../environment/node-environment.ts';
import { Facts, ServicesReport } from '../node/facts.ts';
import { maxTaskOutputBytes } from '../operation/operation.ts';

/** Fingerprints (SHA-256 in hexadecimal) of the roots that the agent trusts. */
const Roots = z.array(z.string().regex(/^[0-9a-f]{64}$/u)).max(8);

/** First message of an agent on a new connection. */
const Hello = z.object({
  type: z.literal('hello'),
  protocol: z.number().int(),
  agentVersion: z.string().max(64),
  bootId: z.string().max(64),
  /** The node's clock, milliseconds since the epoch. Shown as skew, never used for decisions. */
  clockMs: z.number(),
  /** As in `trusts`; an agent of an older version leaves it out. */
  roots: Roots.optional(),
});
/** Everything the agent knows: sent after `welcome`, on change, and every `reportSeconds`. */
const Report = z.object({
  type: z.literal('report'),
  facts: Facts,
  services: ServicesReport,
  /** Left out by agents of before there were environments, and until the first look. */
  environments: EnvironmentsReport.optional(),
});
/** Sign of life. The server answers with `heartbeat-ack`, so the agent too sees a dead peer. */
const Heartbeat = z.object({ type: z.literal('heartbeat'), sequence: z.number().int().nonnegative(), clockMs: z.number() });
/** Asks for a new certificate for a new key. The answer is `certificate` or `renewal-refused` with the same id. */
const Renew = z.object({ type: z.literal('renew'), id: z.string().max(64), csrPem: z.string().max(8192) });

/** The roots of a `trust` are on the agent's disk, and the services of its host were told of them. */
const Trusts = z.object({ type: z.literal('trusts'), roots: Roots });
/**
 * The services of the host were told of this certificate: every hook has ended, well or not. Said again on each connection until
 * `certificate-settled`.
 */
const CertificateTaken = z.object({
  type: z.literal('certificate-taken'),
  serial: z.string().regex(/^[0-9a-f]{1,40}$/u),
  hooks: z.array(z.object({ name: z.string().max(100), ok: z.boolean(), message: z.string().max(1000) })).max(100),
});
/** The task is on the agent's disk: it will be done once, or be reported as `unknown`. */
const TaskTaken = z.object({ type: z.literal('task-taken'), id: z.uuid() });
/** How a task ended. Said again on each connection until `task-recorded`. */
const TaskResult = z.object({
  type: z.literal('task-result'),
  id: z.uuid(),
  /** `expired`: it was not begun in time and never will be. */
  outcome: z.enum(['succeeded', 'failed', 'cancelled', 'expired', 'unknown']),
  exitStatus: z.number().int().min(-1).max(255).nullable(),
  message: z.string().max(1000),
  output: z.string().max(maxTaskOutputBytes),
  truncated: z.boolean(),
  /** How long it ran, milliseconds by the agent's monotonic clock; null where it does not know. */
  durationMs: z.number().nonnegative().nullable(),
});
/** Lines of a journal that the server asked for; before them so many were left out, because it grew too fast. */
const Journal = z.object({
  type: z.literal('journal'),
  id: z.string().max(64),
  lines: z.array(z.object({ at: z.iso.datetime().nullable(), text: z.string().max(8192) })).max(500),
  dropped: z.number().int().nonnegative().default(0),
});
/** The end of a journal: why, in words; empty when everything that was asked for was sent. */
const JournalEnd = z.object({ type: z.literal('journal-end'), id: z.string().max(64), reason: z.string().max(300) });

/** What an agent may say. Hostile until it has passed this schema. */
export const AgentMessage = z.discriminatedUnion('type', [
  Hello,
  Report,
  Heartbeat,
  Renew,
  Trusts,
  CertificateTaken,
  TaskTaken,
  TaskResult,
  Journal,
  JournalEnd,
]);
export type AgentMessage = z.infer<typeof AgentMessage>;
