import { z } from 'zod';
import { secretText } from '../http/secret-text.ts';
import { HostKey } from './agent-control.ts';

/** By what a console is reached: serial over LAN by IPMI, what a Redfish service offers, or a shell over SSH. */
export const ConsoleKind = z.enum(['ipmi', 'redfish', 'ssh']);
export type ConsoleKind = z.infer<typeof ConsoleKind>;

const address = z
  .string()
  .min(1)
  .max(253)
  .regex(/^[A-Za-z0-9._:][A-Za-z0-9.:_-]*$/u, { error: 'an address is a DNS name or an IP address' });
/* A name that began with a dash would be an option to the program that takes it. */
const user = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[\x21-\x2C\x2E-\x7E][\x21-\x7E]*$/u, { error: 'a user is printable ASCII without blanks, and does not begin with a dash' });

const reach = {
  /** How its console is reached: `ssh` for a shell on the node itself, though it has a management controller. */
  kind: ConsoleKind,
  address,
  /** Of IPMI (623) or of the Redfish service (443). */
  port: z.number().int().min(1).max(65_535),
  user,
  /** SHA-256 of the certificate that the Redfish service shows, hexadecimal; null: one that this machine trusts. */
  certificateSha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/u, { error: 'a fingerprint is 64 digits, hexadecimal' })
    .nullable(),
  /** The keys by which the controller's SSH server is known, where the console leads through it. */
  hostKeys: z.array(HostKey).max(16),
};

/** The management controller (BMC) of a node. Its password is never told. */
export const NodeController = z.object({ nodeId: z.uuid(), nodeName: z.string(), ...reach, since: z.iso.datetime() });
export type NodeController = z.infer<typeof NodeController>;

/** IPMI takes a password of 20 bytes at most (IPMI 2.0, 22.30). */
export const NodeControllerSet = z.strictObject({
  ...reach,
  port: reach.port.optional(),
  certificateSha256: reach.certificateSha256.default(null),
  hostKeys: reach.hostKeys.default([]),
  /** Left out: as it was. */
  password: secretText(z.string().min(1).max(200)).optional(),
});
export type NodeControllerSet = z.input<typeof NodeControllerSet>;

/** Somebody at a console. */
export const ConsoleViewer = z.object({
  /** Of this visit. */
  id: z.string(),
  name: z.string(),
  readOnly: z.boolean(),
});
export type ConsoleViewer = z.infer<typeof ConsoleViewer>;

/** Who watches, and who of them writes; null: the pen is free, and whoever types has it. */
export const ConsolePresence = z.object({ viewers: z.array(ConsoleViewer), writer: z.string().nullable() });
export type ConsolePresence = z.infer<typeof ConsolePresence>;

/** An open console, and which server of the pool holds it. */
export const OpenConsole = z.object({
  nodeId: z.uuid(),
  nodeName: z.string(),
  kind: ConsoleKind,
  serverId: z.string(),
  serverName: z.string(),
  /** Where its panel is; null where that server is not heard. */
  serverUrl: z.string().nullable(),
  since: z.iso.datetime(),
  viewers: z.number().int().nonnegative(),
});
export type OpenConsole = z.infer<typeof OpenConsole>;
export const OpenConsoleList = z.object({ items: z.array(OpenConsole) });

/** How a node's console would be reached. */
export const NodeConsole = z.object({
  nodeName: z.string(),
  /** Null: it has none yet; `reason` says why. */
  kind: ConsoleKind.nullable(),
  reason: z.string().nullable(),
  open: OpenConsole.nullable(),
});
export type NodeConsole = z.infer<typeof NodeConsole>;

/** What was recorded of a console, by the server that held it. */
export const ConsoleRecording = z.object({
  /** Its file's name. */
  id: z.string(),
  nodeName: z.string(),
  startedAt: z.iso.datetime(),
  bytes: z.number().int().nonnegative(),
});
export type ConsoleRecording = z.infer<typeof ConsoleRecording>;
export const ConsoleRecordingList = z.object({
  items: z.array(ConsoleRecording),
  /** Names of servers of the pool that could not be asked: what they recorded is not in the list. */
  unreached: z.array(z.string()).default([]),
});

const terminalSize = { columns: z.coerce.number().int().min(1).max(1000), rows: z.coerce.number().int().min(1).max(1000) };
const flag = z.enum(['true', 'false']).default('false');

/** How somebody comes to a console. */
export const ConsoleQuery = z.strictObject({
  readOnly: flag,
  /** Take the pen, whoever has it. */
  take: flag,
  /** End a session that another holds on the management controller. */
  endOther: flag,
  columns: terminalSize.columns.default(80),
  rows: terminalSize.rows.default(24),
});
export type ConsoleQuery = z.input<typeof ConsoleQuery>;

/**
 * What is said beside the bytes, as JSON in text messages of the WebSocket; the bytes of the terminal themselves are its binary messages, both ways.
 */
export const ConsoleWish = z.discriminatedUnion('type', [
  z.object({ type: z.literal('take') }),
  z.object({ type: z.literal('resize'), ...terminalSize }),
]);
export type ConsoleWish = z.infer<typeof ConsoleWish>;

export const ConsoleNotice = z.discriminatedUnion('type', [
  /** The first: who you are. What follows in bytes is the end of what was shown before. */
  z.object({ type: z.literal('welcome'), you: z.string(), kind: ConsoleKind, nodeName: z.string() }),
  /** Whenever somebody came, went or took the pen. */
  z.object({ type: z.literal('presence'), ...ConsolePresence.shape }),
  /** What you typed was not sent on, and why. */
  z.object({ type: z.literal('refused'), message: z.string() }),
  /** You did not read fast enough: so many bytes were left out. The end of them follows. */
  z.object({ type: z.literal('gap'), bytes: z.number().int().nonnegative() }),
  /** The last: the console has ended, or never began. `elsewhere`: another server of the pool has it open, and is reached there. */
  z.object({ type: z.literal('end'), message: z.string(), elsewhere: z.string().nullable().default(null) }),
]);
export type ConsoleNotice = z.infer<typeof ConsoleNotice>;

/** The largest message that is taken: what a person pastes. */
export const maxConsoleMessageBytes = 65_536;
