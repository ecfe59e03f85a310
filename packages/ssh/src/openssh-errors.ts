import { type HostIdentity, oneLine, SshError, type SshErrorKind, type SshErrorParts } from './ssh-error.ts';

/** The words of `ssh` when it cannot log in, most telling first. */
const SSH_SAYS: readonly (readonly [RegExp, SshErrorKind, advice: string])[] = [
  [
    /IDENTIFICATION HAS CHANGED/u,
    'hostKeyChanged',
    'Someone may be listening in between. If the host was reinstalled, remove the old key with `ssh-keygen -R HOST` and connect again.',
  ],
  [/REVOKED HOST KEY|marked as revoked/u, 'hostKeyRevoked', 'Do not log in: the key is in wrong hands. Give the host new keys.'],
  [
    /Host key verification failed|host key is known/u,
    'hostKeyUnknown',
    'Log in once with `ssh` and compare the fingerprint, or use --accept-new to accept hosts seen for the first time.',
  ],
  [
    /Permission denied|Too many authentication failures|No more authentication methods/u,
    'authFailed',
    'Is the key or certificate valid (`ssh-keygen -L -f KEY-cert.pub`) and unlocked in the agent (`ssh-add -l`)? Is a security key plugged in, and was it touched? Nobody can be asked for a passphrase, PIN or password on this way.',
  ],
  [/Bad configuration option|keyword .* argument|bad configuration/u, 'sshConfigUnusable', 'Correct the SSH configuration it names.'],
  [/no matching|Unable to negotiate/u, 'handshakeFailed', 'Host and OpenSSH client have no algorithm in common: update one of them.'],
  [/timed out|timeout/iu, 'timeout', 'Is the host up and not overloaded, and does no firewall drop packets?'],
  [
    /refused|No route|unreachable|resolve|closed|reset|kex_exchange/iu,
    'unreachable',
    'Is the host up, its sshd running, address and port right (ansible_host, ansible_port)?',
  ],
];

/** The error for an `ssh` that ended before it was logged in; `said` is all it wrote, `reasons` are why it was chosen. */
export function openSshLoginError(host: HostIdentity, said: string, reasons: readonly string[]): SshError {
  const [, kind, advice] = SSH_SAYS.find(([pattern]) => pattern.test(said)) ?? [/./u, 'handshakeFailed', 'Try the same with `ssh -v`.'];
  const chosen = reasons.length === 0 ? '' : ` (chosen for ${reasons.join(', ')})`;
  return new SshError({ host, kind, what: `OpenSSH${chosen} could not log in: ${oneLine(said) || 'it said nothing'}`, advice });
}

/** A wish only the built-in client can fulfil. */
export function notByOpenSshError(host: HostIdentity, what: string, advice: string): SshError {
  return new SshError({ kind: 'unsupported', host, what, advice } satisfies SshErrorParts);
}
