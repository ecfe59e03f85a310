import { type Connection, fanOut } from '@muster/ssh';
import { failureOf, type Failure } from './engine/failure.ts';
import { becomeRoot } from './host/become-root.ts';
import type { ClusterHost } from './host/cluster.ts';
import { ProvisionError } from './provision-error.ts';

/** How one host answered: to one login, or to all of them. */
export type Pong = {
  readonly host: string;
  /** Whether every login was accepted. */
  readonly ok: boolean;
  /** Of the login; the median of several. */
  readonly milliseconds: number;
  /** Why the first one failed that did. */
  readonly failure?: Failure;
  /** Only where there were several. */
  readonly logins?: { readonly total: number; readonly failed: number; readonly slowestMilliseconds: number };
};

export type PingOptions = {
  readonly forks: number;
  readonly connect: (host: ClusterHost) => Promise<Connection>;
  readonly signal: AbortSignal;
  /** Also become root there. */
  readonly sudo?: boolean | undefined;
  /** Logins to each host, every one of its own connection. Default 1. */
  readonly repeat?: number | undefined;
  /** Told when the last login of a host has ended. */
  readonly onPong?: (pong: Pong) => void;
};

/**
 * Logs in to every host and runs nothing there, unless sudo is to be tried. A host is known by its key as ever, and only a login that it
 * accepted is an answer. All hosts are tried; the answers stand in the order of the hosts.
 */
export async function ping(hosts: readonly ClusterHost[], options: PingOptions): Promise<Pong[]> {
  const { forks, signal, repeat = 1, onPong } = options;
  const answers = new Map(hosts.map((host) => [host.name, [] as Pong[]]));
  // All hosts in turn, so that one host gets its logins as far apart as can be.
  const logins = Array.from({ length: repeat }, () => hosts).flat();
  await fanOut(
    logins,
    forks,
    async (host) => {
      const all = answers.get(host.name) ?? [];
      all.push(await pingOne(host, options));
      if (all.length === repeat) onPong?.(summed(all));
    },
    { signal },
  );
  return hosts.map((host) => {
    const all = answers.get(host.name) ?? [];
    return summed(all.length < repeat ? [...all, notDone(host)] : all);
  });
}

/** One answer of all the logins to a host. */
function summed(pongs: readonly Pong[]): Pong {
  const times = pongs.map(({ milliseconds }) => milliseconds).toSorted((a, b) => a - b);
  const bad = pongs.filter(({ ok }) => !ok);
  const [told] = bad.length > 0 ? bad : pongs;
  if (told === undefined) throw new RangeError('a host is logged in to at least once');
  if (pongs.length === 1) return told;
  return {
    ...told,
    milliseconds: times[Math.floor(times.length / 2)] ?? 0,
    logins: { total: pongs.length, failed: bad.length, slowestMilliseconds: times.at(-1) ?? 0 },
  };
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
