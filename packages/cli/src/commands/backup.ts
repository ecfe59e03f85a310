import { writeBackup, type WrittenBackup } from '@muster/backup';
import type { Command } from 'commander';
import { describeArtifacts } from '../backup/describe-artifacts.ts';
import { choosePassphrase, passphraseOption } from '../backup/passphrase.ts';
import { stepProgress } from '../backup/step-progress.ts';
import { receiveSnapshot } from '../client/receive-snapshot.ts';
import { serverWay } from '../client/server-client.ts';
import { CliError } from '../cli-error.ts';
import { interruption } from '../interruption.ts';
import { type Format, formatOption, printOne } from '../output/format.ts';
import { printable } from '../output/printable.ts';
import { bytes } from '../output/units.ts';

type Options = { passphraseFile?: string; force?: true; output: Format };

const examples = `
Examples:
  muster backup muster-$(date +%F).backup
  muster --context production backup muster.backup --passphrase-file /root/backup-passphrase --force
  pass show muster | muster backup muster.backup --passphrase-file -

The file holds the whole database and the key file: certificates with the keys of the authority, accounts, nodes, history. Whoever has file and
passphrase is this installation; without the passphrase the file is worth nothing to anybody, you included. The files of environments
(artifacts) are not in it, nor is the configuration. It is read back whole before it gets its name. "muster restore" puts it back.`;

/** `muster backup`: everything that the server keeps, as one encrypted file. */
export function addBackupCommand(program: Command): void {
  program
    .command('backup')
    .argument('<file>', 'file to write')
    .description('write everything that the server keeps into an encrypted file')
    .option(...passphraseOption)
    .option('--force', 'replace the file where it is there, when the new one is whole')
    .addOption(formatOption())
    .addHelpText('after', examples)
    .action(async (file: string, { passphraseFile, force, output }: Options, command: Command) => {
      const way = await serverWay(command);
      const passphrase = await choosePassphrase(passphraseFile);
      const progress = stepProgress();
      const onProgress = (step: 'write' | 'verify', done: number) =>
        progress.show(`${step === 'write' ? 'writing' : 'reading back'} ${file}: ${bytes(done)}`);
      const signal = interruption();
      const written = await writeBackup(receiveSnapshot(way, signal), { path: file, passphrase, force: force === true, onProgress })
        .catch((error: unknown) => {
          throw signal.aborted ? new CliError('Interrupted. Nothing was written.', 130, { cause: error }) : error;
        })
        .finally(() => progress.end());
      process.stderr.write(describeArtifacts(written.head, 'not in the backup: keep the folder "artifacts" of the data folder as well'));
      printOne(output, written, () => describe(written));
    });
}

const describe = ({ path, sizeBytes, head, tables, rows }: WrittenBackup): string =>
  `${printable(path)} is written and was read back: ${bytes(sizeBytes)}, ${rows} rows of ${tables.length} tables, as of ${head.madeAt}.\n`;
