import type { Connection } from '@muster/ssh';
import { parseDocument } from 'yaml';
import type { Cluster, ClusterHost } from '../host/cluster.ts';
import { runScript } from '../host/run-script.ts';
import { textVariable } from '../host/variables.ts';
import { ProvisionError } from '../provision-error.ts';
import { apiPort, configPath, kubeconfigPath } from './files.ts';
import { bracketed } from './settings.ts';

export type KubeconfigOptions = {
  readonly cluster: Cluster;
  readonly connect: (host: ClusterHost) => Promise<Connection>;
  readonly signal: AbortSignal;
};

/** The address that a server has in the cluster, then its kubeconfig. */
const readScript = `
set -eu
[ -s ${kubeconfigPath} ] || { echo "there is no ${kubeconfigPath}; has muster apply made the cluster?" >&2; exit 1; }
sed -n 's/^node-ip: *//p' ${configPath} | head -n 1
cat ${kubeconfigPath}
`;

/**
 * The administrator's kubeconfig of the k3s cluster of an inventory, with the address by which its servers are reached: `k3s_endpoint`, else the
 * one that the server has in the cluster's network. The first server that answers is asked. A secret: whoever holds it is the cluster's master.
 * @throws ProvisionError when the inventory has no server of k3s, or none answers
 */
export async function fetchKubeconfig({ cluster, connect, signal }: KubeconfigOptions): Promise<string> {
  const servers = cluster.hosts.filter(({ roles }) => roles.includes('k3s-server'));
  if (servers.length === 0) {
    throw new ProvisionError(
      'The inventory has no server of k3s: no [k3s_server], and install_k3s is not set for the driver (docs/k3s.md).',
    );
  }
  const reasons: string[] = [];
  for (const server of servers) {
    try {
      return await readFrom(server, { connect, signal });
    } catch (error) {
      if (signal.aborted) throw error;
      reasons.push(`${server.name}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  throw new ProvisionError(`No server of k3s gave its kubeconfig. ${reasons.join(' ')}`);
}

async function readFrom(server: ClusterHost, { connect, signal }: Pick<KubeconfigOptions, 'connect' | 'signal'>): Promise<string> {
  const connection = await connect(server);
  try {
    const output = await runScript(connection, readScript, { label: 'read the kubeconfig', sudo: true, signal });
    const end = output.indexOf('\n');
    const address = textVariable(server, 'k3s_endpoint') ?? output.slice(0, end).replaceAll(/^['"]|['"]$/gu, '');
    return withServer(output.slice(end + 1), `https://${bracketed(address === '' ? server.connection.address : address)}:${apiPort}`);
  } finally {
    await connection.close();
  }
}

/** A kubeconfig whose clusters are reached by another URL. Pure. @throws ProvisionError when it is none */
export function withServer(kubeconfig: string, url: string): string {
  const document = parseDocument(kubeconfig);
  const clusters = document.errors.length === 0 ? (document.toJS() as { clusters?: unknown } | null)?.clusters : undefined;
  if (!Array.isArray(clusters) || clusters.length === 0) throw new ProvisionError(`What ${kubeconfigPath} holds is no kubeconfig.`);
  clusters.forEach((_, i) => document.setIn(['clusters', i, 'cluster', 'server'], url));
  return document.toString();
}
