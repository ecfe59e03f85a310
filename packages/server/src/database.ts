import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Clock, Log } from '@muster/core';
import { chooseDataDir, startEmbeddedPostgres, type StoreConnection } from '@muster/store';
import { type Config, defaultDataDir } from './config/config.ts';
import { DatabaseWatch } from './database-watch.ts';
import { StartError } from './start-error.ts';

/** The database of this server: a child process of ours, or one that someone else runs. */
export type Database = {
  readonly connection: StoreConnection;
  /** Where this server keeps its files. */
  readonly dataDir: string;
  /** Resolves when the embedded database ended and could not be brought back. */
  readonly lost: Promise<Error>;
  stop(): Promise<void>;
};

/** File in the data folder that stands while the embedded database is moved into another one: the name of that move. */
export const moveMark = 'database-move';

/** Opens the configured database; starts the embedded one where no URL is given. */
export async function openDatabase(config: Config, clock: Clock, log: Log): Promise<Database> {
  const preferred = resolve(config.dataDir);
  const { url } = config.database;
  // A folder that somebody has named is used or is an error, never another one.
  const isFree = url === undefined && config.dataDir === defaultDataDir;
  const dataDir = isFree ? await placeFor(preferred, log) : preferred;
  await mkdir(dataDir, { recursive: true, mode: 0o755 }).catch((cause: unknown) => {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new StartError(
      `The folder for Muster's data ${dataDir} cannot be made: ${said}. Make it, or set another one: dataDir in the configuration.`,
      { cause },
    );
  });
  if (url !== undefined) {
    // From now on that database has more in it than any move has brought there.
    await rm(join(dataDir, moveMark), { force: true });
    return { connection: { url }, dataDir, lost: new Promise(() => undefined), stop: async () => {} };
  }
  return startEmbedded(dataDir, clock, log);
}

async function startEmbedded(dataDir: string, clock: Clock, log: Log): Promise<Database> {
  const folder = join(dataDir, 'postgres');
  const postgres = await startEmbeddedPostgres({
    dataDir: folder,
    log: (line: string) => log.info({ line }, 'postgres'),
    onExit: (exit) => log.error({ ...exit }, 'the embedded database ended by itself; it is brought back'),
  });
  const watch = new DatabaseWatch(() => postgres.pid !== null, clock, folder);
  watch.start();
  const stop = () => {
    watch.stop();
    return postgres.stop();
  };
  return { connection: postgres.connection, dataDir, lost: watch.lost, stop };
}

async function placeFor(preferred: string, log: Log): Promise<string> {
  const { dataDir, reason } = await chooseDataDir(preferred);
  if (reason !== null) log.warn({ dataDir, reason }, 'the data lie in another place');
  return dataDir;
}
