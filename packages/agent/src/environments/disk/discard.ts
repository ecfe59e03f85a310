import { randomUUID } from 'node:crypto';
import { rename, rm, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCodeOf } from '../../agent-error.ts';
import { makeFolder } from './durable.ts';
import type { EnvironmentPaths } from './environment-paths.ts';

/** Takes a folder away in one step, so that nobody ever sees half of it, and then empties it. Nothing happens where it is not there. */
export async function discard(paths: EnvironmentPaths, path: string): Promise<void> {
  await makeFolder(paths.trash);
  try {
    await rename(path, join(paths.trash, randomUUID()));
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT') return;
    throw error;
  }
  await emptyTrash(paths);
}

/** Empties what was left there, also by a process that ended in the middle. */
export async function emptyTrash(paths: EnvironmentPaths): Promise<void> {
  await rm(paths.trash, { recursive: true, force: true, maxRetries: 3 });
}

/** Removes folders that have become empty: of an environment that was removed, and in the end the root's own. */
export async function removeEmpty(...folders: readonly string[]): Promise<void> {
  for (const folder of folders) await rmdir(folder).catch(() => undefined);
}
