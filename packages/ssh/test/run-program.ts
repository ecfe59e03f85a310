import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execFilePromise = promisify(execFile);

/** Runs a local program and returns what it printed; rejects when it fails. */
export async function runProgram(program: string, args: readonly string[], env?: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await execFilePromise(program, [...args], { env: { ...process.env, ...env } });
  return stdout;
}

/** Makes a key pair with ssh-keygen and returns the private file. */
export async function makeKey(folder: string, name: string, type = 'ed25519', passphrase = ''): Promise<string> {
  const file = join(folder, name);
  await runProgram('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', name, '-f', file]);
  return file;
}

/** The blob in a `.pub` file. */
export async function readPublicKey(privateKeyFile: string): Promise<Buffer> {
  const text = await readFile(`${privateKeyFile}.pub`, 'utf8');
  return Buffer.from(text.split(' ')[1] ?? '', 'base64');
}
