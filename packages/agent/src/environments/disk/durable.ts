import { mkdir, open, rename, rm, symlink } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Writes that are whole or not there, and on the disk when they resolve. World-readable, unlike the agent's own state. */

/** Puts a file in place of what was there. */
export async function placeFile(path: string, content: string): Promise<void> {
  const beside = `${path}.new`;
  await rm(beside, { force: true });
  const handle = await open(beside, 'wx', 0o644);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(beside, path);
  await syncFolder(dirname(path));
}

/** Turns a link in one step. */
export async function placeLink(path: string, target: string): Promise<void> {
  const beside = `${path}.new`;
  await rm(beside, { force: true });
  await symlink(target, beside);
  await rename(beside, path);
  await syncFolder(dirname(path));
}

/** Makes a folder that everyone may look into. */
export const makeFolder = async (path: string): Promise<void> => void (await mkdir(path, { recursive: true, mode: 0o755 }));

export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
