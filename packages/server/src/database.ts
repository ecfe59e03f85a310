import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Log } from '@muster/core';
import { chooseDataDir, startEmbeddedPostgres, type StoreConnection } from '@muster/store';
import type { Config } from './config/config.ts';

/** The database of this server: a child process of ours, or one that someone else runs. */
export type Database = {
  readonly connection: StoreConnection;
  /** Where this server keeps its files. */
  readonly dataDir: string;
  stop(): Promise<void>;
};

/** Opens the configured database; starts the embedded one where no URL is given. */
export async function openDatabase(config: Config, log: Log): Promise<Database> {
  const preferred = resolve(config.dataDir);
  const dataDir = config.database.url === undefined ? await placeFor(preferred, log) : preferred;
  await mkdir(dataDir, { recursive: true, mode: 0o755 });
  if (config.database.url !== undefined) {
    return { connection: { url: config.database.url }, dataDir, stop: async () => {} };
  }
  const postgres = await startEmbeddedPostgres({
    dataDir: join(dataDir, 'postgres'),
    log: (line: string) => log.info({ line }, 'postgres'),
  });
  return { connection: postgres.connection, dataDir, stop: () => postgres.stop() };
}

async function placeFor(preferred: string, log: Log): Promise<string> {
  const { dataDir, reason } = await chooseDataDir(preferred);
  if (reason !== null) log.warn({ dataDir, reason }, 'the data lie in another place');
  return dataDir;
}
