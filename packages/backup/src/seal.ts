import { createCipheriv, createDecipheriv } from 'node:crypto';
import { BackupError } from './backup-error.ts';
import type { FileKey } from './file-key.ts';

/**
 * Encryption of a stream in chunks that cannot be cut, swapped, repeated or dropped without notice: STREAM of Hoang, Reyhanitabar, Rogaway
 * and Vizár ("Online Authenticated-Encryption and its Nonce-Reuse Misuse-Resistance", 2015), as age uses it. AES-256-GCM; a chunk's nonce is its
 * number and whether it is the last. A key is used for one file only.
 */
export const chunkBytes = 64 * 1024;
const tagBytes = 16;
const sealedChunkBytes = chunkBytes + tagBytes;
const cipherName = 'aes-256-gcm';
const nonceBytes = 12;

function nonceOf(chunk: number, isLast: boolean): Buffer {
  const nonce = Buffer.alloc(nonceBytes);
  nonce.writeUIntBE(chunk, 5, 6);
  nonce[nonceBytes - 1] = isLast ? 1 : 0;
  return nonce;
}

function sealChunk(key: FileKey, chunk: number, isLast: boolean, bytes: Uint8Array): Buffer {
  const cipher = createCipheriv(cipherName, key.chunks, nonceOf(chunk, isLast), { authTagLength: tagBytes });
  return Buffer.concat([cipher.update(bytes), cipher.final(), cipher.getAuthTag()]);
}

function openChunk(key: FileKey, chunk: number, isLast: boolean, sealed: Buffer): Buffer {
  try {
    const decipher = createDecipheriv(cipherName, key.chunks, nonceOf(chunk, isLast), { authTagLength: tagBytes });
    decipher.setAuthTag(sealed.subarray(-tagBytes));
    return Buffer.concat([decipher.update(sealed.subarray(0, -tagBytes)), decipher.final()]);
  } catch (cause) {
    const where = isLast ? 'breaks off, or is damaged at its end' : 'is damaged';
    throw new BackupError('damaged', `The backup ${where} (chunk ${chunk}). Nothing of it can be trusted; use another one.`, { cause });
  }
}

/** Pieces of exactly `size` bytes; the last one, which there always is, is marked and may be shorter. */
async function* piecesOf(source: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<{ bytes: Buffer; isLast: boolean }> {
  let waiting: Uint8Array[] = [];
  let length = 0;
  for await (const piece of source) {
    waiting.push(piece);
    length += piece.byteLength;
    if (length <= size) continue;
    let all = Buffer.concat(waiting);
    // A piece is handed on only when something follows, because only then it is not the last.
    for (; all.byteLength > size; all = all.subarray(size)) yield { bytes: all.subarray(0, size), isLast: false };
    waiting = [all];
    length = all.byteLength;
  }
  yield { bytes: Buffer.concat(waiting), isLast: true };
}

/** Encrypts, chunk after chunk. Memory: a few chunks. */
export async function* seal(source: AsyncIterable<Uint8Array>, key: FileKey): AsyncGenerator<Buffer> {
  let chunk = 0;
  for await (const { bytes, isLast } of piecesOf(source, chunkBytes)) {
    yield sealChunk(key, chunk, isLast, bytes);
    chunk += 1;
  }
}

/** The opposite of {@link seal}. Nothing is given that was not authenticated. @throws BackupError `damaged` */
export async function* unseal(source: AsyncIterable<Uint8Array>, key: FileKey): AsyncGenerator<Buffer> {
  let chunk = 0;
  for await (const { bytes, isLast } of piecesOf(source, sealedChunkBytes)) {
    yield openChunk(key, chunk, isLast, bytes);
    chunk += 1;
  }
}
