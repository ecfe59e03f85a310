import type { HostKeyChecker, HostKeyPolicy } from './host-key-checker.ts';
import type { KeyRing } from './key-ring.ts';
import type { SshQuestion } from './ssh-config.ts';
import type { HostIdentity } from './ssh-error.ts';
import type { SshTarget } from './ssh-target.ts';
import type { Transport } from './transport.ts';

/** Where and as whom to log in, as far as it is said. What is open is filled from OpenSSH's configuration, then by defaults. */
export interface HostLogin {
  /** Inventory name; stands first in every error. */
  readonly name: string;
  /** A name or an address, or a `Host` of the configuration. */
  readonly address: string;
  readonly port?: number | undefined;
  readonly user?: string | undefined;
  /** Absolute path; tried first, and the only file that is tried. */
  readonly privateKeyFile?: string | undefined;
  /** Never shown. */
  readonly password?: string | undefined;
  readonly isHostKeyChecked?: boolean | undefined;
  readonly connectTimeoutSeconds?: number | undefined;
  /** Arguments for the `ssh` program, each text one or more words (`ansible_ssh_common_args`). */
  readonly sshArguments?: readonly string[] | undefined;
  readonly transport?: Transport | undefined;
}

/** A login with nothing left open: what to dial, what to show, and how long to wait. */
export interface ResolvedLogin {
  readonly target: SshTarget;
  readonly hostKeys: HostKeyChecker;
  /** The same for OpenSSH, which checks by itself. */
  readonly hostKeyCheck: { readonly policy: HostKeyPolicy; readonly files: readonly string[] };
  /** What OpenSSH was asked about the host, and is told when it logs in itself. */
  readonly question: SshQuestion;
  readonly keys: KeyRing;
  readonly connectTimeoutSeconds: number;
  readonly keepaliveIntervalSeconds?: number | undefined;
  readonly keepaliveCountMax?: number | undefined;
  /** Hosts on the way, from the first to the last, as OpenSSH writes them. */
  readonly proxyJump: readonly string[];
  /** What of the configuration the built-in client cannot follow, each with its name. */
  readonly beyondUs: readonly string[];
}

/** Names a host before its address and port are known. */
export function identityOfLogin(login: HostLogin): HostIdentity {
  return { name: login.name, address: login.address, port: login.port ?? 22 };
}
