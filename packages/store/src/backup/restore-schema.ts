import type { BackupHead } from '@muster/backup';
import pg from 'pg';
import { StoreRefused } from '../errors.ts';
import { applyWithin, makeMigrationsTable, type Migration } from '../migrate.ts';
import { copiedTables, migrationsTable, tablesMadeBy } from './catalog.ts';

/**
 * Whether this Muster can read the tables of a backup: it knows every migration that made them.
 * @throws StoreRefused `newer-backup` naming both versions, `migration-changed`
 */
export function requireKnownBackup({ muster, migrations }: BackupHead, known: readonly Migration[], version: string): void {
  const newest = migrations.at(-1);
  if (newest !== undefined && newest.version > known.length) {
    throw new StoreRefused(
      'newer-backup',
      `The backup was made by Muster ${muster} (schema version ${newest.version}); this is Muster ${version}, which knows ${known.length}. ` +
        `Restore it with Muster ${muster} or a newer one. Nothing was changed.`,
    );
  }
  const changed = migrations.find((one, index) => one.version !== index + 1 || known[index]?.checksum !== one.checksum);
  if (changed === undefined) return;
  throw new StoreRefused(
    'migration-changed',
    `The migration ${changed.name} of the backup (Muster ${muster}) is not the one of this Muster ${version}. Restore it with the version that made it. Nothing was changed.`,
  );
}

/** What is in the database before a restore. */
export type Found = {
  /** Whether there is a row in any table of Muster. */
  readonly hasData: boolean;
  /** The newest migration; 0 where Muster has never used the database. */
  readonly level: number;
};

/**
 * Looks at the database. @throws StoreRefused `foreign-tables` where somebody else keeps tables in Muster's schema: a restore would drop them
 */
export async function lookAt(client: pg.Client, known: readonly Migration[]): Promise<Found> {
  const { rows } = await client.query<{ name: string }>(
    "select relname::text as name from pg_class where relkind in ('r', 'p') and relnamespace = current_schema()::regnamespace order by relname",
  );
  const names = rows.map(({ name }) => name);
  const level = names.includes(migrationsTable) ? await levelOf(client) : 0;
  const made = tablesMadeBy(known);
  const foreign = names.filter((name) => name !== migrationsTable && !made.has(name));
  // A newer Muster has tables that this one does not know.
  if (foreign.length > 0 && level <= known.length) {
    throw new StoreRefused(
      'foreign-tables',
      `The database holds tables that are not Muster's (${foreign.slice(0, 5).join(', ')}). Give Muster a database of its own. Nothing was changed.`,
    );
  }
  for (const name of names) {
    if (name === migrationsTable) continue;
    const { rowCount } = await client.query(`select from ${pg.escapeIdentifier(name)} limit 1`);
    if (rowCount !== 0) return { hasData: true, level };
  }
  return { hasData: false, level };
}

async function levelOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ level: number | null }>(`select max(version) as level from ${migrationsTable}`);
  return rows[0]?.level ?? 0;
}

/** Drops everything in the schema that no extension brought: tables, functions, and the sequences that went not with a table. As part of a transaction. */
export async function emptySchema(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ statement: string }>(`
    select format('drop %s if exists %I.%I cascade', case c.relkind when 'S' then 'sequence' when 'v' then 'view' when 'm' then 'materialized view'
      else 'table' end, current_schema(), c.relname) as statement, c.relkind = 'S' as is_sequence
    from pg_class c where c.relkind in ('r', 'p', 'v', 'm', 'S') and c.relnamespace = current_schema()::regnamespace
      and not exists (select from pg_depend d where d.objid = c.oid and d.deptype = 'e')
    union all
    select format('drop routine if exists %s cascade', p.oid::regprocedure), false
    from pg_proc p where p.pronamespace = current_schema()::regnamespace
      and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')
    order by is_sequence`);
  for (const { statement } of rows) await client.query(statement);
}

/** Makes the tables as they were when the backup was made, without any row. As part of a transaction. */
export async function makeSchema(client: pg.Client, migrations: readonly Migration[]): Promise<void> {
  await makeMigrationsTable(client);
  for (const migration of migrations) await applyWithin(client, migration);
  const tables = await copiedTables(client, migrations);
  await setTriggers(client, migrations, 'disable');
  // A migration may have put rows of its own: the backup has them too.
  for (const { name } of tables.toReversed()) await client.query(`delete from ${pg.escapeIdentifier(name)}`);
}

/** Muster's own triggers write rows that the backup has already, and refuse what a restore must do. Foreign keys are not of them: they hold. */
export async function setTriggers(client: pg.Client, migrations: readonly Migration[], state: 'enable' | 'disable'): Promise<void> {
  for (const { name } of await copiedTables(client, migrations))
    await client.query(`alter table ${pg.escapeIdentifier(name)} ${state} trigger user`);
}
