import { type Connection, fanOut } from '@muster/ssh';
import { type Failure, failureOf } from '../engine/failure.ts';
import type { ClusterHost } from '../host/cluster.ts';
import { detectScript } from '../host/detect-script.ts';
import { readHostFacts } from '../host/host-facts.ts';
import { clusterAddress } from '../host/preflight.ts';
import { readLines, runScript } from '../host/run-script.ts';
import { lookForCards } from '../nvidia/look.ts';
import { ProvisionError } from '../provision-error.ts';

/** What an inventory should say of a host, found by looking at it. */
export type Surveyed = {
  /** As it was asked for. */
  readonly asked: string;
  readonly hostname: string;
  /** The interface with the cluster's address; undefined where none could be told. */
  readonly iface: string | undefined;
  readonly hasGpu: boolean;
  readonly osName: string;
  readonly cores: number;
  readonly memoryBytes: number;
};

export type SurveyOptions = {
  readonly forks: number;
  readonly connect: (host: ClusterHost) => Promise<Connection>;
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
};

/**
 * Logs in to each host and looks at it, without sudo; changes nothing. All hosts are tried; what could not be looked at stands in `failures`, the rest
 * in the order of the hosts.
 */
export async function survey(
  hosts: readonly ClusterHost[],
  options: SurveyOptions,
): Promise<{ readonly found: readonly Surveyed[]; readonly failures: readonly Failure[] }> {
  const { forks, signal } = options;
  const failures: Failure[] = [];
  const results = await fanOut(
    hosts,
    forks,
    (host) => look(host, options).catch((error: unknown) => void failures.push(failureOf('survey', host.name, error))),
    { signal },
  );
  const notTried = results.filter((result) => result.status !== 'done').map(({ item }) => item);
  const interrupted = new ProvisionError('Interrupted before this host was tried.');
  failures.push(...notTried.map(({ name }) => failureOf('survey', name, interrupted)));
  return { found: results.flatMap((result) => (result.status === 'done' && result.value !== undefined ? [result.value] : [])), failures };
}

async function look(host: ClusterHost, { connect, signal, nowMs }: SurveyOptions): Promise<Surveyed> {
  const connection = await connect(host);
  try {
    const output = await runScript(connection, `${detectScript}${lookForCards}\n`, { label: 'look at the host', signal });
    const facts = readHostFacts(output, nowMs());
    const address = clusterAddress(host, facts, connection.host.address);
    const { hostname, osName, cores, memoryBytes } = facts;
    const iface = facts.addresses.find((one) => one.address === address)?.interface;
    return { asked: host.name, hostname, iface, hasGpu: readLines(output).get('card') === 'yes', osName, cores, memoryBytes };
  } finally {
    await connection.close();
  }
}
