import { readdir, readFile, readlink, realpath, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EmbeddedPostgresError } from '../errors.ts';

/** Whether the process is a PostgreSQL that works in this data folder: each of its processes has it as current folder. */
async function worksIn(pid: number, data: string): Promise<boolean> {
  try {
    const [program, folder] = await Promise.all([readlink(`/proc/${pid}/exe`), readlink(`/proc/${pid}/cwd`)]);
    // A program that was replaced since it was started is shown with " (deleted)".
    return basename(program).startsWith('postgres') && folder === data;
  } catch {
    return false;
  }
}

/** The processes of PostgreSQL that work in this data folder. */
export async function processesIn(dataDir: string): Promise<number[]> {
  const data = await realpath(dataDir).catch(() => undefined);
  if (data === undefined) return [];
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/u.test(name)).map(Number);
  const ours = await Promise.all(pids.map((pid) => worksIn(pid, data)));
  return pids.filter((_, index) => ours[index]);
}

async function gone(dataDir: string, withinMs: number): Promise<boolean> {
  const end = performance.now() + withinMs;
  while ((await processesIn(dataDir)).length > 0) {
    if (performance.now() > end) return false;
    await sleep(25);
  }
  return true;
}

function signal(pids: readonly number[], name: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, name);
    } catch {
      // It has just ended by itself.
    }
  }
}

async function postmasterPid(dataDir: string): Promise<number | undefined> {
  const text = await readFile(join(dataDir, 'postmaster.pid'), 'utf8').catch(() => '');
  const pid = Number(text.split('\n')[0]);
  return Number.isSafeInteger(pid) && pid > 1 ? pid : undefined;
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/**
 * Ends what an earlier server that was killed left running in the data folder: its postmaster in order (a fast shutdown, then an
 * immediate one), backends without a postmaster after the moment they take to notice. Only the holder of the server lock may call it.
 * @throws EmbeddedPostgresError `did-not-stop`
 */
export async function stopLeftovers(dataDir: string, log: (line: string) => void): Promise<void> {
  const pid = await postmasterPid(dataDir);
  const left = await processesIn(dataDir);
  if (pid !== undefined && left.includes(pid)) {
    log(`stopping the database that an earlier server left running (process ${pid})`);
    signal([pid], 'SIGINT');
    if (await gone(dataDir, 20_000)) return;
    signal([pid], 'SIGQUIT');
  }
  if (left.length > 0 && !(await gone(dataDir, 5_000))) {
    signal(await processesIn(dataDir), 'SIGQUIT');
    if (!(await gone(dataDir, 5_000))) {
      signal(await processesIn(dataDir), 'SIGKILL');
      if (!(await gone(dataDir, 5_000))) {
        const pids = (await processesIn(dataDir)).join(', ');
        throw new EmbeddedPostgresError(
          'did-not-stop',
          `Processes of an earlier database do not end (${pids}), so no new one can start on ${dataDir}. Look at them; a hanging disk is a common cause.`,
        );
      }
    }
  }
  // PostgreSQL clears away the file of a dead postmaster itself, unless its number belongs to another process by now.
  if (pid !== undefined && isAlive(pid)) await rm(join(dataDir, 'postmaster.pid'), { force: true });
}
