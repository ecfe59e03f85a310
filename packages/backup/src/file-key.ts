import { createSecretKey, hkdfSync, type KeyObject, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { BackupError } from './backup-error.ts';

/** The key of one file. It does not show itself when printed or logged. */
export type FileKey = { readonly chunks: KeyObject };

/*
 * The header: 16 bytes that say what this is, the cost of scrypt (RFC 7914: log2 of N; r is 8, p is 1), 32 random bytes, and 16 bytes by which a
 * wrong passphrase is told from a damaged file. The whole header goes into the key, so that none of it can be changed.
 */
const magic = Buffer.from('muster-backup-1\n', 'latin1');
const saltBytes = 32;
const checkBytes = 16;
const headBytes = magic.byteLength + 1 + saltBytes;
export const headerBytes = headBytes + checkBytes;

/** 128 MiB and about half a second for each guess. */
const cost = 17;
/** What a file may ask of the machine that reads it: 1 GiB. */
const highestCost = 20;
const blockSize = 8;
const leastLength = 12;

const derive = promisify<string, Buffer, number, { N: number; r: number; p: number; maxmem: number }, Buffer>(scrypt);

/** A new header and its key. @throws BackupError `weak-passphrase` */
export async function makeFileKey(passphrase: string): Promise<{ readonly header: Buffer; readonly key: FileKey }> {
  requireStrong(passphrase);
  const head = Buffer.concat([magic, Buffer.from([cost]), randomBytes(saltBytes)]);
  const { key, check } = await keysOf(head, passphrase);
  return { header: Buffer.concat([head, check]), key };
}

/** The passphrase guards the keys of the whole installation, from everyone who comes by the file. @throws BackupError `weak-passphrase` */
export function requireStrong(passphrase: string): void {
  if ([...passphrase].length < leastLength)
    throw new BackupError('weak-passphrase', `A passphrase has ${leastLength} characters at least. Several words are easy to keep.`);
}

/** The key of a file that is there. @throws BackupError `not-a-backup`, `other-format`, `wrong-passphrase` */
export async function openFileKey(header: Buffer, passphrase: string): Promise<FileKey> {
  const head = header.subarray(0, headBytes);
  if (!head.subarray(0, 14).equals(magic.subarray(0, 14)))
    throw new BackupError('not-a-backup', 'This is not a backup of Muster. Give the file that "muster backup" wrote.');
  if (!head.subarray(0, magic.byteLength).equals(magic))
    throw new BackupError(
      'other-format',
      'This backup is of a form that this Muster does not know. Use the version that made it, or a newer one.',
    );
  if (header.byteLength < headerBytes) throw new BackupError('damaged', 'The backup breaks off within its first bytes. Use another one.');
  const { key, check } = await keysOf(head, passphrase);
  if (timingSafeEqual(check, header.subarray(headBytes, headerBytes))) return key;
  throw new BackupError('wrong-passphrase', 'The passphrase is not the one of this backup (or its first bytes are damaged).');
}

async function keysOf(head: Buffer, passphrase: string): Promise<{ key: FileKey; check: Buffer }> {
  const log2 = head[magic.byteLength] ?? 0;
  if (log2 < 10 || log2 > highestCost) throw new BackupError('damaged', 'The first bytes of the backup are damaged. Use another one.');
  const N = 2 ** log2;
  const salt = head.subarray(magic.byteLength + 1);
  // Unicode has several spellings of one text, and which one is typed depends on the keyboard.
  const secret = await derive(passphrase.normalize('NFC'), salt, 32, { N, r: blockSize, p: 1, maxmem: 128 * blockSize * (N + 1024) });
  const expand = (purpose: string, length: number): Buffer => Buffer.from(hkdfSync('sha256', secret, head, purpose, length));
  return { key: { chunks: createSecretKey(expand('chunks', 32)) }, check: expand('check', checkBytes) };
}
