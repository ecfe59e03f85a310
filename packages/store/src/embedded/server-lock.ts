import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs';
import { EmbeddedPostgresError } from '../errors.ts';

/** Held as long as this process uses the data folder. */
export type ServerLock = { release(): void };

/**
 * Takes the data folder for this process, or refuses when another server has it.
 *
 * A lock of the kernel (flock(2)) on an open file: it is taken in one step and ends with the process however that dies, so there
 * is no stale lock to judge by process ids, and it does not need the database, which may just be down. Node cannot call flock; the
 * program of that name (util-linux, on every Debian) locks the open file it inherits, and the lock stays with the file, not with it.
 * @throws EmbeddedPostgresError `already-running`
 */
export function lockServer(path: string): ServerLock {
  const file = openSync(path, 'a+', 0o600);
  try {
    const { status, error } = spawnSync('flock', ['--exclusive', '--nonblock', '3'], { stdio: ['ignore', 'ignore', 'ignore', file] });
    if (error !== undefined) {
      throw new EmbeddedPostgresError(
        'did-not-start',
        'The program flock (package util-linux) is missing; without it two servers could use the same data. Install it.',
        { cause: error },
      );
    }
    if (status !== 0) {
      const holder = readFileSync(path, 'utf8').trim();
      throw new EmbeddedPostgresError(
        'already-running',
        `Another Muster server (${holder === '' ? 'just starting' : holder}) uses this data folder (lock ${path}). Stop it first, or give this one another data folder.`,
      );
    }
    ftruncateSync(file);
    writeSync(file, `process ${process.pid}, since ${new Date().toISOString()}\n`);
  } catch (error) {
    closeSync(file);
    throw error;
  }
  let held = true;
  return {
    release: () => {
      if (held) closeSync(file);
      held = false;
    },
  };
}
