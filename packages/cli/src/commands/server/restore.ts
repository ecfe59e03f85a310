import { userInfo } from 'node:os';
import { type BackupSummary, CheckedRecords, openBackup } from '@muster/backup';
import type { Log } from '@muster/core';
import type { RestoredInstallation } from '@muster/server';
import type { Command } from 'commander';
import { describeArtifacts } from '../../backup/describe-artifacts.ts';
import { passphraseOption, readPassphrase } from '../../backup/passphrase.ts';
import { stepProgress } from '../../backup/step-progress.ts';
import { CliError } from '../../cli-error.ts';
import { interruption } from '../../interruption.ts';
import { type Format, formatOption, printOne } from '../../output/format.ts';
import { printable } from '../../output/printable.ts';
import { bytes } from '../../output/units.ts';
import { askYesNo, canAsk } from '../../ssh/ask.ts';
import { configurationSources } from './read-configuration.ts';

type Options = {
  config?: string;
  passphraseFile?: string;
  replace?: true;
  yes?: true;
  verify?: true;
  revoked?: string;
  output: Format;
};

const examples = `
Examples:
  muster restore muster.backup --verify
  sudo systemctl stop muster
  sudo -u muster muster restore muster.backup -c /etc/muster/muster.yaml
  sudo -u muster muster restore muster.backup --replace --yes --passphrase-file /root/backup-passphrase
  sudo -u muster muster restore muster.backup --revoked certificates.journal

On the server's machine, while no server of the installation runs; into the embedded database, or the one that the configuration names. A backup of an
older Muster is brought up to date; one of a newer Muster is refused. Everybody has to sign in again, join tokens have to be made anew, and what was
asked of nodes at the time of the backup is not begun. What was revoked since stays revoked: that is taken from the database that is replaced, from
the journal in the data folder, and from the one that --revoked names.`;

/** `muster restore`: puts a backup back, on the server itself. */
export function addRestoreCommand(program: Command): void {
  program
    .command('restore')
    .argument('<file>', 'what "muster backup" wrote')
    .description('put a backup into the database of the server on this machine, which is stopped')
    .option('-c, --config <file>', 'configuration (default: muster.yaml here, else /etc/muster/muster.yaml)')
    .option(...passphraseOption)
    .option('--verify', 'only read the file whole and compare it with its digests; nothing else is touched')
    .option('--replace', 'drop what is in the database now')
    .option('--yes', 'do not ask before that')
    .option('--revoked <file>', 'the journal of certificates (certificates.journal) of a server that was lost; none: there is none')
    .addOption(formatOption())
    .addHelpText('after', examples)
    .action((file: string, options: Options) => (options.verify === true ? verify(file, options) : restore(file, options)));
}

async function verify(file: string, { passphraseFile, output }: Options): Promise<void> {
  const backup = await openBackup(file, await readPassphrase(passphraseFile));
  const progress = stepProgress();
  try {
    const counted = async function* (): AsyncGenerator<Uint8Array> {
      let done = 0;
      for await (const piece of backup.snapshot) {
        done += piece.byteLength;
        progress.show(`reading ${file}: ${bytes(done)}`);
        yield piece;
      }
    };
    const summary = await new CheckedRecords(counted()).drain();
    progress.end();
    printOne(output, { path: file, sizeBytes: backup.sizeBytes, ...summary }, () => describeVerified(file, summary));
  } finally {
    progress.end();
    await backup.close();
  }
}

const describeVerified = (file: string, { head, tables, rows }: BackupSummary): string =>
  `${printable(file)} is whole: ${rows} rows of ${tables.length} tables, as of ${head.madeAt}, by Muster ${printable(head.muster)}.\n`;

async function restore(file: string, options: Options): Promise<void> {
  const { config: configPath, passphraseFile, replace, yes, revoked, output } = options;
  if (replace === true && yes !== true) await requireYes();
  const passphrase = await readPassphrase(passphraseFile);
  // Loaded here and not above: the other commands must not wait for a whole server to load.
  const { loadConfig, restoreInstallation } = await import('@muster/server');
  const config = loadConfig(configurationSources(configPath));
  const progress = stepProgress();
  const signal = interruption();
  const restored = await restoreInstallation({
    config,
    log: onStandardError,
    signal,
    path: file,
    passphrase,
    replace: replace === true,
    ...(revoked === undefined ? {} : { revoked }),
    by: userInfo().username,
    onStep: (step) => progress.show(`restoring ${file}: ${step}`),
  })
    .catch((error: unknown) => {
      throw signal.aborted ? new CliError('Interrupted. Nothing was changed.', 130, { cause: error }) : error;
    })
    .finally(() => progress.end());
  process.stderr.write(describeArtifacts(restored.head, 'not in the backup: put their folder back as well, or add them again'));
  printOne(output, restored, () => describeRestored(file, restored));
}

/** Standard output is for the result. */
const ignore = (): void => undefined;
const onStandardError: Log = {
  ...{ debug: ignore, info: ignore, warn: ignore },
  error: (fields, message) => void process.stderr.write(`${message} ${printable(JSON.stringify(fields))}\n`),
};

async function requireYes(): Promise<void> {
  const question = 'Drop everything that is in the database now, and put the backup in its place?';
  if (!canAsk()) throw new CliError(`${question} Nothing was changed. Say --yes.`, 2);
  if (!(await askYesNo(question))) throw new CliError('Nothing was changed.');
}

function describeRestored(file: string, restored: RestoredInstallation): string {
  const { head, tables, rows, migrated } = restored;
  const lines = [
    `${printable(file)} is restored: ${rows} rows of ${tables} tables, as of ${head.madeAt}, by Muster ${printable(head.muster)}.`,
    ...(migrated > 0 ? [`The tables were brought up to date (${migrated} migrations).`] : []),
    `Certificates: ${restored.revokedAgain} revoked since stay revoked, ${restored.knownAgain} issued since stay known.`,
    `Not valid any more: ${restored.sessionsEnded} sessions, ${restored.signInLinksDropped} sign-in links, ${restored.joinTokensDropped} join tokens.`,
    `Not begun again: ${restored.tasksEnded} tasks, ${restored.notificationsDropped} notifications.`,
    `API keys in force: ${restored.apiKeysInForce}${restored.replaced || restored.apiKeysInForce === 0 ? '' : ' (revoke again what was revoked since: muster key list)'}.`,
    ...(restored.damagedJournalLines > 0
      ? [`Attention: ${restored.damagedJournalLines} lines of the journal of certificates could not be read.`]
      : []),
    'Start the server: systemctl start muster, or muster up.',
  ];
  return `${lines.join('\n')}\n`;
}
