import { z } from 'zod';
import { Facts, ServicesReport } from '../node/facts.ts';

/** First message of an agent on a new connection. */
const Hello = z.object({
  type: z.literal('hello'),
  protocol: z.number().int(),
  agentVersion: z.string().max(64),
  bootId: z.string().max(64),
  /** The node's clock, milliseconds since the epoch. Shown as skew, never used for decisions. */
  clockMs: z.number(),
});
/** Everything the agent knows: sent after `welcome`, on change, and every `reportSeconds`. */
const Report = z.object({ type: z.literal('report'), facts: Facts, services: ServicesReport });
/** Sign of life. The server answers with `heartbeat-ack`, so the agent too sees a dead peer. */
const Heartbeat = z.object({ type: z.literal('heartbeat'), sequence: z.number().int().nonnegative(), clockMs: z.number() });
/** Asks for a new certificate for a new key. The answer is `certificate` or `renewal-refused` with the same id. */
const Renew = z.object({ type: z.literal('renew'), id: z.string().max(64), csrPem: z.string().max(8192) });

/** What an agent may say. Hostile until it has passed this schema. */
export const AgentMessage = z.discriminatedUnion('type', [Hello, Report, Heartbeat, Renew]);
export type AgentMessage = z.infer<typeof AgentMessage>;
