import { badInputError, type HostIdentity } from './ssh-error.ts';

/** Where and as whom to log in. */
export interface SshTarget extends HostIdentity {
  readonly user: string;
  /** Absolute path; tried first, and the only file that is tried. */
  readonly privateKeyFile?: string | undefined;
  /** From OpenSSH's configuration, tried in place of the default files; those that do not exist are passed over. */
  readonly identityFiles?: readonly string[] | undefined;
  /** Of the agent's keys only those of a named file are tried. */
  readonly identitiesOnly?: boolean | undefined;
  /** An {@link OwnKey}'s private half, in place of every other way to log in. Never shown. */
  readonly ownKeyPem?: string | undefined;
  /** Login password, for hosts that have no key yet. Never shown. */
  readonly password?: string | undefined;
  /** OpenSSH's HostKeyAlias: the name in known_hosts, in place of address and port. */
  readonly hostKeyAlias?: string | undefined;
}

/** Throws `badInput` for a target that cannot be dialled. */
export function checkTarget(target: SshTarget): void {
  if (!Number.isInteger(target.port) || target.port < 1 || target.port > 65_535) {
    throw badInputError(target, `${target.port} is not a port`, 'Give a whole number from 1 to 65535 (ansible_port).');
  }
  if (target.address === '' || /[\s\0]/.test(target.address)) {
    throw badInputError(target, 'the address is empty or contains blanks', 'Give a DNS name or an IP address (ansible_host).');
  }
  if (target.user === '' || target.user.includes('\0')) {
    throw badInputError(target, 'there is no user to log in as', 'Give one (ansible_user).');
  }
}

/** The name and place of a target, without its secrets. */
export function identityOf(target: HostIdentity): HostIdentity {
  return { name: target.name, address: target.address, port: target.port };
}
