import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { CliError } from '../../cli-error.ts';

/**
 * The public key that belongs to how hosts will be logged in to: of the file that was named, else of the private key that was, else the first of
 * the operator's own. One line. @throws CliError with how to make one
 */
export function findPublicKey({ named, privateKey }: { readonly named?: string; readonly privateKey?: string }): string {
  const own = ['ed25519', 'ecdsa', 'rsa'].map((kind) => join(homedir(), '.ssh', `id_${kind}.pub`));
  const candidates = named !== undefined ? [named] : privateKey !== undefined ? [`${privateKey}.pub`] : own;
  const found = candidates.find((path) => existsSync(path));
  if (found === undefined) {
    throw new CliError(
      `There is no public key: looked for ${candidates.join(', ')}. Make a key with "ssh-keygen -t ed25519", or name one with --public-key FILE.`,
    );
  }
  return readFileSync(found, 'utf8').trim();
}
