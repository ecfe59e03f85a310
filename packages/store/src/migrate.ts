import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Log, poolTimes } from '@muster/core';
import type pg from 'pg';
import { isPassing } from './database-error.ts';
import { StoreRefused } from './errors.ts';

/** Where the migrations lie beside the sources. A bundled server gives its own folder. */
export const ownMigrations = fileURLToPath(new URL('migrations', import.meta.url));

/** One step of the schema, as its file has it. */
export type Migration = {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
  /** The oldest schema that a server must know to work with the database after this step (`-- reader: N` in its first line); its own by default. */
  readonly reader: number;
};

/** A migration that a database has, as its table says. */
type Applied = Pick<Migration, 'version' | 'name' | 'checksum' | 'reader'>;

/** Any server of this installation holds it while it migrates; the two numbers are only ours by being unlikely. */
export const migrationLock = '1836413812, 1';

/** The first line of a migration after which older servers go on. */
const readerLine = /^-- reader: (\d+)$/mu;

/** The migrations of a folder, in their order. @throws StoreRefused `migration-failed` for a gap */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
  const migrations = await Promise.all(
    names.map(async (name): Promise<Migration> => {
      const sql = await readFile(join(folder, name), 'utf8');
      const version = Number(/^(\d{4})-[a-z0-9-]+\.sql$/u.exec(name)?.[1] ?? Number.NaN);
      const checksum = createHash('sha256').update(sql).digest('hex');
      return { version, name, sql, checksum, reader: Number(readerLine.exec(sql)?.[1] ?? version) };
    }),
  );
  const wrong = migrations.find((migration, index) => migration.version !== index + 1);
  if (wrong !== undefined || migrations.length === 0) {
    throw new StoreRefused(
      'migration-failed',
      `The migrations in ${folder} are not numbered 0001-name.sql, 0002-name.sql and so on without a gap${wrong === undefined ? '' : ` (see ${wrong.name})`}.`,
    );
  }
  return migrations;
}

/** @throws StoreRefused where this Muster may not use the database as it is */
function requireKnown(applied: readonly Applied[], known: readonly Migration[]): void {
  const newest = applied.at(-1);
  const breaking = applied.findLast(({ reader }) => reader > known.length);
  if (newest !== undefined && breaking !== undefined) {
    throw new StoreRefused(
      'newer-schema',
      `The database is at schema version ${newest.version} (${newest.name}), this Muster knows ${known.length}, and ${breaking.name} is only for those that know ${breaking.reader}. ` +
        'A newer Muster has used it: start that one, or restore a backup from before.',
    );
  }
  const changed = applied.find(({ version, checksum }) => version <= known.length && known[version - 1]?.checksum !== checksum);
  if (changed !== undefined) {
    throw new StoreRefused(
      'migration-changed',
      `The migration ${changed.name} is not the one that made this database. Muster's files were changed: install the same version again.`,
    );
  }
}

/** Applies a migration as part of a transaction that is open. @throws StoreRefused `migration-failed` */
export async function applyWithin(client: pg.Client, migration: Migration): Promise<void> {
  try {
    await client.query(migration.sql);
    await client.query('insert into schema_migrations (version, name, checksum) values ($1, $2, $3)', [
      migration.version,
      migration.name,
      migration.checksum,
    ]);
    // Only from the migration on that makes room for it can one say so.
    if (migration.reader !== migration.version)
      await client.query('update schema_migrations set reader = $2 where version = $1', [migration.version, migration.reader]);
  } catch (error) {
    if (isPassing(error)) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StoreRefused(
      'migration-failed',
      `The migration ${migration.name} failed and changed nothing: ${reason}. The role needs the right to create tables in the database.`,
      { cause: error },
    );
  }
}

async function apply(client: pg.Client, migration: Migration): Promise<void> {
  try {
    await client.query('begin');
    await applyWithin(client, migration);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}

/** Makes the table that says which migrations were applied. @throws StoreRefused `migration-failed` where the role may not */
export async function makeMigrationsTable(client: pg.Client): Promise<void> {
  await client
    .query(
      'create table schema_migrations (version integer primary key, name text not null, checksum text not null, applied_at timestamptz not null default now())',
    )
    .catch((cause: unknown) => {
      if (isPassing(cause)) throw cause;
      throw new StoreRefused(
        'migration-failed',
        `Muster cannot make its tables (${String(cause)}). Give its role the database: ALTER DATABASE name OWNER TO role.`,
        { cause },
      );
    });
}

/** What a database was made of. The column `reader` is not there in older ones. */
async function appliedTo(client: pg.Client): Promise<Applied[]> {
  const { rows } = await client.query<Applied>(
    "select version, name, checksum, coalesce((to_jsonb(m) ->> 'reader')::integer, version) as reader from schema_migrations m order by version",
  );
  return rows;
}

type Running = { readonly name: string; readonly version: string; readonly schema: number };

/** Servers that work with the database at this moment, besides this one. Those of before the column have what the database has. */
async function othersAtWork(client: pg.Client, serverId: string, level: number): Promise<Running[]> {
  const { rows: there } = await client.query<{ there: boolean }>("select to_regclass('members') is not null as there");
  if (there[0]?.there !== true) return [];
  const { rows } = await client.query<Running>(
    `select name, version, coalesce((to_jsonb(m) ->> 'schema_version')::integer, $2) as schema from members m
     where id <> $1 and lost_at is null and heard_at > now() - make_interval(secs => $3) order by name`,
    [serverId, level, poolTimes.lost],
  );
  return rows;
}

/** Nobody takes the tables away from under a server that works with them. @throws StoreRefused `older-members` naming them */
async function requireReaders(client: pg.Client, missing: readonly Migration[], { serverId, level }: Level): Promise<void> {
  const needed = missing.toSorted((one, other) => other.reader - one.reader)[0];
  if (needed === undefined) return;
  const tooOld = (await othersAtWork(client, serverId, level)).filter(({ schema }) => schema < needed.reader);
  if (tooOld.length === 0) return;
  const named = tooOld.map(({ name, version, schema }) => `${name} (Muster ${version}, schema ${schema})`).join(', ');
  throw new StoreRefused(
    'older-members',
    `The database was left as it is: after ${needed.name} only servers that know schema ${needed.reader} can use it, and older ones are at work: ${named}. ` +
      'Upgrade all members to the release between first, one after the other; or stop muster.service on those named and start this one again: then nobody serves until the first is up.',
  );
}

/** Who migrates, and what the database has. */
type Level = { readonly serverId: string; readonly level: number };

async function migrateLocked(client: pg.Client, known: readonly Migration[], { log, serverId = '' }: MigrateOptions): Promise<number> {
  const { rows } = await client.query<{ there: boolean }>("select to_regclass('schema_migrations') is not null as there");
  if (rows[0]?.there !== true) await makeMigrationsTable(client);
  const applied = await appliedTo(client);
  requireKnown(applied, known);
  const newest = applied.at(-1);
  if (newest !== undefined && newest.version > known.length)
    log.warn({ schema: newest.version, known: known.length }, 'a newer server has migrated the database; this one may go on with it');
  const missing = known.slice(applied.length);
  await requireReaders(client, missing, { serverId, level: applied.length });
  for (const migration of missing) {
    await apply(client, migration);
    log.info({ migration: migration.name }, 'migrated the database');
  }
  return missing.length;
}

/**
 * Whether this Muster could work with the database as its members are now: what `migrate` would refuse is refused, and nothing is changed.
 * @throws StoreRefused `newer-schema`, `older-members`, `migration-changed`
 */
export async function requireMigratable(client: pg.Client, folder: string, serverId: string): Promise<void> {
  const known = await readMigrations(folder);
  const { rows } = await client.query<{ there: boolean }>("select to_regclass('schema_migrations') is not null as there");
  if (rows[0]?.there !== true) return;
  const applied = await appliedTo(client);
  requireKnown(applied, known);
  await requireReaders(client, known.slice(applied.length), { serverId, level: applied.length });
}

export type MigrateOptions = {
  readonly log: Log;
  /** The server that migrates: its own row among the members tells of the process before. */
  readonly serverId?: string | undefined;
};

/**
 * Brings the schema to the newest version, each migration in a transaction of its own. Servers that start at once do it one after the
 * other. Returns how many migrations were applied. A database that a newer Muster has migrated is left as it is where that allows readers as
 * old as this one.
 * @throws StoreRefused `newer-schema`, `older-members`, `migration-changed`, `migration-failed`
 */
export async function migrate(client: pg.Client, folder: string, options: MigrateOptions): Promise<number> {
  const known = await readMigrations(folder);
  await client.query("set lock_timeout = '2min'");
  await client.query(`select pg_advisory_lock(${migrationLock})`);
  try {
    return await migrateLocked(client, known, options);
  } finally {
    await client.query(`select pg_advisory_unlock(${migrationLock})`).catch(() => undefined);
  }
}
