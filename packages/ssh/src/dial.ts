import { connect, type Socket } from 'node:net';
import { errorCode } from './file-lock.ts';
import { type HostIdentity, SshError } from './ssh-error.ts';

const ADVICE: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'Nothing listens there: is sshd running, and is the port right (ansible_port)?'],
  ['EHOSTUNREACH', 'Is the host switched on, and is there a route to it?'],
  ['ENETUNREACH', 'This machine has no route to that network.'],
  ['ENOTFOUND', 'The name does not resolve: correct it, or give an address (ansible_host).'],
  ['EAI_AGAIN', 'The name server does not answer: try again, or give an address (ansible_host).'],
  ['ETIMEDOUT', 'Is the host switched on, and does a firewall drop the packets?'],
  ['EMFILE', 'This machine has too many files open: raise `ulimit -n` or lower --forks.'],
]);

/** Opens a TCP connection. Rejects with `unreachable`, or with the signal's reason when it is aborted. */
export function dial(host: HostIdentity, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = connect({ host: host.address, port: host.port, noDelay: true });
    const onAbort = (): void => {
      socket.destroy();
      reject(signal.reason as Error);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('connect', () => {
      signal.removeEventListener('abort', onAbort);
      resolve(socket);
    });
    // Stays: a socket that fails before its next owner listens must not end the process.
    socket.on('error', (error) => {
      signal.removeEventListener('abort', onAbort);
      reject(unreachableError(host, error));
    });
  });
}

function unreachableError(host: HostIdentity, cause: Error): SshError {
  const code = errorCode(cause);
  return new SshError({
    kind: code === 'ETIMEDOUT' ? 'timeout' : 'unreachable',
    host,
    what: `cannot connect: ${code ?? cause.message}`,
    advice: ADVICE.get(code ?? '') ?? 'Check address and port.',
    cause,
  });
}
