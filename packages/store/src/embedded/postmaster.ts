import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { clientConfig, type StoreConnection } from '../connection.ts';
import { EmbeddedPostgresError } from '../errors.ts';
import type { Binaries } from './binaries.ts';
import type { Layout } from './layout.ts';
import type { ServerLog } from './server-log.ts';
import { childOptions, type SystemUser } from './system-user.ts';

/** How a server process ended. */
export type PostgresExit = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

/** Everything a start needs that does not change between starts. */
export type PostmasterParts = {
  readonly layout: Layout;
  readonly binaries: Binaries;
  readonly user: SystemUser;
  readonly serverLog: ServerLog;
  /** Of the database that initdb makes: there from the beginning. */
  readonly connection: Extract<StoreConnection, { host: string }>;
  readonly log: (line: string) => void;
};

/** One running server process. */
export type Postmaster = {
  readonly pid: number;
  readonly exited: Promise<PostgresExit>;
  /** Ends it in order: sessions are cut, what is acknowledged is on the disk. Sharper signals when it does not end in time. */
  stop(): Promise<void>;
};

const startLimitMs = 60_000;
/** Reading the log anew after a crash takes its time; it is bounded by `max_wal_size`. */
const recoveryLimitMs = 600_000;
const stopLimitMs = { SIGINT: 20_000, SIGQUIT: 10_000, SIGKILL: 5_000 } as const;

/**
 * What the server says of itself in its pid file, whose last line is its state (miscadmin.h, LOCK_FILE_LINE_PM_STATUS). Asked before
 * any connection, each of which would leave a line in the log.
 */
async function stateOf(layout: Layout, pid: number | undefined): Promise<string> {
  const lines = (await readFile(join(layout.data, 'postmaster.pid'), 'utf8').catch(() => '')).split('\n');
  return lines[0] === String(pid) ? (lines[7] ?? '').trim() : '';
}

/** Fails with the reason when the server runs but cannot be used. */
async function requireConnection(connection: StoreConnection): Promise<void> {
  const client = new pg.Client(clientConfig(connection));
  client.on('error', () => undefined);
  try {
    await client.connect();
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function waitUntilReady(child: ChildProcess, { connection, layout, log }: PostmasterParts): Promise<void> {
  const begin = performance.now();
  let tellAtMs = 10_000;
  while (child.exitCode === null && child.signalCode === null) {
    const state = await stateOf(layout, child.pid);
    if (state === 'ready') return requireConnection(connection);
    const passedMs = performance.now() - begin;
    if (passedMs > (state === '' ? startLimitMs : recoveryLimitMs))
      throw new Error(`it was not ready after ${Math.round(passedMs / 1000)} s`);
    if (passedMs > tellAtMs) {
      log(`waiting for the database to start (${Math.round(passedMs / 1000)} s)`);
      tellAtMs += 10_000;
    }
    await sleep(20);
  }
}

async function end(child: ChildProcess, exited: Promise<PostgresExit>): Promise<void> {
  for (const [signal, limitMs] of Object.entries(stopLimitMs) as [NodeJS.Signals, number][]) {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    const timer = new AbortController();
    await Promise.race([exited, sleep(limitMs, undefined, { signal: timer.signal }).catch(() => undefined)]);
    timer.abort();
  }
}

function failure(parts: PostmasterParts, fromBytes: number, cause: unknown): EmbeddedPostgresError {
  const tail = parts.serverLog.tail(fromBytes, 6);
  const said = tail === '' ? (cause instanceof Error ? cause.message : 'it said nothing') : tail;
  return new EmbeddedPostgresError(
    'did-not-start',
    `The embedded PostgreSQL does not start. The end of its log ${parts.serverLog.path}:\n${said}\nMend what it names (often a full disk, or settings of your own in local.conf) and start again.`,
    { cause },
  );
}

/**
 * Starts the server and waits until it answers.
 * @throws EmbeddedPostgresError `did-not-start`, with the last lines of its log
 */
export async function startPostmaster(parts: PostmasterParts): Promise<Postmaster> {
  const { layout, binaries, user, serverLog } = parts;
  const fromBytes = serverLog.sizeBytes;
  const child = spawn(binaries.postgres, ['-D', layout.data, '-c', `config_file=${layout.config}`], {
    ...childOptions(user),
    // A group of its own: Ctrl-C in the terminal is for us, and we stop it in order.
    detached: true,
    stdio: ['ignore', serverLog.descriptor, serverLog.descriptor],
  });
  try {
    await once(child, 'spawn');
  } catch (error) {
    throw failure(parts, fromBytes, error);
  }
  const { promise: exited, resolve } = Promise.withResolvers<PostgresExit>();
  child.on('exit', (code, signal) => resolve({ code, signal }));
  child.on('error', (error) => parts.log(`the database process could not be signalled: ${error.message}`));
  try {
    await waitUntilReady(child, parts);
  } catch (error) {
    await end(child, exited);
    throw failure(parts, fromBytes, error);
  }
  if (child.exitCode !== null || child.signalCode !== null) throw failure(parts, fromBytes, undefined);
  return { pid: child.pid as number, exited, stop: () => end(child, exited) };
}
