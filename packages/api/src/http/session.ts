import { z } from 'zod';
import { HealthState } from '../node/health.ts';
import { grantShape } from '../people/person.ts';
import { SecondFactorCode } from '../people/two-factor.ts';
import { secretText } from './secret-text.ts';

/** Who speaks: a person with a session, a program with an API key, or whoever may open the Unix socket on the server itself. */
export const Session = z.object({
  kind: z.enum(['person', 'key', 'local']),
  /** Of the person or the key; null on the Unix socket. */
  id: z.string().nullable(),
  name: z.string(),
  email: z.string().nullable(),
  ...grantShape,
  hasPassword: z.boolean(),
  /** Whether a second factor is asked for when this account signs in with its password. */
  twoFactor: z.boolean(),
  /** The identity provider that this account signs in by; null for one of Muster's own. */
  provider: z.string().nullable(),
});
export type Session = z.infer<typeof Session>;

export const SignIn = z.union([
  z.strictObject({
    email: z.email(),
    password: secretText(z.string().min(1).max(200)),
    /** Where the account has a second factor; without it the answer is the problem `second-factor-needed`. */
    code: SecondFactorCode.optional(),
  }),
  z.strictObject({ token: secretText(z.string().min(1).max(500)) }),
]);
export type SignIn = z.infer<typeof SignIn>;

export const SetPassword = z.strictObject({
  newPassword: secretText(z.string().min(12).max(200)),
  currentPassword: secretText(z.string().max(200)).optional(),
});
export type SetPassword = z.infer<typeof SetPassword>;

export const SignInLinkRequest = z.strictObject({ email: z.email().default('admin@muster.local') });
export type SignInLinkRequest = z.input<typeof SignInLinkRequest>;

export const SignInLink = z.object({ url: z.string(), expiresAt: z.iso.datetime() });
export type SignInLink = z.infer<typeof SignInLink>;

/** What the liveness monitor does about agents that are not heard. */
export const AgentLiveness = z.object({
  enabled: z.boolean(),
  /** As the configuration has it. */
  thresholdSeconds: z.number(),
  /** In force: the greater of the configured threshold and three heartbeat intervals. */
  effectiveThresholdSeconds: z.number(),
  /** Why nothing is restarted now: too many nodes are unheard at once. Null while the brake is off. */
  brake: z.object({ since: z.iso.datetime(), message: z.string(), unheard: z.number().int(), watched: z.number().int() }).nullable(),
  /** Nodes by what is done about their agents. */
  restarting: z.number().int(),
  needsAttention: z.number().int(),
  stopped: z.number().int(),
});
export type AgentLiveness = z.infer<typeof AgentLiveness>;

export const ServerStatus = z.object({
  version: z.string(),
  startedAt: z.iso.datetime(),
  now: z.iso.datetime(),
  /** Address and port of the agents' door, as agents use it. */
  agentAddresses: z.array(z.string()),
  caFingerprint: z.string(),
  heartbeatIntervalSeconds: z.number(),
  heartbeatTimeoutSeconds: z.number(),
  /** Until this moment no node is declared bad because the server itself just came up; null once over. */
  graceUntil: z.iso.datetime().nullable(),
  agentLiveness: AgentLiveness,
  nodes: z.object({ total: z.number().int(), byHealth: z.record(HealthState, z.number().int()) }),
});
export type ServerStatus = z.infer<typeof ServerStatus>;
