import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Log } from '@muster/core';
import { createDatabase, type EmbeddedPostgres, openStore, startEmbeddedPostgres, type Store } from '@muster/store';
import { afterAll } from 'vitest';

/** A store on a database of its own. */
export type TestStore = { readonly store: Store; readonly connection: EmbeddedPostgres['connection'] };

type Shared = { readonly folder: string; readonly postgres: EmbeddedPostgres };

const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

let shared: Promise<Shared> | undefined;
let made = 0;
const opened: Store[] = [];

/** A folder that also the user of the embedded database can reach; whoever asked for it removes it. */
export async function reachableFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'muster-test-'));
  await chmod(folder, 0o755);
  return folder;
}

async function start(): Promise<Shared> {
  const folder = await reachableFolder();
  const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), log: () => undefined });
  // Migrated once; the stores of the tests are copies. Nobody may be connected to what is copied.
  const template = await openStore({ connection: postgres.connection, log: silent });
  await template.close();
  return { folder, postgres };
}

/** A fresh database without any table, on the server that the tests of this file share. */
export async function withDatabase(template = 'template0'): Promise<EmbeddedPostgres['connection']> {
  const { postgres } = await (shared ??= start());
  made += 1;
  const database = `test_${made}`;
  await createDatabase({ ...postgres.connection, database: 'postgres' }, database, template);
  return { ...postgres.connection, database };
}

/**
 * A fresh, empty store, on the server that the tests of this file share: some 50 ms each. Everything is closed and removed after the
 * file's last test.
 */
export async function withStore(): Promise<TestStore> {
  const { postgres } = await (shared ??= start());
  const connection = await withDatabase(postgres.connection.database);
  const store = await openStore({ connection, log: silent });
  opened.push(store);
  return { store, connection };
}

afterAll(async () => {
  if (shared === undefined) return;
  await Promise.all(opened.map((store) => store.close()));
  const { folder, postgres } = await shared;
  await postgres.stop();
  await rm(folder, { recursive: true, force: true });
});
