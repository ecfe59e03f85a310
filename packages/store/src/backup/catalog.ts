import type pg from 'pg';
import type { Migration } from '../migrate.ts';

/** A table as it is copied: its columns without those that the database computes. */
export type CopiedTable = { readonly name: string; readonly columns: readonly string[] };

/** Kept by the migrations themselves; its content stands in the head of a backup. */
export const migrationsTable = 'schema_migrations';

/**
 * The tables that migrations ever made, by their names. Whatever else lies in the schema is somebody else's: a backup could not be restored with
 * it, and a restore must not drop it.
 */
export const tablesMadeBy = (migrations: readonly Migration[]): ReadonlySet<string> =>
  new Set(migrations.flatMap(({ sql }) => [...sql.matchAll(/^create table "?(\w+)"?/gimu)].map(([, name]) => name ?? '')));

/** Muster's tables that are there, each after those that it refers to. */
export async function copiedTables(client: pg.Client, migrations: readonly Migration[]): Promise<CopiedTable[]> {
  const { rows } = await client.query<{ name: string; columns: string[]; refers_to: string[] }>(`
    select t.relname as name,
      array(select a.attname::text from pg_attribute a
        where a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum) as columns,
      array(select r.relname::text from pg_constraint f join pg_class r on r.oid = f.confrelid
        where f.conrelid = t.oid and f.contype = 'f' and f.confrelid <> t.oid) as refers_to
    from pg_class t where t.relkind = 'r' and t.relnamespace = current_schema()::regnamespace order by t.relname`);
  const made = tablesMadeBy(migrations);
  return inOrder(rows.filter(({ name }) => made.has(name) && name !== migrationsTable));
}

function inOrder(tables: readonly (CopiedTable & { readonly refers_to: readonly string[] })[]): CopiedTable[] {
  const ordered = new Map<string, CopiedTable>();
  while (ordered.size < tables.length) {
    const waiting = tables.filter(({ name }) => !ordered.has(name));
    const next = waiting.filter(({ refers_to }) => !refers_to.some((other) => waiting.some(({ name }) => name === other)));
    if (next.length === 0) throw new Error(`the tables ${waiting.map(({ name }) => name).join(', ')} refer to each other in a ring`);
    for (const { name, columns } of next) ordered.set(name, { name, columns });
  }
  return [...ordered.values()];
}

/** The names of the sequences of the schema. */
export async function sequenceNames(client: pg.Client): Promise<string[]> {
  const { rows } = await client.query<{ name: string }>(
    "select relname as name from pg_class where relkind = 'S' and relnamespace = current_schema()::regnamespace order by relname",
  );
  return rows.map(({ name }) => name);
}

/**
 * As long as it takes, and how values are written as text, whatever the settings of server, database and role: the same on every version. `synchronize_seqscans` is off so
 * that a table is read in the order in which it was written, and two readings of it are alike.
 */
export const copySettings = `
  set local client_encoding = 'UTF8'; set local datestyle = 'ISO, YMD'; set local intervalstyle = 'postgres'; set local timezone = 'UTC';
  set local extra_float_digits = 1; set local bytea_output = 'hex'; set local synchronize_seqscans = off; set local row_security = off;
  set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0`;
