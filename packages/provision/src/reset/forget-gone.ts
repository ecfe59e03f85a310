import type { Connection } from '@muster/ssh';
import type { Run } from '../engine/phase.ts';
import type { Cluster, ClusterHost } from '../host/cluster.ts';
import { isVoter } from '../pool/members.ts';
import { RemainingPool } from '../pool/remaining-pool.ts';
import { ProvisionError } from '../provision-error.ts';
import { RemainingServer } from './remaining-server.ts';

export type ForgetOptions = Pick<Run, 'connect' | 'signal'> & {
  readonly cluster: Cluster;
  /** Names of the hosts that will not be back. */
  readonly gone: ReadonlySet<string>;
};

/** What was forgotten of a host, and what could not be, in words. */
export type Forgotten = { readonly host: string; readonly done: readonly string[]; readonly left: readonly string[] };

/**
 * Takes hosts that will not be back out of what still counts them: voters of the pool out of its etcd and its record, nodes off the management
 * server with their certificates. Nothing is asked of the hosts themselves but whether they answer. Idempotent.
 * @throws ProvisionError when one of them answers after all, when too few voters stay to take others out, or none that stays can do it
 */
export async function forgetGone({ cluster, gone, ...options }: ForgetOptions): Promise<Forgotten[]> {
  const hosts = cluster.hosts.filter(({ name }) => gone.has(name));
  const staying = cluster.hosts.filter((host) => isVoter(host) && !gone.has(host.name));
  requireMajority(cluster.hosts.filter(isVoter), staying);
  for (const host of hosts) await requireSilent(host, options);
  const pool = new RemainingPool(staying, options);
  const driver = cluster.management.find(({ name }) => !gone.has(name));
  const server = driver === undefined ? undefined : new RemainingServer(driver, options);
  try {
    const forgotten: Forgotten[] = [];
    for (const host of hosts) {
      const isInPool = isVoter(host) && staying.length > 0;
      if (isInPool) await pool.dismiss(host.name);
      const { done, left } = await offServer(server, host.name);
      forgotten.push({ host: host.name, done: [...(isInPool ? ['taken out of the pool'] : []), ...done], left });
    }
    return forgotten;
  } finally {
    await Promise.all([pool.close(), server?.close()]);
  }
}

/** A server that is down does not hold up the pool; what is left to do there is said. */
async function offServer(server: RemainingServer | undefined, name: string): Promise<Omit<Forgotten, 'host'>> {
  if (server === undefined) return { done: [], left: [] };
  try {
    if (!(await server.knows(name))) return { done: [], left: [] };
    await server.remove(name);
    return { done: ['removed from the management server, its certificate revoked'], left: [] };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { done: [], left: [`on ${server.hostName}, once it answers (${why}): muster node remove ${name}`] };
  }
}

/** etcd changes its members by a majority of those it has. @throws ProvisionError */
function requireMajority(voters: readonly ClusterHost[], staying: readonly ClusterHost[]): void {
  if (voters.length === 0 || staying.length * 2 > voters.length) return;
  throw new ProvisionError(
    `Of the ${voters.length} voters of the pool ${staying.length} would stay, which cannot decide to take the others out: that needs more than half. Bring one of them back first; or restore a backup on a new installation.`,
  );
}

/** What answers is reset instead, which leaves nothing behind there. @throws ProvisionError */
async function requireSilent(host: ClusterHost, { connect }: Pick<Run, 'connect'>): Promise<void> {
  let connection: Connection;
  try {
    connection = await connect(host);
  } catch {
    return;
  }
  await connection.close();
  throw new ProvisionError(`${host.name} answers, so it is not gone. Reset it: muster reset --limit ${host.name}`);
}
