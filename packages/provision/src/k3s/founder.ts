import { ProvisionError } from '../provision-error.ts';
import type { Joining } from './files.ts';
import { apiPort } from './files.ts';

/** A server as the choice of the founder sees it. */
export type Candidate = { readonly name: string; readonly failed: boolean; readonly hasDatastore: boolean };

/**
 * The server through which the others join: one that has the cluster's data, else the first of the inventory, which makes the cluster.
 * Candidates are in the order of the inventory. Pure.
 * @throws ProvisionError where a server could not be looked at and might have the cluster: a second one would be made beside it
 */
export function chooseFounder(candidates: readonly Candidate[]): string {
  const alive = candidates.filter(({ failed }) => !failed);
  const holder = alive.find(({ hasDatastore }) => hasDatastore);
  if (holder !== undefined) return holder.name;
  const away = candidates.filter(({ failed }) => failed).map(({ name }) => name);
  const [first] = alive;
  if (first === undefined) throw new ProvisionError('Every server of k3s has failed. Mend one first, then run the same command again.');
  if (away.length === 0) return first.name;
  throw new ProvisionError(
    `No server of k3s that answers has a cluster, and ${away.join(', ')} could not be looked at and may have it. A second cluster is not made beside it: mend that host, or take it out of the inventory.`,
  );
}

/**
 * A server that made a cluster of its own, and did not join, keeps it: joined to another it would lose everything in there.
 * @throws ProvisionError with the way out
 */
export function requireOneCluster(
  server: { readonly name: string; readonly hasDatastore: boolean; readonly joinLine: string; readonly fullTokenHash: string },
  cluster: { readonly founder: string; readonly tokenHash: string },
): void {
  if (server.name === cluster.founder || !server.hasDatastore || server.joinLine.startsWith('server:')) return;
  if (server.fullTokenHash === '' || cluster.tokenHash === 'none' || server.fullTokenHash === cluster.tokenHash) return;
  throw new ProvisionError(
    `${server.name} has a k3s cluster of its own, and is to join that of ${cluster.founder}: everything in its own would be lost. Give it an inventory of its own, or take it out first: muster reset -i INVENTORY --limit ${server.name}, then apply again.`,
  );
}

/** How a server joins, from what it already is. Pure. */
export function joiningOf(
  server: Pick<Candidate, 'name' | 'hasDatastore'> & { readonly joinLine: string },
  cluster: { readonly founder: string; readonly founderAddress: string; readonly servers: number },
): Joining {
  const url = /^server: ['"]?(https:\/\/\S+?)['"]?$/u.exec(server.joinLine)?.[1];
  // A server that has the data ignores how it once came to it: nothing is changed for nothing.
  if (server.hasDatastore && url !== undefined) return { kind: 'server', url };
  if (server.hasDatastore && server.joinLine.startsWith('cluster-init')) return { kind: 'cluster-init' };
  if (server.name !== cluster.founder) return { kind: 'server', url: `https://${cluster.founderAddress}:${apiPort}` };
  return cluster.servers > 1 ? { kind: 'cluster-init' } : { kind: 'alone' };
}
