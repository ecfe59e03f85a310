import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { EnvironmentError } from '../environment-error.ts';

/**
 * Takes a folder for this process: a lock of the kernel (flock(2)) that ends with it, however that dies. The program of that name locks the
 * open file that it inherits. False where another process has it. @throws EnvironmentError without that program
 */
export function tryLockFolder(path: string): (() => void) | undefined {
  const file = openSync(path, 'a', 0o600);
  const { status, error } = spawnSync('flock', ['--exclusive', '--nonblock', '3'], { stdio: ['ignore', 'ignore', 'ignore', file] });
  if (status === 0) return () => closeSync(file);
  closeSync(file);
  if (error !== undefined)
    throw new EnvironmentError('definition', 'The program flock (package util-linux) is missing on the node. Install it.', {
      cause: error,
    });
  return undefined;
}
