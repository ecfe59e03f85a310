import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Log } from '@muster/core';
import type pg from 'pg';
import { isPassing } from './database-error.ts';
import { StoreRefused } from './errors.ts';

/** Where the migrations lie beside the sources. A bundled server gives its own folder. */
export const ownMigrations = fileURLToPath(new URL('migrations', import.meta.url));

/** One step of the schema, as its file has it. */
export type Migration = { readonly version: number; readonly name: string; readonly sql: string; readonly checksum: string };

/** Any server of this installation holds it while it migrates; the two numbers are only ours by being unlikely. */
export const migrationLock = '1836413812, 1';

/** The migrations of a folder, in their order. @throws StoreRefused `migration-failed` for a gap */
export async function readMigrations(folder: string): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).toSorted();
  const migrations = await Promise.all(
    names.map(async (name): Promise<Migration> => {
      const sql = await readFile(join(folder, name), 'utf8');
      return {
        version: Number(/^(\d{4})-[a-z0-9-]+\.sql$/u.exec(name)?.[1] ?? Number.NaN),
        name,
        sql,
        checksum: createHash('sha256').update(sql).digest('hex'),
      };
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

function requireKnown(applied: readonly { version: number; name: string; checksum: string }[], known: readonly Migration[]): void {
  const newest = applied.at(-1);
  if (newest !== undefined && newest.version > known.length) {
    throw new StoreRefused(
      'newer-schema',
      `The database is at schema version ${newest.version} (${newest.name}), this Muster knows ${known.length}. A newer Muster has used it: start that one, or restore a backup from before.`,
    );
  }
  const changed = applied.find((one) => known[one.version - 1]?.checksum !== one.checksum);
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

async function migrateLocked(client: pg.Client, known: readonly Migration[], log: Log): Promise<number> {
  const { rows } = await client.query<{ there: boolean }>("select to_regclass('schema_migrations') is not null as there");
  if (rows[0]?.there !== true) await makeMigrationsTable(client);
  const applied = await client.query<{ version: number; name: string; checksum: string }>(
    'select version, name, checksum from schema_migrations order by version',
  );
  requireKnown(applied.rows, known);
  const missing = known.slice(applied.rows.length);
  for (const migration of missing) {
    await apply(client, migration);
    log.info({ migration: migration.name }, 'migrated the database');
  }
  return missing.length;
}

/**
 * Brings the schema to the newest version, each migration in a transaction of its own. Servers that start at once do it one after the
 * other. Returns how many migrations were applied.
 * @throws StoreRefused `newer-schema`, `migration-changed`, `migration-failed`
 */
export async function migrate(client: pg.Client, folder: string, log: Log): Promise<number> {
  const known = await readMigrations(folder);
  await client.query("set lock_timeout = '2min'");
  await client.query(`select pg_advisory_lock(${migrationLock})`);
  try {
    return await migrateLocked(client, known, log);
  } finally {
    await client.query(`select pg_advisory_unlock(${migrationLock})`).catch(() => undefined);
  }
}
