import { type Connection, fanOut } from '@muster/ssh';
import { type Failure, failureOf } from '../engine/failure.ts';
import { becomeRoot } from '../host/become-root.ts';
import type { ClusterHost } from '../host/cluster.ts';
import { readLines, runScript } from '../host/run-script.ts';
import { ProvisionError } from '../provision-error.ts';
import { type Access, accessChanges, type AccessSeen, isAccountName, isPublicKey, lookAtAccess, makeAccess } from './access-scripts.ts';

/** How it went on one host: what was made, or would be in a dry run. */
export type Given = { readonly host: string; readonly user: string; readonly changes: readonly string[]; readonly failure?: Failure };

export type GiveAccessOptions = {
  readonly forks: number;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  /** What each host is to have. */
  readonly accessOf: (host: ClusterHost) => Access;
  /** Opens a connection as somebody who is there already and can become root. */
  readonly connectNow: (host: ClusterHost) => Promise<Connection>;
  /** Opens one as later runs will: as the account, with the key. */
  readonly connectLater: (host: ClusterHost) => Promise<Connection>;
  readonly onGiven?: (given: Given) => void;
};

/**
 * Makes on every host the account, the key and the sudoers file that later runs need, and proves it by logging in so. Idempotent. All hosts are
 * tried; the answers stand in the order of the hosts.
 */
export async function giveAccess(hosts: readonly ClusterHost[], options: GiveAccessOptions): Promise<Given[]> {
  const results = await fanOut(
    hosts,
    options.forks,
    async (host) => {
      const given = await giveTo(host, options).catch((error: unknown) => failed(host, options, error));
      options.onGiven?.(given);
      return given;
    },
    { signal: options.signal },
  );
  const interrupted = new ProvisionError('Interrupted before this host was tried.');
  return results.map((result) => (result.status === 'done' ? result.value : failed(result.item, options, interrupted)));
}

const failed = (host: ClusterHost, { accessOf }: GiveAccessOptions, error: unknown): Given => ({
  host: host.name,
  user: accessOf(host).user,
  changes: [],
  failure: failureOf('access', host.name, error),
});

async function giveTo(host: ClusterHost, options: GiveAccessOptions): Promise<Given> {
  const access = options.accessOf(host);
  requireSound(access);
  const changes = await using(options.connectNow(host), (connection) => makeMissing(connection, host.name, access, options));
  if (!options.dryRun || changes.length === 0) {
    await using(options.connectLater(host), (connection) => becomeRoot(connection, host.name, options.signal));
  }
  return { host: host.name, user: access.user, changes };
}

async function makeMissing(connection: Connection, name: string, access: Access, { dryRun, signal }: GiveAccessOptions): Promise<string[]> {
  const output = await runScript(connection, lookAtAccess(access), { label: 'look at the account', sudo: true, signal });
  const lines = readLines(output);
  const has = (key: keyof AccessSeen): boolean => lines.get(key) === 'yes';
  const seen: AccessSeen = { account: has('account'), key: has('key'), sudoers: has('sudoers'), sudo: has('sudo') };
  if (!seen.sudo && access.user !== 'root') {
    throw new ProvisionError(`${name} has no sudo. Install it there first, as root: apt install sudo, or dnf install sudo.`);
  }
  const changes = accessChanges(access, seen);
  if (changes.length > 0 && !dryRun) {
    const stdin = `${access.publicKey}\n`;
    await runScript(connection, makeAccess(access, seen), { label: 'make the account', sudo: true, stdin, signal });
  }
  return changes;
}

async function using<T>(opening: Promise<Connection>, work: (connection: Connection) => Promise<T>): Promise<T> {
  const connection = await opening;
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

function requireSound({ user, publicKey }: Access): void {
  if (!isAccountName(user)) {
    throw new ProvisionError(`"${user}" is no name for an account: up to 32 small letters, digits, - and _, the first no digit.`);
  }
  if (!isPublicKey(publicKey)) throw new ProvisionError('The public key is not one line of the form "ssh-ed25519 AAAA... comment".');
}
