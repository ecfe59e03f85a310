import { type Client, createClient } from '@muster/api';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { findSocket } from './find-socket.ts';
import { unixFetch } from './unix-fetch.ts';

/** The client for the server on this machine, found from the options of the command that runs. */
export function localClient(command: Command): Client {
  return createClient('', withClearErrors(localSocket(command)));
}

/** The socket the command should speak through. */
export function localSocket(command: Command): string {
  const { socket } = command.optsWithGlobals<{ socket?: string }>();
  return findSocket(socket ?? process.env['MUSTER_SOCKET']);
}

function withClearErrors(socketPath: string): ReturnType<typeof unixFetch> {
  const fetchLike = unixFetch(socketPath);
  return async (url, init) => {
    try {
      return await fetchLike(url, init);
    } catch (cause) {
      throw new CliError(explain(cause, socketPath), 1, { cause });
    }
  };
}

function explain(cause: unknown, socketPath: string): string {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'EACCES') return `You may not open ${socketPath}: its permissions say who may. Use sudo, or join the group that owns it.`;
  if (code === 'ENOENT' || code === 'ECONNREFUSED')
    return `No Muster server answers on ${socketPath}. Start it with "muster up" (or "systemctl start muster").`;
  return `The server on ${socketPath} broke off: ${cause instanceof Error ? cause.message : String(cause)}.`;
}
