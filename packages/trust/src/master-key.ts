import { createHmac, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import { constants, link, mkdir, open, unlink, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { TrustError } from './trust-error.ts';

/** The key that seals all others, out of a file. */
export type MasterKey = {
  /** Where it came from, for messages. */
  readonly path: string;
  /** 16 hexadecimal digits that tell keys apart and say nothing of the key. */
  readonly id: string;
  /** AES-256; does not show itself when printed or logged. */
  readonly key: KeyObject;
};

const masterKeyBytes = 32;
const othersMayRead = 0o077;

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

function masterKey(path: string, bytes: Buffer): MasterKey {
  const id = createHmac('sha256', bytes).update('muster master key id').digest('hex').slice(0, 16);
  return { path, id, key: createSecretKey(bytes) };
}

function unusable(path: string, cause: unknown): TrustError {
  return new TrustError({
    code: 'master-key-unusable',
    what: `the key file ${path} cannot be used (${String(codeOf(cause) ?? cause)})`,
    advice: 'Let the user who runs the server own the file and its folder.',
    cause,
  });
}

async function readKeyFile(file: FileHandle, path: string): Promise<Buffer> {
  const { mode, size } = await file.stat();
  if ((mode & othersMayRead) !== 0) {
    throw new TrustError({
      code: 'master-key-exposed',
      what: `the key file ${path} can be read by others (mode ${(mode & 0o777).toString(8).padStart(4, '0')})`,
      advice: `Run: chmod 600 '${path.replaceAll("'", String.raw`'\''`)}'. If others may have read it, make a new authority.`,
    });
  }
  if (size === masterKeyBytes) return await file.readFile();
  throw new TrustError({
    code: 'master-key-damaged',
    what: `the key file ${path} has ${size} bytes instead of ${masterKeyBytes}`,
    advice: 'Restore it from a backup; without it the keys of the authority cannot be opened.',
  });
}

/**
 * Reads the master key.
 * @throws TrustError `master-key-missing`, `master-key-exposed` (group or others have any right to the file), `master-key-damaged`,
 * `master-key-unusable`
 */
export async function loadMasterKey(path: string): Promise<MasterKey> {
  let file: FileHandle | undefined;
  try {
    // Not blocking: a named pipe in this place must not hang the server.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    return masterKey(path, await readKeyFile(file, path));
  } catch (error) {
    if (error instanceof TrustError) throw error;
    if (codeOf(error) !== 'ENOENT') throw unusable(path, error);
    throw new TrustError({
      code: 'master-key-missing',
      what: `there is no key file ${path}`,
      advice: 'Restore it from a backup, or set the path of the key file right.',
      cause: error,
    });
  } finally {
    await file?.close();
  }
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function writeWhole(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/*
 * Written beside and then linked into place: a link fails when the name is taken, as O_EXCL does, and the file is never seen half
 * written, neither by a second server that starts at the same moment nor after a crash.
 */
async function createKeyFile(path: string): Promise<void> {
  const beside = `${path}.${randomBytes(8).toString('hex')}`;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  try {
    await writeWhole(beside, randomBytes(masterKeyBytes));
    await link(beside, path).catch((error: unknown) => {
      if (codeOf(error) !== 'EEXIST') throw error;
    });
  } finally {
    await unlink(beside).catch(() => undefined);
  }
  await syncFolder(path);
}

/**
 * Reads the master key, or makes one (32 random bytes, mode 0600, on disk before this returns) where there is none. Of two callers
 * at the same moment one makes it and both get the same. Where keys are already sealed use {@link loadMasterKey}: a missing file is
 * then a fault and a new key no remedy.
 * @throws TrustError as {@link loadMasterKey}
 */
export async function loadOrCreateMasterKey(path: string): Promise<MasterKey> {
  try {
    return await loadMasterKey(path);
  } catch (error) {
    if (!(error instanceof TrustError) || error.code !== 'master-key-missing') throw error;
  }
  try {
    await createKeyFile(path);
  } catch (error) {
    throw unusable(path, error);
  }
  return await loadMasterKey(path);
}
