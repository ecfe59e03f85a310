import { open, rm, stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** A lock older than this belongs to a process that died: the work under it takes milliseconds. */
const STALE_AFTER_SECONDS = 10;

/**
 * Runs `work` while holding `path + ".lock"`, made with O_EXCL so that it also keeps other processes out (and works on NFS).
 * Waits for another holder; takes over a stale lock. Node has no flock(2).
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  while (!(await tryLock(lock))) {
    await removeIfStale(lock);
    await sleep(20 + Math.random() * 30);
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function tryLock(lock: string): Promise<boolean> {
  try {
    const handle = await open(lock, 'wx', 0o600);
    await handle.close();
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') {
      return false;
    }
    throw error;
  }
}

async function removeIfStale(lock: string): Promise<void> {
  const found = await stat(lock).catch(() => undefined);
  if (found !== undefined && Date.now() - found.mtimeMs > STALE_AFTER_SECONDS * 1000) {
    await rm(lock, { force: true });
  }
}

/** The errno name of a system error, if it is one. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}
