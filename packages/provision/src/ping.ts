import { type Connection, fanOut } from '@muster/ssh';
import { failureOf, type Failure } from './engine/failure.ts';
import { becomeRoot } from './host/become-root.ts';
import type { ClusterHost } from './host/cluster.ts';
import { ProvisionError } from './provision-error.ts';

/** How one host answered. */
export type Pong = { readonly host: string; readonly ok: boolean; readonly milliseconds: number; readonly failure?: Failure };

export type PingOptions = {
  readonly forks: number;
  readonly connect: (host: ClusterHost) => Promise<Connection>;
  readonly signal: AbortSignal;
  /** Also become root there. */
  readonly sudo?: boolean | undefined;
  readonly onPong?: (pong: Pong) => void;
};

/**
 * Logs in to every host and runs nothing there, unless sudo is to be tried. A host is known by its key as ever, and only a login that it
 * accepted is an answer. All hosts are tried; the answers stand in the order of the hosts.
 */
export async function ping(hosts: readonly ClusterHost[], { forks, connect, signal, sudo = false, onPong }: PingOptions): Promise<Pong[]> {
  const results = await fanOut(
    hosts,
    forks,
    async (host) => {
      const pong = await pingOne(host, { connect, signal, sudo });
      onPong?.(pong);
      return pong;
    },
    { signal },
  );
  return results.map((result) => (result.status === 'done' ? result.value : notDone(result.item)));
}

async function pingOne(host: ClusterHost, { connect, signal, sudo }: Pick<PingOptions, 'connect' | 'signal' | 'sudo'>): Promise<Pong> {
  const startedMs = performance.now();
  let connection: Connection | undefined;
  try {
    connection = await connect(host);
    if (sudo === true) await becomeRoot(connection, host.name, signal);
    return { host: host.name, ok: true, milliseconds: performance.now() - startedMs };
  } catch (error) {
    return { host: host.name, ok: false, milliseconds: performance.now() - startedMs, failure: failureOf('ping', host.name, error) };
  } finally {
    await connection?.close();
  }
}

const notDone = (host: ClusterHost): Pong => ({
  host: host.name,
  ok: false,
  milliseconds: 0,
  failure: failureOf('ping', host.name, new ProvisionError('Interrupted before this host was tried.')),
});
