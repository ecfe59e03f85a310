import { errorCode } from './file-lock.ts';
import { type HostIdentity, oneLine, SshError, type SshErrorParts } from './ssh-error.ts';
import type { SshTarget } from './ssh-target.ts';

/** RFC 4253, 11.1: what sshd says after too many keys. */
const TOO_MANY_TRIES = /too many authentication failures/i;

/** What is known of a handshake that failed. */
export interface FailedHandshake {
  readonly target: SshTarget;
  readonly cause: Error | undefined;
  /** Labels of the login attempts so far. */
  readonly tried: readonly string[];
  /** Whether the other side said that it speaks SSH. */
  readonly sawBanner: boolean;
}

/** The server went away before it said that it speaks SSH: a full queue of logins (MaxStartups), or no SSH server at all. */
export function isDroppedBeforeBanner(error: unknown): boolean {
  return error instanceof SshError && error.what === DROPPED.what;
}

/** Turns whatever ended a handshake into one typed error. */
export function handshakeError({ target, cause, tried, sawBanner }: FailedHandshake): SshError {
  const base = { host: target, cause };
  const message = cause?.message ?? 'the host closed the connection';
  const code = errorCode(cause);
  if (TOO_MANY_TRIES.test(message)) {
    return authFailedError(target, tried, undefined, 'sshd ends the login after too many keys (MaxAuthTries)');
  }
  const isLost = code !== undefined || cause === undefined;
  if (!sawBanner && (isLost || message === 'Connection lost before handshake')) {
    return new SshError({ ...base, ...DROPPED });
  }
  if (/no matching/i.test(message)) {
    return new SshError({ ...base, kind: 'handshakeFailed', what: oneLine(message), advice: NO_COMMON_ALGORITHM });
  }
  if (isLost) {
    return new SshError({ ...base, kind: 'unreachable', what: `lost during the login: ${code ?? message}`, advice: LOGIN_LOST });
  }
  return new SshError({ ...base, kind: 'handshakeFailed', what: `the SSH handshake failed: ${oneLine(message)}`, advice: NOT_SSH });
}

const DROPPED: Pick<SshErrorParts, 'kind' | 'what' | 'advice'> = {
  kind: 'unreachable',
  what: 'the connection was closed before the SSH banner',
  advice: 'Either no SSH server listens there, or sshd has too many logins under way (MaxStartups): lower --forks and try again.',
};
const NO_COMMON_ALGORITHM =
  'The host allows only algorithms that the built-in SSH client lacks (post-quantum only, or very old): let OpenSSH log in (muster_transport=openssh), or allow curve25519-sha256 and a plain host key in its sshd_config.';
const LOGIN_LOST = "Look into the host's log (`journalctl -u ssh`): sshd may have refused the address or hit a limit.";
const NOT_SSH = "Is it an SSH server? Check the port (ansible_port), and the host's log (`journalctl -u ssh`).";

/** No way to log in was accepted. `accepted` are the methods the server still offers. */
export function authFailedError(
  target: SshTarget,
  tried: readonly string[],
  accepted: readonly string[] | undefined,
  note?: string,
): SshError {
  const attempts = tried.length === 0 ? 'there was no key and no password to try' : `tried ${tried.join(', ')}`;
  const offers = accepted === undefined || accepted.length === 0 ? '' : `; the host accepts ${accepted.join(', ')}`;
  return new SshError({
    kind: 'authFailed',
    host: target,
    what: `login as ${target.user} was refused: ${attempts}${offers}${note === undefined ? '' : `; ${note}`}`,
    advice:
      "Put the public key into that user's ~/.ssh/authorized_keys, or name user and key in the inventory " +
      '(ansible_user, ansible_ssh_private_key_file).',
  });
}

/** The whole of connecting took too long; `stage` says how far it came. */
export function connectTimeoutError(host: HostIdentity, seconds: number, stage: string): SshError {
  return new SshError({
    kind: 'timeout',
    host,
    what: `no connection within ${seconds} s: ${stage}`,
    advice: 'Is the host up and not overloaded, and does no firewall drop packets? Give it more time with --timeout.',
  });
}
