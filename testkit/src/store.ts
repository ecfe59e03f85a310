import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createDatabase, type EmbeddedPostgres, openStore, startEmbeddedPostgres, type Store } from '@muster/store';
import pg from 'pg';
import { afterAll, onTestFinished } from 'vitest';
import { templateVariable } from './postgres-template.ts';
import { reachableFolder } from './reachable-folder.ts';
import { silentLog } from './silent-log.ts';

/** A store on a database of its own. */
export type TestStore = { readonly store: Store; readonly connection: EmbeddedPostgres['connection'] };

type Connection = EmbeddedPostgres['connection'];
type Shared = { readonly connection: Connection; stop(): Promise<void> };

let shared: Promise<Shared> | undefined;
let made = 0;
const opened = new Set<Store>();
/** Databases of tests that are over. To empty one takes a tenth of the time of making one. */
const free: Connection[] = [];

async function startServer(): Promise<Shared> {
  const folder = await reachableFolder();
  const template = process.env[templateVariable];
  // With owners and modes, and where the disk can without copying what is in it.
  if (template !== undefined) await promisify(execFile)('cp', ['-a', '--reflink=auto', template, join(folder, 'postgres')]);
  const postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), log: () => undefined });
  const stop = () => postgres.stop().then(() => rm(folder, { recursive: true, force: true }));
  return { connection: postgres.connection, stop };
}

/**
 * With `MUSTER_TEST_POSTGRES_SOCKET` the same tests run on a server that is there, as PostgreSQL 15: the folder of its socket, on which
 * the user of the tests may act as the role `muster`, a superuser. One file at a time (`--no-file-parallelism`): some tests change settings of
 * the whole server. The databases stay behind.
 */
async function start(): Promise<Shared> {
  const host = process.env['MUSTER_TEST_POSTGRES_SOCKET'];
  const server = host === undefined ? await startServer() : { connection: givenServer(host), stop: () => Promise.resolve() };
  if (host !== undefined) await createDatabase({ ...server.connection, database: 'postgres' }, server.connection.database);
  // Migrated once; the stores of the tests are copies. Nobody may be connected to what is copied.
  const template = await openStore({ connection: server.connection, log: silentLog });
  await template.close();
  return server;
}

const givenServer = (host: string) => ({ host, user: 'muster', database: `template_${randomUUID()}` });

/** A fresh database without any table, on the server that the tests of this file share. */
export async function withDatabase(template = 'template0'): Promise<Connection> {
  const { connection } = await (shared ??= start());
  made += 1;
  const database = `${connection.database}_${made}`;
  await createDatabase({ ...connection, database: 'postgres' }, database, template);
  return { ...connection, database };
}

/** Makes a used database as good as new: no rows, ids from 1, no settings. Triggers, as that of the append-only events, do not fire. */
async function empty(connection: Connection): Promise<void> {
  const client = new pg.Client({ ...connection, database: 'postgres' });
  await client.connect();
  await client.query(`alter database "${connection.database}" reset all; alter database "${connection.database}" allow_connections true`);
  await client.end();
  const inside = new pg.Client(connection);
  await inside.connect();
  await inside.query(`do $$ declare name text; begin
    set local session_replication_role = replica;
    for name in select oid::regclass::text from pg_class
      where relkind = 'r' and relnamespace = 'public'::regnamespace and relname <> 'schema_migrations'
    loop execute 'delete from ' || name; end loop;
    for name in select oid::regclass::text from pg_class where relkind = 'S' and relnamespace = 'public'::regnamespace
    loop execute 'alter sequence ' || name || ' restart'; end loop;
  end $$`);
  await inside.end();
}

/** Runs SQL as whoever administers the database: what the store itself does not do. */
export async function runSql(connection: Connection, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client(connection);
  // A server that ends under it makes the query fail; pg says it a second time, to nobody.
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

async function freshConnection(server: Shared): Promise<Connection> {
  const used = free.pop();
  if (used === undefined) return withDatabase(server.connection.database);
  await empty(used);
  return used;
}

/** Gives the database free after the test, or, for a store that is shared by several tests, closes it after the file. */
function closeAfterTest(store: Store, connection: Connection): void {
  opened.add(store);
  try {
    onTestFinished(async () => {
      opened.delete(store);
      await store.close();
      free.push(connection);
    });
  } catch {
    // Called outside a test, in `beforeAll`.
  }
}

/**
 * A fresh, empty store, on the server that the tests of this file share. Everything is closed and removed by itself: after the test that
 * asked for it, or after the file where it was asked for in `beforeAll`.
 */
export async function withStore(): Promise<TestStore> {
  const server = await (shared ??= start());
  const connection = await freshConnection(server);
  const store = await openStore({ connection, log: silentLog });
  closeAfterTest(store, connection);
  return { store, connection };
}

afterAll(async () => {
  if (shared === undefined) return;
  await Promise.all([...opened].map((store) => store.close()));
  await (await shared).stop();
});
