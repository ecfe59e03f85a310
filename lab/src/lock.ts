import { createServer } from 'node:net';
import type { Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

import { LabError } from './errors.ts';

function tryListen(name: string): Promise<Server | undefined> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(undefined);
      else reject(new LabError(`cannot lock ${name}: ${error.message}`, { cause: error }));
    });
    // An abstract socket: the kernel frees the name when its holder ends, however it ends.
    server.listen(`\0muster-lab:${name}`, () => resolve(server));
  });
}

/**
 * Runs `work` while this process alone holds `name` on this machine. Waits up to `waitSeconds` for
 * another holder, then fails. Leaves no file; a killed holder frees the lock at once.
 */
export async function withLock<T>(name: string, waitSeconds: number, work: () => Promise<T>): Promise<T> {
  const deadline = performance.now() + waitSeconds * 1000;
  let lock = await tryListen(name);
  while (lock === undefined) {
    if (performance.now() > deadline)
      throw new LabError(`another lab command is at work on ${name}`, { advice: 'wait for it to end, or end it' });
    await sleep(100);
    lock = await tryListen(name);
  }
  try {
    return await work();
  } finally {
    lock.close();
  }
}
