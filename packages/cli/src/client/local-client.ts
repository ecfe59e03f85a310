import { type Client, createClient } from '@muster/api';
import type { Command } from 'commander';
import { findSocket } from './find-socket.ts';
import { unixFetch } from './unix-fetch.ts';

/** The client for the server on this machine, whatever context is in use: for what can only be done there. @throws CliError */
export function localClient(command: Command): Client {
  const { socket } = command.optsWithGlobals<{ socket?: string }>();
  return createClient('', unixFetch(findSocket(socket ?? process.env['MUSTER_SOCKET'])));
}
