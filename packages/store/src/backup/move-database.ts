import { CheckedRecords } from '@muster/backup';
import type { Log } from '@muster/core';
import pg from 'pg';
import { patientClientConfig, type StoreConnection } from '../connection.ts';
import { storeError } from '../database-error.ts';
import { requireDurable } from '../durability.ts';
import { StoreRefused } from '../errors.ts';
import { applyWithin, ownMigrations, readMigrations } from '../migrate.ts';
import { connectionNow } from '../primary/route.ts';
import { copySettings, migrationsTable } from './catalog.ts';
import { loadTables, nextOf } from './load-tables.ts';
import { refuseInUse } from './refuse-in-use.ts';
import { emptySchema, lookAt, makeSchema, requireKnownBackup, setTriggers } from './restore-schema.ts';
import { takeSnapshot } from './take-snapshot.ts';

export type MoveOptions = {
  /** The database that is left; no server may use it. */
  readonly from: StoreConnection;
  /** The one that takes its place. */
  readonly to: StoreConnection;
  /** Names this move, in letters, digits and dashes. What an earlier call under the same name has brought there may be dropped, and nothing else. */
  readonly name: string;
  /** Keeps the name; called when the other database was found free, before anything in it changes. */
  readonly keepName: () => Promise<void>;
  readonly log: Log;
  /** Version of this Muster. */
  readonly version: string;
};

/**
 * Brings all that one database holds into another one, as it is: unlike a restore nothing ends by it, no session, no token, no task, because
 * nothing happened since. In one transaction: either all of it is there in the end, or nothing. Every table is read back and compared.
 * @throws StoreRefused `in-use`, `not-empty`, `foreign-tables`, `newer-backup`, `migration-changed`; StoreUnavailable
 */
export async function moveDatabase(options: MoveOptions): Promise<{ readonly tables: number; readonly rows: number }> {
  const connection = await connectionNow(options.to, options.log);
  const client = new pg.Client({ ...patientClientConfig(connection), application_name: 'muster move' });
  client.on('error', (error) => options.log.warn({ error: error.message }, 'the connection to the database was lost during a move'));
  try {
    await client.connect();
    await requireDurable(client);
    await refuseInUse(client);
    await client.query('begin');
    await client.query(copySettings);
    const moved = await moveWithin(client, options);
    await client.query('commit');
    return moved;
  } catch (error) {
    throw storeError(error);
  } finally {
    // Ends the transaction too, where it is still open.
    await client.end().catch(() => undefined);
  }
}

async function moveWithin(client: pg.Client, { from, name, keepName, version }: MoveOptions): Promise<{ tables: number; rows: number }> {
  const known = await readMigrations(ownMigrations);
  if ((await lookAt(client, known)).hasData && (await nameOfMove(client)) !== name) {
    throw new StoreRefused(
      'not-empty',
      'The database that is to take over is not empty: it has an installation of its own, and two cannot become one. Nothing was changed.',
    );
  }
  const records = new CheckedRecords(takeSnapshot({ connection: from, version, files: [] })).read();
  try {
    const head = await nextOf(records);
    if (head.kind !== 'head') throw new Error('a snapshot does not begin with its head');
    requireKnownBackup(head.value, known, version);
    await keepName();
    await emptySchema(client);
    const before = known.slice(0, head.value.migrations.length);
    await makeSchema(client, before);
    const loaded = await loadTables(client, records, await nextOf(records), { migrations: before, onTable: () => undefined });
    await setTriggers(client, before, 'enable');
    for (const migration of known.slice(before.length)) await applyWithin(client, migration);
    await client.query(`comment on table ${migrationsTable} is ${pg.escapeLiteral(prefix + name)}`);
    await client.query('analyze');
    return loaded;
  } finally {
    await records.return(undefined);
  }
}

const prefix = 'moved here: ';

/** The move that filled the database, written in the transaction that did: it is there only together with all that was moved. */
async function nameOfMove(client: pg.Client): Promise<string | undefined> {
  const { rows } = await client.query<{ comment: string | null }>('select obj_description(to_regclass($1), $2) as comment', [
    migrationsTable,
    'pg_class',
  ]);
  const comment = rows[0]?.comment ?? '';
  return comment.startsWith(prefix) ? comment.slice(prefix.length) : undefined;
}
