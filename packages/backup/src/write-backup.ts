import { constants, link, open, rename, stat, unlink, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream';
import { isDeepStrictEqual } from 'node:util';
import { createGzip } from 'node:zlib';
import { BackupError } from './backup-error.ts';
import { type BackupSummary, CheckedRecords } from './checked-records.ts';
import { makeFileKey, type FileKey } from './file-key.ts';
import { frameOf } from './frames.ts';
import { snapshotIn } from './open-backup.ts';
import { seal } from './seal.ts';

export type WriteBackupOptions = {
  /** The file; in its folder there is also `FILE.partial` meanwhile. */
  readonly path: string;
  readonly passphrase: string;
  /** Whether a file that is there may be replaced. It is, in one step, when the new one is whole. */
  readonly force: boolean;
  /** Called as it goes on: bytes of the snapshot so far. */
  readonly onProgress?: (step: 'write' | 'verify', bytes: number) => void;
};

/** A backup that lies on the disk and was read back. */
export type WrittenBackup = BackupSummary & { readonly path: string; readonly sizeBytes: number };

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : '');

/**
 * Writes a snapshot as an encrypted file, reads it back whole, and only then gives it its name: under that name there is never half a backup,
 * nor one that cannot be read. When it fails, whatever was under the name before is still there.
 * @throws BackupError, or what the source throws
 */
export async function writeBackup(source: AsyncIterable<Uint8Array>, options: WriteBackupOptions): Promise<WrittenBackup> {
  const { path, passphrase, force } = options;
  await refuseTaken(path, force);
  const { header, key } = await makeFileKey(passphrase);
  const partial = `${path}.partial`;
  const file = await openPartial(partial);
  try {
    const written = await writeAll(file, header, key, source, options);
    const { size: sizeBytes } = await file.stat();
    await verify(file, key, written, options);
    await requireOurs(file, partial);
    await putInPlace(partial, path, force);
    await syncFolder(path);
    return { ...written, path, sizeBytes };
  } catch (error) {
    await requireOurs(file, partial).then(
      () => unlink(partial).catch(() => undefined),
      () => undefined,
    );
    throw explained(error, partial);
  } finally {
    await file.close();
  }
}

async function refuseTaken(path: string, force: boolean): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found === undefined) return;
  if (!found.isFile()) throw new BackupError('file-unusable', `${path} is there and not a file. Give another name.`);
  if (!force) throw fileExists(path);
}

const fileExists = (path: string): BackupError =>
  new BackupError('file-exists', `${path} is there already. Give another name, or --force to replace it.`);

/** What an earlier run left behind when it was killed is of no use to anybody. */
async function openPartial(partial: string): Promise<FileHandle> {
  try {
    await unlink(partial).catch(() => undefined);
    return await open(partial, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, 0o600);
  } catch (cause) {
    const said = cause instanceof Error ? cause.message : String(cause);
    throw new BackupError('file-unusable', `The backup cannot be written: ${said}. Give a file in a folder that you may write to.`, {
      cause,
    });
  }
}

async function writeAll(
  file: FileHandle,
  header: Buffer,
  key: FileKey,
  source: AsyncIterable<Uint8Array>,
  { onProgress }: WriteBackupOptions,
): Promise<BackupSummary> {
  await file.writeFile(header);
  const records = new CheckedRecords(source);
  const zipped = pipeline(framesOf(records, onProgress), createGzip(), () => undefined);
  for await (const chunk of seal(zipped, key)) await file.writeFile(chunk);
  await file.sync();
  return records.summary;
}

async function* framesOf(records: CheckedRecords, onProgress: WriteBackupOptions['onProgress']): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const record of records.read()) {
    const frame = frameOf(record);
    bytes += frame.byteLength;
    onProgress?.('write', bytes);
    yield frame;
  }
}

async function verify(file: FileHandle, key: FileKey, written: BackupSummary, { onProgress }: WriteBackupOptions): Promise<void> {
  let bytes = 0;
  const read = async function* () {
    for await (const piece of snapshotIn(file, key)) {
      bytes += piece.byteLength;
      onProgress?.('verify', bytes);
      yield piece;
    }
  };
  const found = await new CheckedRecords(read()).drain();
  if (!isDeepStrictEqual(found, written))
    throw new BackupError(
      'not-verified',
      'What was written is not what was read from the server. The disk may be failing; write elsewhere.',
    );
}

/** Another run may have begun to write the same file meanwhile: what is under the name then is not what was verified. */
async function requireOurs(file: FileHandle, partial: string): Promise<void> {
  const [own, found] = [await file.stat(), await stat(partial).catch(() => undefined)];
  if (found?.ino !== own.ino || found.dev !== own.dev)
    throw new BackupError('file-unusable', `${partial} was removed or replaced meanwhile: is another backup written to the same file?`);
}

/** A link fails where the name was taken meanwhile. File systems that have none get a rename, after another look. */
async function putInPlace(partial: string, path: string, force: boolean): Promise<void> {
  if (force) return rename(partial, path);
  try {
    await link(partial, path);
  } catch (error) {
    if (codeOf(error) === 'EEXIST') throw fileExists(path);
    await refuseTaken(path, force);
    return rename(partial, path);
  }
  await unlink(partial);
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function explained(error: unknown, partial: string): unknown {
  if (!['ENOSPC', 'EDQUOT', 'EFBIG'].includes(codeOf(error))) return error;
  return new BackupError(
    'disk-full',
    `There is no room for the backup: ${partial} could not be written on. Nothing was kept; give a file on another disk.`,
    {
      cause: error,
    },
  );
}
