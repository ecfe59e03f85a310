import { type FileHandle, open } from 'node:fs/promises';
import { CliError } from '../cli-error.ts';

/** Makes a file that was not there and that only its owner can read, for a secret; `nothingMade` says what was not made if that fails. @throws CliError */
export async function openNewFile(path: string, nothingMade: string): Promise<FileHandle> {
  return open(path, 'wx', 0o600).catch((cause: unknown) => {
    throw new CliError(`${path} cannot be made: ${cause instanceof Error ? cause.message : String(cause)}. ${nothingMade}`, 1, { cause });
  });
}
