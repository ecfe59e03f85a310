import { readFile, stat } from 'node:fs/promises';
import ssh2, { type ParsedKey } from 'ssh2';
import { errorCode } from './file-lock.ts';
import { readKeyType } from './host-key.ts';

/** Why a private key file cannot be used; not yet bound to a host, because one file serves many. */
export interface KeyProblem {
  readonly reason: 'missing' | 'unreadable' | 'encrypted';
  readonly what: string;
  readonly advice: string;
}

/** A private key ready to sign, or why there is none. */
export type KeyResult = { readonly key: ParsedKey } | { readonly problem: KeyProblem };

/** What a private key file holds before any passphrase is known. */
export type KeyFile = { readonly content: Buffer } | { readonly problem: KeyProblem };

/** Reads a private key file; refuses, as OpenSSH does, one of our own that others may read. */
export async function readKeyFile(file: string): Promise<KeyFile> {
  try {
    const found = await stat(file);
    const isOurs = found.uid === process.getuid?.();
    if (isOurs && (found.mode & 0o077) !== 0) {
      return problem('unreadable', `the private key ${file} can be read by other users`, `Run \`chmod 600 ${file}\`.`);
    }
    return { content: await readFile(file) };
  } catch (error) {
    return errorCode(error) === 'ENOENT'
      ? problem('missing', `the private key ${file} does not exist`, 'Correct the path in the inventory.')
      : problem(
          'unreadable',
          `the private key ${file} cannot be read (${errorCode(error) ?? 'unknown reason'})`,
          'Mend its owner and mode.',
        );
  }
}

/** Decodes a private key. `encrypted` when a passphrase is missing or wrong. */
export function decodePrivateKey(content: Buffer, file: string, passphrase?: string): KeyResult {
  const key = ssh2.utils.parseKey(content, passphrase);
  if (key instanceof Error) {
    return isPassphraseProblem(key.message)
      ? problem(
          'encrypted',
          `the private key ${file} is encrypted`,
          `Add it to the agent with \`ssh-add ${file}\`, or give its passphrase.`,
        )
      : problem('unreadable', `the file ${file} holds no private key that can be used (${key.message})`, conversionAdvice(file));
  }
  if (!key.isPrivateKey()) {
    return problem('unreadable', `the file ${file} holds a public key`, 'Name the private key, without `.pub`.');
  }
  return { key };
}

function isPassphraseProblem(message: string): boolean {
  return /no passphrase given|bad passphrase/i.test(message);
}

function conversionAdvice(file: string): string {
  return `Rewrite it in OpenSSH's format with \`ssh-keygen -p -f ${file}\`; security keys (sk-) need OpenSSH, which --transport auto chooses for them.`;
}

function problem(reason: KeyProblem['reason'], what: string, advice: string): { problem: KeyProblem } {
  return { problem: { reason, what, advice } };
}

/** The public half that a key file shows to anybody: a private key in OpenSSH's format, or a public key. Never rejects. */
export async function readPublicKeyFile(file: string): Promise<Buffer | undefined> {
  const content = await readFile(file).catch(() => undefined);
  return content === undefined ? undefined : (readPublicHalf(content) ?? readPublicLine(content.toString('latin1')));
}

/** The public half that a key file shows, or else the one beside it as `.pub`. Never rejects. */
export async function readPublicKeyBeside(file: string): Promise<Buffer | undefined> {
  return (await readPublicKeyFile(file)) ?? (await readPublicKeyFile(`${file}.pub`));
}

function readPublicLine(text: string): Buffer | undefined {
  const [type, encoded = ''] = text.trim().split(/\s+/u);
  const blob = Buffer.from(encoded, 'base64');
  return readKeyType(blob) === type ? blob : undefined;
}

const OPENSSH_BEGIN = '-----BEGIN OPENSSH PRIVATE KEY-----';
const OPENSSH_END = '-----END OPENSSH PRIVATE KEY-----';

/**
 * The public half of a private key file, which OpenSSH's format carries in clear even when encrypted (PROTOCOL.key):
 * magic, cipher, KDF, KDF options, number of keys, public key. Undefined for other formats.
 */
function readPublicHalf(content: Buffer): Buffer | undefined {
  const text = content.toString('latin1');
  const [start, end] = [text.indexOf(OPENSSH_BEGIN), text.indexOf(OPENSSH_END)];
  if (start < 0 || end < start) {
    return undefined;
  }
  const body = Buffer.from(text.slice(start + OPENSSH_BEGIN.length, end), 'base64');
  const magic = 'openssh-key-v1\0';
  if (body.toString('latin1', 0, magic.length) !== magic) {
    return undefined;
  }
  let at = magic.length;
  for (let field = 0; field < 3; field += 1) {
    at = skipString(body, at);
  }
  const keyStart = at + 4;
  const keyEnd = skipString(body, keyStart);
  return keyEnd <= body.length ? body.subarray(keyStart + 4, keyEnd) : undefined;
}

function skipString(body: Buffer, at: number): number {
  return at + 4 <= body.length ? at + 4 + body.readUInt32BE(at) : Number.POSITIVE_INFINITY;
}
