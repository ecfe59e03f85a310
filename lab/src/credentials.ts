import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { requireCommand } from './run-command.ts';
import type { LabSettings } from './settings.ts';

/** What opens the lab's hosts. Made once per lab, gone with it. */
export interface LabCredentials {
  /** Path of the private key, mode 0600. */
  privateKeyPath: string;
  publicKey: string;
  /** Password of the user `asks`. */
  sudoPassword: string;
  /** The same, hashed for /etc/shadow. */
  sudoPasswordHash: string;
}

/** Paths of a lab's credentials. */
export function credentialPaths(settings: LabSettings): { privateKey: string; password: string; passwordHash: string } {
  const at = (name: string): string => join(settings.stateDir, name);
  return { privateKey: at('ssh-key'), password: at('sudo-password'), passwordHash: at('sudo-password.hash') };
}

/** Makes the lab's key pair and password where they are missing. Idempotent; the password never stands in an argument list. */
export async function ensureCredentials(settings: LabSettings): Promise<LabCredentials> {
  const paths = credentialPaths(settings);
  if (!existsSync(`${paths.privateKey}.pub`)) {
    await requireCommand("making the lab's SSH key", [
      'ssh-keygen',
      '-q',
      '-t',
      'ed25519',
      '-N',
      '',
      '-C',
      `lab ${settings.name}`,
      '-f',
      paths.privateKey,
    ]);
  }
  if (!existsSync(paths.passwordHash)) {
    const password = randomBytes(12).toString('base64url');
    const hash = await requireCommand('hashing the sudo password', ['openssl', 'passwd', '-6', '-stdin'], { input: `${password}\n` });
    writeFileSync(paths.password, `${password}\n`, { mode: 0o600 });
    writeFileSync(paths.passwordHash, hash, { mode: 0o600 });
  }
  return {
    privateKeyPath: paths.privateKey,
    publicKey: readFileSync(`${paths.privateKey}.pub`, 'utf8'),
    sudoPassword: readFileSync(paths.password, 'utf8').trim(),
    sudoPasswordHash: readFileSync(paths.passwordHash, 'utf8').trim(),
  };
}
