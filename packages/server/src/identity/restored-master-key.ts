import { chown, open, readFile, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AuthorityState } from '@muster/store';
import { keyFileProtector, loadMasterKey } from '@muster/trust';

/*
 * A restore changes the database and the key file, and cannot change both in one step. So the key is laid beside before the database commits, and
 * takes its place afterwards. A server that finds it lying there knows by the database which of the two is right: the one that opens its keys.
 */
const besideOf = (path: string): string => `${path}.restored`;

/** Lays the key of a backup beside the present one, on the disk when it resolves. */
export async function layMasterKey(path: string, key: Uint8Array): Promise<void> {
  const beside = besideOf(path);
  await unlink(beside).catch(() => undefined);
  const file = await open(beside, 'wx', 0o600);
  try {
    await file.writeFile(key);
    await file.sync();
  } finally {
    await file.close();
  }
  // Whoever restores may be root, and the server not.
  const { uid, gid } = await stat(dirname(path));
  if (process.getuid?.() === 0) await chown(beside, uid, gid);
  await syncFolder(path);
}

/** Gives the key that was laid beside its place. The present one, where it is another, stays as `master.key.replaced-<moment>`. Idempotent. */
export async function takeMasterKey(path: string, now: Date): Promise<void> {
  const restored = await readFile(besideOf(path)).catch(() => undefined);
  if (restored === undefined) return;
  const present = await readFile(path).catch(() => undefined);
  if (present !== undefined && !present.equals(restored)) await rename(path, `${path}.replaced-${now.toISOString().replaceAll(':', '')}`);
  await rename(besideOf(path), path);
  await syncFolder(path);
}

/** Takes the key away that was laid beside: the restore came to nothing. */
export const dropMasterKey = (path: string): Promise<void> => unlink(besideOf(path)).catch(() => undefined);

/** Ends what a restore had begun that was killed: the key that opens the authority's keys is the right one. */
export async function settleMasterKey(path: string, { authorities }: AuthorityState): Promise<void> {
  const beside = besideOf(path);
  if ((await stat(beside).catch(() => undefined)) === undefined) return;
  const sealed = new TextDecoder().decode(authorities.at(-1)?.intermediate.sealedKey);
  const opens = await keyFileProtector(await loadMasterKey(beside))
    .open(sealed)
    .then(
      () => true,
      () => false,
    );
  if (opens) await takeMasterKey(path, new Date());
  else await dropMasterKey(path);
}

async function syncFolder(path: string): Promise<void> {
  const folder = await open(dirname(path), 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
