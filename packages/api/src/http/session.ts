import { z } from 'zod';
import { HealthState } from '../node/health.ts';

/** Who speaks: a person with a session, or whoever may open the Unix socket on the server itself. */
export const Session = z.object({
  kind: z.enum(['person', 'local']),
  name: z.string(),
  email: z.string().nullable(),
  role: z.enum(['viewer', 'administrator']),
  hasPassword: z.boolean(),
});
export type Session = z.infer<typeof Session>;

export const SignIn = z.union([
  z.strictObject({ email: z.email(), password: z.string().min(1).max(200) }),
  z.strictObject({ token: z.string().min(1).max(500) }),
]);
export type SignIn = z.infer<typeof SignIn>;

export const SetPassword = z.strictObject({
  newPassword: z.string().min(12).max(200),
  currentPassword: z.string().max(200).optional(),
});
export type SetPassword = z.infer<typeof SetPassword>;

export const SignInLinkRequest = z.strictObject({ email: z.email().default('admin@muster.local') });
export type SignInLinkRequest = z.input<typeof SignInLinkRequest>;

export const SignInLink = z.object({ url: z.string(), expiresAt: z.iso.datetime() });
export type SignInLink = z.infer<typeof SignInLink>;

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
  nodes: z.object({ total: z.number().int(), byHealth: z.record(HealthState, z.number().int()) }),
});
export type ServerStatus = z.infer<typeof ServerStatus>;
