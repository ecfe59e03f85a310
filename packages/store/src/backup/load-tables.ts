import type { BackupRecord, SequenceState, TableStart } from '@muster/backup';
import pg from 'pg';
import { isPassing } from '../database-error.ts';
import { StoreRefused } from '../errors.ts';
import { type CopiedTable, copiedTables } from './catalog.ts';
import { type Copied, copyIn, digestOf } from './copy.ts';
import type { Migration } from '../migrate.ts';

/** Records in their order, taken one by one. */
export type Records = AsyncIterator<BackupRecord>;

/** The next record. @throws Error where the records end, which `CheckedRecords` has refused before */
export async function nextOf(records: Records): Promise<BackupRecord> {
  const next = await records.next();
  if (next.done === true) throw new Error('the records of the backup have ended');
  return next.value;
}

/** A table that was restored, and what it holds by the word of the backup. */
type Loaded = { readonly table: CopiedTable; readonly said: Copied };

/**
 * Fills the tables of the schema, which is as the backup's, and sets its sequences; `first` is the record after the files. Then reads every table
 * back and compares it with what the backup says. As part of a transaction, with triggers off. Returns the number of rows.
 * @throws StoreRefused `backup-mismatch`, BackupError
 */
export async function loadTables(
  client: pg.Client,
  records: Records,
  first: BackupRecord,
  { migrations, onTable }: { readonly migrations: readonly Migration[]; readonly onTable: (name: string) => void },
): Promise<{ tables: number; rows: number }> {
  const missing = new Map((await copiedTables(client, migrations)).map((table) => [table.name, table]));
  const loaded: Loaded[] = [];
  let record = first;
  for (; record.kind === 'table'; record = await nextOf(records)) {
    onTable(record.value.name);
    const table = tableOf(record.value, missing);
    loaded.push({ table, said: await loadTable(client, table, records) });
    missing.delete(table.name);
  }
  if (missing.size > 0) throw mismatch(`it lacks the table ${[...missing.keys()].join(', ')}`);
  for (; record.kind === 'sequence'; record = await nextOf(records)) await setSequence(client, record.value);
  // The end has been held against what came; nothing may follow on it.
  while ((await records.next()).done !== true);
  for (const one of loaded) await compare(client, one);
  return { tables: loaded.length, rows: loaded.reduce((sum, { said }) => sum + said.rows, 0) };
}

function tableOf({ name, columns }: TableStart, missing: ReadonlyMap<string, CopiedTable>): CopiedTable {
  const known = missing.get(name);
  if (known === undefined) throw mismatch(`its table ${name} is not one of that version`);
  const unknown = columns.find((column) => !known.columns.includes(column));
  if (unknown !== undefined || columns.length !== known.columns.length)
    throw mismatch(`the columns of its table ${name} are not those of that version`);
  return { name, columns };
}

const mismatch = (what: string, cause?: unknown): StoreRefused =>
  new StoreRefused(
    'backup-mismatch',
    `The backup cannot be restored: ${what}. Nothing was changed. Try another backup, or the version that made it.`,
    { cause },
  );

async function loadTable(client: pg.Client, table: CopiedTable, records: Records): Promise<Copied> {
  let end: Copied | undefined;
  let failure: Error | undefined;
  const rows = async function* (): AsyncGenerator<Uint8Array> {
    try {
      for (let record = await nextOf(records); ; record = await nextOf(records)) {
        if (record.kind === 'rows') yield record.value;
        else if (record.kind === 'table-end') {
          end = record.value;
          return;
        }
      }
    } catch (error) {
      failure = error instanceof Error ? error : new Error(String(error));
      throw failure;
    }
  };
  try {
    const written = await copyIn(client, table, rows());
    if (end?.rows !== written) throw mismatch(`the database took ${written} rows of ${end?.rows} into ${table.name}`);
    return end;
  } catch (error) {
    // A damaged backup is told as such, and not as what the database says of a copy that breaks off.
    if (failure !== undefined) throw failure;
    if (error instanceof StoreRefused || isPassing(error)) throw error;
    throw mismatch(`the database refuses rows of ${table.name} (${error instanceof Error ? error.message : String(error)})`, error);
  }
}

async function setSequence(client: pg.Client, { name, value, called }: SequenceState): Promise<void> {
  try {
    await client.query('select setval($1::regclass, $2::bigint, $3)', [pg.escapeIdentifier(name), value, called]);
  } catch (error) {
    if (isPassing(error)) throw error;
    throw mismatch(`its sequence ${name} is not one of that version`, error);
  }
}

async function compare(client: pg.Client, { table, said }: Loaded): Promise<void> {
  const found = await digestOf(client, table);
  if (found.sha256 !== said.sha256 || found.rows !== said.rows)
    throw mismatch(`read back, the table ${table.name} (${found.rows} rows) is not what the backup says (${said.rows} rows)`);
}
