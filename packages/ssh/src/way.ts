import type { Duplex } from 'node:stream';
import type { Connection } from './connection.ts';
import { describeHost, type HostIdentity, SshError } from './ssh-error.ts';

/** How to come to a host other than by dialling it. */
export interface Way {
  /** A fresh stream to the host. Rejects with an `SshError` about that host, or with the signal's reason. */
  openStream(signal: AbortSignal): Promise<Duplex>;
  /** Why the way is gone, once it is: what a lost connection says in place of its own guess. */
  lostReason(): string | undefined;
}

/** The way to `host` through the connection to its jump host. */
export function wayThrough(gate: Connection, host: HostIdentity): Way {
  let lost: string | undefined;
  void gate.closed.then((error) => {
    lost = `the jump host ${describeHost(gate.host)} is gone: ${error?.what ?? 'its connection was closed on this side'}`;
  });
  return {
    lostReason: () => lost,
    openStream: async (signal) => {
      signal.throwIfAborted();
      const stream = gate.openStream(host.address, host.port).catch((error: unknown) => {
        throw notReachedError(host, gate.host, error);
      });
      return await unlessAborted(stream, signal);
    },
  };
}

/** A stream that comes after the abort is closed at once. */
async function unlessAborted(stream: Promise<Duplex>, signal: AbortSignal): Promise<Duplex> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = (): void => {
    stream.then((late) => late.destroy()).catch(() => undefined);
    aborted.reject(signal.reason);
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([stream, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function notReachedError(host: HostIdentity, gate: HostIdentity, cause: unknown): SshError {
  const reason = cause instanceof SshError ? cause.what : String(cause);
  return new SshError({
    kind: 'unreachable',
    host,
    what: `the jump host ${describeHost(gate)} does not lead to it: ${reason}`,
    advice: 'Is the host up and its sshd on that port, seen from the jump host? Does the jump host allow it (AllowTcpForwarding)?',
    cause,
  });
}

/** The error for a host whose jump host could not be logged in to: of the same kind, and it names the hop. */
export function hopFailedError(host: HostIdentity, hop: HostIdentity, cause: unknown): unknown {
  if (!(cause instanceof SshError) || cause.kind === 'aborted') {
    return cause;
  }
  return new SshError({
    kind: cause.kind,
    host,
    what: `its jump host ${describeHost(hop)} failed: ${cause.what}`,
    advice: cause.advice,
    cause,
  });
}
