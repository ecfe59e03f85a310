import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Runs `work` while no other build writes to the folder: two runs of `muster apply` from one checkout both build what has changed. The lock is held by
 * flock(1) (util-linux), so that one whose holder is killed is free at once, and it holds between network namespaces too; without that program there is none.
 */
export async function withBuildLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  mkdirSync(folder, { recursive: true });
  const holder = spawn('flock', [join(folder, '.lock'), 'sh', '-c', 'echo held; cat'], { stdio: ['pipe', 'pipe', 'inherit'] });
  // Either it holds the lock, or there is no such program.
  await Promise.race([once(holder.stdout, 'data'), once(holder, 'close'), once(holder, 'error')]).catch(() => undefined);
  try {
    return await work();
  } finally {
    holder.stdin.on('error', () => undefined).end();
  }
}
