import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { requireStrong } from '@muster/backup';
import { CliError } from '../cli-error.ts';
import { askSecret, canAsk } from '../ssh/ask.ts';

/** The option of all commands that need it. */
export const passphraseOption = [
  '--passphrase-file <file>',
  'the passphrase is the first line of this file; - for standard input',
] as const;

/**
 * The passphrase of a backup: out of a file, or asked for; never an argument, which everybody on the machine can read.
 * @throws CliError
 */
export async function readPassphrase(file: string | undefined): Promise<string> {
  if (file !== undefined) return firstLine(file);
  if (!canAsk()) throw new CliError('There is nobody to ask for the passphrase: give --passphrase-file FILE (or - for standard input).', 2);
  return askSecret('Passphrase of the backup');
}

/** The same for a new backup: asked twice, because a slip would make it worthless, and not too short. @throws CliError, BackupError */
export async function choosePassphrase(file: string | undefined): Promise<string> {
  const passphrase = await readPassphrase(file);
  requireStrong(passphrase);
  if (file === undefined && (await askSecret('The same once more')) !== passphrase)
    throw new CliError('The two are not the same. Nothing was written.');
  return passphrase;
}

async function firstLine(file: string): Promise<string> {
  const content = await (file === '-' ? text(process.stdin) : readFile(file, 'utf8')).catch((cause: unknown) => {
    throw new CliError(`The passphrase cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`, 1, { cause });
  });
  const [line = ''] = content.split(/\r?\n/u);
  if (line === '') throw new CliError(`${file === '-' ? 'Standard input' : file} holds no passphrase: it belongs on the first line.`);
  return line;
}
