import { fingerprint, readKeyType } from './host-key.ts';
import type { KnownHostsLine } from './known-hosts-line.ts';
import { describeHost, type HostIdentity, SshError } from './ssh-error.ts';

const UNKNOWN_ADVICE =
  'Compare the fingerprint with `ssh-keygen -lf /etc/ssh/ssh_host_*_key.pub` on the host, then log in once with `ssh`, ' +
  'or use --accept-new to accept hosts seen for the first time';

/** A host no known_hosts line vouches for. `note` says what is known besides. */
export function hostKeyUnknownError(host: HostIdentity, key: Buffer, note: string): SshError {
  return new SshError({
    kind: 'hostKeyUnknown',
    host,
    what: `the host key is not known: ${readKeyType(key)} ${fingerprint(key)}${note}`,
    advice: `${UNKNOWN_ADVICE}.`,
  });
}

/** A known key of the same type differs: a reinstalled host, or someone in between. */
export function hostKeyChangedError(host: HostIdentity, key: Buffer, line: KnownHostsLine, name: string): SshError {
  return new SshError({
    kind: 'hostKeyChanged',
    host,
    what:
      `the host key has changed: the host shows ${readKeyType(key)} ${fingerprint(key)}, ` +
      `${line.file}:${line.lineNumber} knows ${line.keyType} ${fingerprint(line.key)}`,
    advice:
      'Someone may be listening in between. If the host was reinstalled, remove the old key with ' +
      `\`ssh-keygen -f "${line.file}" -R "${name}"\` and connect again.`,
  });
}

/** A key that known_hosts marks @revoked is refused under every policy. */
export function hostKeyRevokedError(host: HostIdentity, key: Buffer, line: KnownHostsLine): SshError {
  return new SshError({
    kind: 'hostKeyRevoked',
    host,
    what: `the host key ${fingerprint(key)} is marked as revoked in ${line.file}:${line.lineNumber}`,
    advice: 'Do not log in: the key is in wrong hands. Give the host new keys.',
  });
}

/** known_hosts itself cannot be read or written. */
export function knownHostsUnusableError(host: HostIdentity, action: string, cause: unknown): SshError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new SshError({
    kind: 'knownHostsUnusable',
    host,
    what: `the known_hosts file cannot be ${action}: ${reason}`,
    advice: "Mend the file's owner and mode; without it a host cannot be told from an impostor.",
    cause,
  });
}

/** The question for a person, as OpenSSH words it. */
export function describeUnknownHost(host: HostIdentity, key: Buffer, note: string): string {
  return `The authenticity of ${describeHost(host)} can't be established: ${readKeyType(key)} key fingerprint is ${fingerprint(key)}${note}.`;
}
