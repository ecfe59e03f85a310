import { open, type FileHandle } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { pipeline } from 'node:stream';
import { BackupError } from './backup-error.ts';
import { headerBytes, openFileKey, type FileKey } from './file-key.ts';
import { unseal } from './seal.ts';

const pieceBytes = 256 * 1024;

async function* bytesFrom(file: FileHandle, start: number): AsyncGenerator<Buffer> {
  for (let at = start; ;) {
    const { bytesRead, buffer } = await file.read(Buffer.allocUnsafe(pieceBytes), 0, pieceBytes, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

async function readHeader(file: FileHandle): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(headerBytes), 0, headerBytes, 0);
  return buffer.subarray(0, bytesRead);
}

/** The snapshot in an open file, from its first byte. @throws BackupError */
export async function* snapshotIn(file: FileHandle, key: FileKey): AsyncGenerator<Uint8Array> {
  const unzipped = pipeline(unseal(bytesFrom(file, headerBytes), key), createGunzip(), () => undefined);
  try {
    for await (const piece of unzipped) yield piece as Uint8Array;
  } catch (error) {
    if (error instanceof BackupError) throw error;
    throw new BackupError('damaged', 'What the backup holds cannot be unpacked. Use another one.', { cause: error });
  }
}

/** A backup that was opened with its passphrase. */
export type OpenBackup = {
  /** The snapshot, decrypted and unpacked; may be read once. Its records are still to be checked: see `CheckedRecords`. @throws BackupError */
  readonly snapshot: AsyncIterable<Uint8Array>;
  readonly sizeBytes: number;
  close(): Promise<void>;
};

/** Opens a file that {@link writeBackup} wrote. Whoever asked closes it. @throws BackupError */
export async function openBackup(path: string, passphrase: string): Promise<OpenBackup> {
  const file = await open(path, 'r').catch((cause: unknown) => {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new BackupError('file-unusable', `The backup ${path} cannot be read: ${said}.`, { cause });
  });
  try {
    const stat = await file.stat();
    if (!stat.isFile()) throw new BackupError('not-a-backup', `${path} is not a file.`);
    const key = await openFileKey(await readHeader(file), passphrase);
    return { snapshot: snapshotIn(file, key), sizeBytes: stat.size, close: () => file.close() };
  } catch (error) {
    await file.close();
    throw error;
  }
}
