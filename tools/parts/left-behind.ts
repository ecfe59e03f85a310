import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** The environment variable by which a test run knows its own processes again. */
export const runMark = 'MUSTER_TEST_RUN';

/** A process that outlived the tests which started it. */
export type LeftBehind = { readonly pid: number; readonly command: string };

/**
 * Processes that still carry the mark of a run after `graceMs`. Zombies do not count: they wait for their parent, and hold
 * nothing. Finds nothing where there is no /proc.
 */
export async function findLeftBehind(mark: string, graceMs: number): Promise<readonly LeftBehind[]> {
  const until = performance.now() + graceMs;
  let found = markedProcesses(mark);
  while (found.length > 0 && performance.now() < until) {
    await sleep(100);
    found = markedProcesses(mark);
  }
  return found;
}

function markedProcesses(mark: string): LeftBehind[] {
  return processIds().flatMap((pid) => {
    const environment = readProc(pid, 'environ').split('\0');
    if (!environment.includes(`${runMark}=${mark}`) || /^State:\s+[ZX]/mu.test(readProc(pid, 'status'))) return [];
    return [{ pid, command: readProc(pid, 'cmdline').replaceAll('\0', ' ').trim() }];
  });
}

function processIds(): number[] {
  try {
    return readdirSync('/proc')
      .map(Number)
      .filter((pid) => Number.isInteger(pid) && pid !== process.pid);
  } catch {
    return [];
  }
}

/** A file of a process; empty when the process ended meanwhile or is another user's. */
function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
