/** Who a message is about: the name the inventory uses and where it was looked for. */
export interface HostIdentity {
  /** Inventory name; stands first in every error. */
  readonly name: string;
  /** DNS name or IP address that is dialled. */
  readonly address: string;
  readonly port: number;
}

/** What went wrong, for programs. The text of the error is for people. */
export type SshErrorKind =
  | 'aborted'
  | 'authFailed'
  | 'badInput'
  | 'channelRefused'
  | 'connectionLost'
  | 'diskFull'
  | 'handshakeFailed'
  | 'hostKeyChanged'
  | 'hostKeyRevoked'
  | 'hostKeyUnknown'
  | 'keyUnreadable'
  | 'knownHostsUnusable'
  | 'readOnlyFileSystem'
  | 'shellUnusable'
  | 'sshConfigUnusable'
  | 'sudoFailed'
  | 'sudoMissing'
  | 'sudoNotAllowed'
  | 'sudoPasswordNeeded'
  | 'sudoPasswordWrong'
  | 'sudoTty'
  | 'timeout'
  | 'unreachable'
  | 'unsupported'
  | 'uploadFailed';

/** The parts an {@link SshError} is made of. */
export interface SshErrorParts {
  readonly kind: SshErrorKind;
  readonly host: HostIdentity;
  /** What happened, without the host's name and without a full stop. */
  readonly what: string;
  /** What the reader can do. */
  readonly advice: string;
  /** Label of the command that was running, when one was. */
  readonly command?: string | undefined;
  /** Exit status, when the host had still told it. */
  readonly exitCode?: number | null | undefined;
  readonly cause?: unknown;
}

/** The only error type this room throws on purpose. It never carries a password, a passphrase or a whole script. */
export class SshError extends Error {
  override readonly name = 'SshError';
  readonly kind: SshErrorKind;
  readonly host: HostIdentity;
  readonly what: string;
  readonly advice: string;
  readonly command: string | undefined;
  readonly exitCode: number | null | undefined;

  constructor(parts: SshErrorParts) {
    const during = parts.command === undefined ? '' : ` (command: ${parts.command})`;
    super(
      `${describeHost(parts.host)}: ${parts.what}${during}. ${parts.advice}`,
      parts.cause === undefined ? undefined : { cause: parts.cause },
    );
    this.kind = parts.kind;
    // Copied, because callers pass whole targets, and a target may hold a password.
    this.host = { name: parts.host.name, address: parts.host.address, port: parts.host.port };
    this.what = parts.what;
    this.advice = parts.advice;
    this.command = parts.command;
    this.exitCode = parts.exitCode;
  }
}

/** `node1 (10.0.0.1:22)`; IPv6 addresses in brackets. */
export function describeHost(host: HostIdentity): string {
  const address = host.address.includes(':') ? `[${host.address}]` : host.address;
  return `${host.name} (${address}:${host.port})`;
}

/** True for an {@link SshError} of one of the given kinds, of any kind when none is given. */
export function isSshError(error: unknown, ...kinds: readonly SshErrorKind[]): error is SshError {
  return error instanceof SshError && (kinds.length === 0 || kinds.includes(error.kind));
}

/** The error for a cancelled connection or command; keeps the signal's reason as cause. */
export function abortedError(host: HostIdentity, reason: unknown, command?: string): SshError {
  return new SshError({
    kind: 'aborted',
    host,
    what: command === undefined ? 'the connection was cancelled' : 'the command was cancelled',
    advice: 'Run it again when you are ready.',
    command,
    cause: reason,
  });
}

/** The error for a caller's mistake: nothing was sent to the host. */
export function badInputError(host: HostIdentity, what: string, advice: string): SshError {
  return new SshError({ kind: 'badInput', host, what, advice });
}

/** The last words of an untrusted text in one printable line of at most `limit` characters. */
export function oneLine(text: string, limit = 300): string {
  const clean = text.replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();
  return clean.length <= limit ? clean : `...${clean.slice(clean.length - limit)}`;
}
