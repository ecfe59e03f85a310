import type { BackupFile, BackupHead, BackupRecord } from '@muster/backup';
import type { Log } from '@muster/core';
import pg from 'pg';
import { patientClientConfig, type StoreConnection } from '../connection.ts';
import { isPassing, storeError } from '../database-error.ts';
import { connectionNow } from '../primary/route.ts';
import { requireDurable } from '../durability.ts';
import { StoreRefused } from '../errors.ts';
import { applyWithin, type Migration, ownMigrations, readMigrations } from '../migrate.ts';
import { recordRestore, type Settled, settleRestored } from './after-restore.ts';
import { carryAccess, isSameInstallation, mergeAccess } from './carried-access.ts';
import { beginCarrying, carryFromJournal, carryFromTables, knowsEnough, mergeCarried, type Run } from './carried-certificates.ts';
import { copySettings } from './catalog.ts';
import type { JournalledCertificate } from './journalled-certificate.ts';
import { loadTables, nextOf, type Records } from './load-tables.ts';
import { refuseInUse } from './refuse-in-use.ts';
import { emptySchema, lookAt, makeSchema, requireKnownBackup, setTriggers } from './restore-schema.ts';

export type RestoreOptions = {
  readonly connection: StoreConnection;
  readonly migrationsDir?: string;
  readonly log: Log;
  /** Version of this Muster. */
  readonly version: string;
  /** The records of a backup, checked as they come (`CheckedRecords`). */
  readonly records: AsyncIterable<BackupRecord>;
  /** Whether what is in the database now may be dropped. */
  readonly replace: boolean;
  /** What is known besides of certificates that were issued and revoked, in portions. */
  readonly journal: AsyncIterable<readonly JournalledCertificate[]>;
  /** Whether it is accepted that nothing tells what was revoked since the backup. */
  readonly withoutJournal: boolean;
  /** Who restores, for the audit log. */
  readonly by: string;
  readonly onStep?: (step: string) => void;
  /** Called with the files of the backup when the database is ready, before the commit. What it throws leaves the database as it was. */
  readonly beforeCommit: (files: readonly BackupFile[]) => Promise<void>;
};

/** What a restore has done. */
export type Restored = Settled & {
  readonly head: BackupHead;
  readonly tables: number;
  readonly rows: number;
  /** Whether there was something before, which is gone. */
  readonly replaced: boolean;
  /** Migrations that were applied because this Muster is newer. */
  readonly migrated: number;
  /** Certificates that the backup still accepted and that were revoked since. */
  readonly revokedAgain: number;
  /** Certificates issued since, which are known again and accepted. */
  readonly knownAgain: number;
  readonly apiKeysRevoked: number;
  readonly peopleDisabled: number;
};

/**
 * Puts a backup into a database, in one transaction: either all of it is there in the end, or the database is as it was. Afterwards the schema is that of
 * this Muster. See docs/adr/0014.
 * @throws StoreRefused `in-use`, `not-empty`, `foreign-tables`, `newer-backup`, `migration-changed`, `backup-mismatch`,
 * `revocations-unknown`; StoreUnavailable; BackupError
 */
export async function restoreSnapshot(options: RestoreOptions): Promise<Restored> {
  const connection = await connectionNow(options.connection, options.log);
  const client = new pg.Client({ ...patientClientConfig(connection), application_name: 'muster restore' });
  client.on('error', (error) => options.log.warn({ error: error.message }, 'the connection to the database was lost during a restore'));
  try {
    await client.connect();
    await requireDurable(client);
    await refuseInUse(client);
    await client.query('begin');
    await client.query(copySettings);
    const restored = await restoreWithin(client, options);
    await client.query('commit');
    return restored;
  } catch (error) {
    throw storeError(error);
  } finally {
    // Ends the transaction too, where it is still open.
    await client.end().catch(() => undefined);
  }
}

async function restoreWithin(client: pg.Client, options: RestoreOptions): Promise<Restored> {
  const { version, onStep = () => undefined } = options;
  const run: Run = async <Row>(statement: string, values: readonly unknown[]) =>
    (await client.query<Row & pg.QueryResultRow>(statement, [...values])).rows;
  const known = await readMigrations(options.migrationsDir ?? ownMigrations);
  const records = options.records[Symbol.asyncIterator]();
  const { head, files, first } = await beginningOf(records);
  requireKnownBackup(head, known, version);
  await beginCarrying(run);
  const { replaced, carries } = await clear(client, run, known, options);
  onStep('tables');
  const [before, newer] = [known.slice(0, head.migrations.length), known.slice(head.migrations.length)];
  await makeSchema(client, before);
  const loaded = await loadTables(client, records, first, { migrations: before, onTable: (name) => onStep(`table ${name}`) });
  await setTriggers(client, before, 'enable');
  onStep('migrations');
  for (const migration of newer) await applyWithin(client, migration);
  onStep('what was revoked and used since');
  const isSame = carries && (await isSameInstallation(run));
  const access = isSame ? await mergeAccess(run) : { apiKeysRevoked: 0, peopleDisabled: 0 };
  await carryFromJournal(run, options.journal);
  if (!options.withoutJournal && !isSame) await requireJournal(run, head);
  const { revoked, known: knownNow } = await mergeCarried(run);
  const settled = await settleRestored(run);
  await recordRestore(run, head, options.by);
  await client.query('analyze');
  await options.beforeCommit(files);
  const carried = { revokedAgain: revoked.length, knownAgain: knownNow.filter((one) => !one.revoked).length };
  return { head, ...loaded, replaced, migrated: newer.length, ...carried, ...access, ...settled };
}

/** The head, the files, and the first record after them. */
async function beginningOf(records: Records): Promise<{ head: BackupHead; files: BackupFile[]; first: BackupRecord }> {
  const first = await nextOf(records);
  if (first.kind !== 'head') throw new Error('the records of the backup do not begin with their head');
  const files: BackupFile[] = [];
  let record = await nextOf(records);
  for (; record.kind === 'file'; record = await nextOf(records)) files.push(record.value);
  return { head: first.value, files, first: record };
}

/**
 * A backup cannot know what was revoked after it was made. Somebody has to say that, or say that nobody can. @throws StoreRefused `revocations-unknown`
 */
async function requireJournal(run: Run, { madeAt }: BackupHead): Promise<void> {
  if (await knowsEnough(run)) return;
  throw new StoreRefused(
    'revocations-unknown',
    `Nothing here says which certificates were revoked since the backup was made (${madeAt}), and they must not count again. Give the file certificates.journal of ` +
      'the data folder of the lost server: --revoked FILE. Where there is none any more: --revoked none, and revoke again what was revoked since. Nothing was changed.',
  );
}

/** The first migration with authorities that are counted: what is older carries nothing over. */
const leastLevelToCarry = 6;

/** Makes room, and takes along what must not be forgotten. @throws StoreRefused `not-empty` */
async function clear(
  client: pg.Client,
  run: Run,
  known: readonly Migration[],
  { replace }: RestoreOptions,
): Promise<{ replaced: boolean; carries: boolean }> {
  const found = await lookAt(client, known);
  if (found.hasData && !replace) {
    throw new StoreRefused(
      'not-empty',
      'The database is not empty. If what is in it may go, say --replace: it is dropped, and the backup takes its place. Nothing was changed.',
    );
  }
  const carries = found.hasData && found.level >= leastLevelToCarry && (await carryOver(client, run, found.level > known.length));
  await emptySchema(client);
  return { replaced: found.hasData, carries };
}

/** Returns whether it could: tables of a newer Muster may be others than are known here. */
async function carryOver(client: pg.Client, run: Run, isNewer: boolean): Promise<boolean> {
  await client.query('savepoint carrying');
  try {
    await carryFromTables(run);
    await carryAccess(run);
    return true;
  } catch (error) {
    if (!isNewer || isPassing(error)) throw error;
    await client.query('rollback to savepoint carrying');
    return false;
  }
}
