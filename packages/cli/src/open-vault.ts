import { createDecipheriv, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CliError } from './cli-error.ts';
import { runInventoryProgram } from './run-inventory-program.ts';

/* The form is Ansible's: 10,000 rounds make 32 bytes for AES, 32 for the HMAC and 16 to begin counting from. */
const ROUNDS = 10_000;

/** Opens what ansible-vault encrypted; undefined when no password fits, or the text is damaged. */
export type OpenVault = (text: string) => string | undefined;

/** Opens with the first of these passwords that fits. Each text is opened once and kept. */
export function vaultOpener(passwords: readonly string[]): OpenVault {
  const known = new Map<string, string | undefined>();
  return (text) => {
    if (!known.has(text)) known.set(text, openWithAny(text, passwords));
    return known.get(text);
  };
}

/** The password in a file, or what a program prints. @throws CliError */
export function readVaultPassword(path: string): string {
  try {
    const password = (runInventoryProgram(path, []) ?? readFileSync(path, 'utf8')).trim();
    if (password !== '') return password;
  } catch (cause) {
    throw new CliError(`The vault password cannot be read from ${path}: ${cause instanceof Error ? cause.message : String(cause)}.`, 1, {
      cause,
    });
  }
  throw new CliError(`The vault password file ${path} is empty.`);
}

function openWithAny(text: string, passwords: readonly string[]): string | undefined {
  const parts = partsOf(text);
  if (parts === undefined) return undefined;
  for (const password of passwords) {
    const plain = openWith(parts, password);
    if (plain !== undefined) return plain;
  }
  return undefined;
}

interface Parts {
  readonly salt: Buffer;
  readonly seal: Buffer;
  readonly content: Buffer;
}

/** A header, then lines of hexadecimal, which hold three lines of hexadecimal again. */
function partsOf(text: string): Parts | undefined {
  const [header = '', ...lines] = text.trim().split(/\s*\n\s*/u);
  if (!/^\$ANSIBLE_VAULT;1\.[12];AES256(?:;|$)/u.test(header)) return undefined;
  const inner = Buffer.from(lines.join(''), 'hex').toString('latin1').split('\n');
  const [salt, seal, content] = inner.map((line) => Buffer.from(line, 'hex'));
  return salt === undefined || seal?.length !== 32 || content === undefined ? undefined : { salt, seal, content };
}

function openWith({ salt, seal, content }: Parts, password: string): string | undefined {
  const key = pbkdf2Sync(password, salt, ROUNDS, 80, 'sha256');
  const sealed = createHmac('sha256', key.subarray(32, 64)).update(content).digest();
  if (!timingSafeEqual(sealed, seal)) return undefined;
  const cipher = createDecipheriv('aes-256-ctr', key.subarray(0, 32), key.subarray(64));
  const padded = Buffer.concat([cipher.update(content), cipher.final()]);
  const padding = padded.at(-1) ?? 0;
  return padded.subarray(0, Math.max(0, padded.length - padding)).toString('utf8');
}
