import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type BackupFile, type BackupRecord, CheckedRecords, type OpenBackup, openBackup } from '@muster/backup';
import type { Log } from '@muster/core';
import { type JournalledCertificate, type Restored, restoreSnapshot, StoreRefused } from '@muster/store';
import { socketPathOf } from '../config/addresses.ts';
import type { Config } from '../config/config.ts';
import { openDatabase } from '../database.ts';
import { answersOn } from '../http/socket-probe.ts';
import { masterKeyName } from '../identity/installation-keys.ts';
import { dropMasterKey, layMasterKey, takeMasterKey } from '../identity/restored-master-key.ts';
import { StartError } from '../start-error.ts';
import { systemClock } from '../system-clock.ts';
import { certificateJournalName, readJournal } from '../trust/journal-file.ts';
import { version } from '../version.ts';

export type InstallationRestore = {
  readonly config: Config;
  readonly log: Log;
  /** The file of the backup. */
  readonly path: string;
  readonly passphrase: string;
  /** Whether what is there now may be dropped. */
  readonly replace: boolean;
  /** A journal of certificates of the server that was lost; `none`: that there is none is accepted. */
  readonly revoked?: string;
  /** Who restores, for the audit log. */
  readonly by: string;
  readonly onStep?: (step: string) => void;
  /** Ends it; nothing is changed then. */
  readonly signal?: AbortSignal;
};

const noJournal = 'none';

/** What a restore has done. */
export type RestoredInstallation = Restored & {
  readonly dataDir: string;
  /** Lines of journals that could not be read. */
  readonly damagedJournalLines: number;
};

/**
 * Puts a backup into the configured database, and its key file into the data folder, while no server runs. In one transaction: either all of it is there
 * in the end, or everything is as it was.
 * @throws StartError, StoreRefused, EmbeddedPostgresError while a server runs or where the database is not to be had; BackupError; StoreUnavailable
 */
export async function restoreInstallation(request: InstallationRestore): Promise<RestoredInstallation> {
  const { config, log, path, passphrase, onStep = () => undefined } = request;
  await requireOwner(resolve(config.dataDir));
  await requireJournal(request.revoked);
  onStep('passphrase');
  const backup = await openBackup(path, passphrase);
  try {
    onStep('database');
    const database = await openDatabase(config, systemClock, log);
    try {
      await refuseRunning(config, database.dataDir);
      return await restoreInto(request, database, recordsOf(backup, request.signal));
    } finally {
      await database.stop();
    }
  } finally {
    await backup.close();
  }
}

async function* recordsOf({ snapshot }: OpenBackup, signal: AbortSignal | undefined): AsyncGenerator<BackupRecord> {
  for await (const record of new CheckedRecords(snapshot).read()) {
    signal?.throwIfAborted();
    yield record;
  }
}

async function restoreInto(
  { log, replace, revoked, by, onStep, signal }: InstallationRestore,
  { connection, dataDir }: Awaited<ReturnType<typeof openDatabase>>,
  records: AsyncGenerator<BackupRecord>,
): Promise<RestoredInstallation> {
  const masterKeyPath = join(dataDir, masterKeyName);
  const paths = [join(dataDir, certificateJournalName), ...(revoked === undefined || revoked === noJournal ? [] : [revoked])];
  const readings = paths.map(readJournal);
  try {
    const restored = await restoreSnapshot({
      ...{ connection, log, version, records, replace, by, withoutJournal: revoked === noJournal },
      onStep: (step) => {
        signal?.throwIfAborted();
        onStep?.(step);
      },
      journal: oneAfterTheOther(readings.map(({ entries }) => entries)),
      beforeCommit: async (files) => layMasterKey(masterKeyPath, masterKeyOf(files)),
    });
    await takeMasterKey(masterKeyPath, new Date(systemClock.wallMs()));
    return { ...restored, dataDir, damagedJournalLines: readings.reduce((sum, reading) => sum + reading.damagedLines(), 0) };
  } catch (error) {
    // Of a commit whose answer was lost nobody knows: the next start of a server sees which key is the right one.
    if (error instanceof StoreRefused) await dropMasterKey(masterKeyPath);
    throw error;
  } finally {
    await records.return(undefined);
  }
}

async function* oneAfterTheOther(
  journals: readonly AsyncIterable<readonly JournalledCertificate[]>[],
): AsyncGenerator<readonly JournalledCertificate[]> {
  for (const journal of journals) yield* journal;
}

function masterKeyOf(files: readonly BackupFile[]): Uint8Array {
  const found = files.find(({ name }) => name === masterKeyName);
  if (found === undefined)
    throw new StoreRefused(
      'backup-mismatch',
      `The backup lacks the file ${masterKeyName}, without which its keys cannot be opened. Use another one.`,
    );
  return Buffer.from(found.base64, 'base64');
}

/** What root writes into the folder of another user that one could not use any more. */
async function requireOwner(dataDir: string): Promise<void> {
  const owner = await stat(dataDir).catch(() => undefined);
  const own = process.getuid?.();
  if (owner === undefined || own === undefined || owner.uid === own) return;
  throw new StartError(
    `The data folder ${dataDir} belongs to the user with the id ${owner.uid}: restore as that one (for an installed server: sudo -u muster muster restore ...).`,
  );
}

async function requireJournal(path: string | undefined): Promise<void> {
  if (path === undefined || path === noJournal || (await stat(path).catch(() => undefined))?.isFile() === true) return;
  throw new StartError(
    `There is no journal of certificates ${path}. Give the file ${certificateJournalName} of the data folder of the lost server.`,
  );
}

async function refuseRunning(config: Config, dataDir: string): Promise<void> {
  const socket = socketPathOf(config, dataDir);
  if (await answersOn(socket))
    throw new StartError(`A Muster server runs here: it answers on ${socket}. Stop it first (systemctl stop muster). Nothing was changed.`);
}
