import { type BackupFile, type BackupHead, type BackupRecord, frameOf } from '@muster/backup';
import pg from 'pg';
import { patientClientConfig, type StoreConnection } from '../connection.ts';
import { storeError } from '../database-error.ts';
import { StoreRefused } from '../errors.ts';
import { type Migration, ownMigrations, readMigrations } from '../migrate.ts';
import { copiedTables, copySettings, migrationsTable, sequenceNames } from './catalog.ts';
import { copyOut } from './copy.ts';

export type SnapshotOptions = {
  readonly connection: StoreConnection;
  readonly migrationsDir?: string;
  /** Version of this Muster. */
  readonly version: string;
  /** What belongs to the database and lies beside it. */
  readonly files: readonly BackupFile[];
};

/** Whoever takes nothing for so long is gone; until then old versions of rows are kept for him. */
const patienceMs = 120_000;

/**
 * Everything that Muster keeps, as it is at one moment (REPEATABLE READ), whatever is written meanwhile; nobody is held up. Framed records, see
 * `@muster/backup`; secrets in it are not encrypted yet. Ending the iteration early frees the connection.
 * @throws StoreUnavailable, also in the middle: a reader that has no `end` has nothing
 */
export async function* takeSnapshot(options: SnapshotOptions): AsyncGenerator<Uint8Array> {
  const client = new pg.Client(patientClientConfig(options.connection));
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('begin transaction isolation level repeatable read read only');
    await client.query(copySettings);
    for await (const record of recordsOf(client, options)) {
      const late = setTimeout(() => void client.end().catch(() => undefined), patienceMs);
      try {
        yield frameOf(record);
      } finally {
        clearTimeout(late);
      }
    }
  } catch (error) {
    throw storeError(error);
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function* recordsOf(client: pg.Client, { migrationsDir, version, files }: SnapshotOptions): AsyncGenerator<BackupRecord> {
  const migrations = await readMigrations(migrationsDir ?? ownMigrations);
  const head = await headOf(client, version);
  requireWhole(head, migrations);
  yield { kind: 'head', value: head };
  for (const value of files) yield { kind: 'file', value };
  const tables = await copiedTables(client, migrations);
  let rows = 0;
  for (const table of tables) {
    yield { kind: 'table', value: { name: table.name, columns: [...table.columns] } };
    const copying = copyOut(client, table);
    for (;;) {
      const next = await copying.next();
      if (next.done === true) {
        rows += next.value.rows;
        yield { kind: 'table-end', value: next.value };
        break;
      }
      yield { kind: 'rows', value: next.value };
    }
  }
  for (const name of await sequenceNames(client)) yield { kind: 'sequence', value: await sequenceOf(client, name) };
  yield { kind: 'end', value: { tables: tables.length, rows } };
}

/** Tables and columns that this Muster does not know would be missing. @throws StoreRefused `newer-schema` */
function requireWhole({ migrations }: BackupHead, known: readonly Migration[]): void {
  const newest = migrations.at(-1);
  if (newest === undefined || newest.version <= known.length) return;
  throw new StoreRefused(
    'newer-schema',
    `The database is at schema version ${newest.version} (${newest.name}) and this server knows ${known.length}: its backup would lack what is newer. Make it on a member that is upgraded, or upgrade this one.`,
  );
}

async function headOf(client: pg.Client, version: string): Promise<BackupHead> {
  const { rows } = await client.query<{ made_at: string; postgres: string; has_artifacts: boolean }>(
    "select now() as made_at, current_setting('server_version') as postgres, to_regclass('artifacts') is not null as has_artifacts",
  );
  const migrations = await client.query<BackupHead['migrations'][number]>(
    `select version, name, checksum from ${migrationsTable} order by version`,
  );
  const artifacts = rows[0]?.has_artifacts === true ? await countArtifacts(client) : { count: 0, bytes: 0 };
  const { made_at: madeAt = '', postgres = '' } = rows[0] ?? {};
  return { format: 1, madeAt, muster: version, postgres, migrations: migrations.rows, artifacts };
}

async function countArtifacts(client: pg.Client): Promise<BackupHead['artifacts']> {
  const { rows } = await client.query<BackupHead['artifacts']>(
    'select count(*) as count, coalesce(sum(size_bytes), 0)::bigint as bytes from artifacts',
  );
  return rows[0] ?? { count: 0, bytes: 0 };
}

async function sequenceOf(client: pg.Client, name: string): Promise<{ name: string; value: string; called: boolean }> {
  const { rows } = await client.query<{ value: string; called: boolean }>(
    `select last_value::text as value, is_called as called from ${pg.escapeIdentifier(name)}`,
  );
  return { name, value: rows[0]?.value ?? '1', called: rows[0]?.called ?? false };
}
