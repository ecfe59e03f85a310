import { type Client, createClient } from '@muster/api';
import type { Command } from 'commander';
import { findWay } from '../contexts/find-way.ts';
import { serverFetch } from './server-fetch.ts';
import type { Way } from './way.ts';

/** The client for the server that the command is meant for: on this machine, or that of a context. */
export function serverClient(command: Command): Client {
  let way: Promise<Way> | undefined;
  return createClient(
    '',
    serverFetch(() => (way ??= serverWay(command)), { onAge: tellAgeOnce() }),
  );
}

/** On standard error, so that what programs read stays what it is. */
function tellAgeOnce(): (seconds: number) => void {
  let isTold = false;
  return (seconds) => {
    if (isTold) return;
    isTold = true;
    const since = seconds === 1 ? '1 second' : `${seconds} seconds`;
    process.stderr.write(`No database takes writes now: this is read from a copy, as it was ${since} ago.\n`);
  };
}

/** The way to the server that the command is meant for. @throws CliError */
export const serverWay = (command: Command): Promise<Way> =>
  findWay(command.optsWithGlobals<{ socket?: string; context?: string }>(), process.env);
