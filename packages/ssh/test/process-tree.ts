import { readdirSync, readFileSync } from 'node:fs';

interface ProcessEntry {
  readonly pid: number;
  readonly parentPid: number;
  readonly state: string;
}

function readProcesses(): ProcessEntry[] {
  return readdirSync('/proc').flatMap((name) => {
    const stat = /^\d+$/.test(name) ? readProcFile(name, 'stat') : '';
    // The name in parentheses may contain blanks, so fields are counted after it.
    const [state, parentPid] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === undefined || parentPid === undefined ? [] : [{ pid: Number(name), parentPid: Number(parentPid), state }];
  });
}

/** A file of a process, empty when it is gone or not ours to read. */
export function readProcFile(pid: number | string, file: 'stat' | 'environ' | 'cmdline'): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch {
    return '';
  }
}

/** All living processes below `pid`. */
export function descendantsOf(pid: number): number[] {
  const processes = readProcesses().filter((entry) => entry.state !== 'Z');
  const found = new Set([pid]);
  for (let before = 0; before !== found.size;) {
    before = found.size;
    for (const entry of processes) {
      if (found.has(entry.parentPid)) {
        found.add(entry.pid);
      }
    }
  }
  found.delete(pid);
  return [...found];
}

/** All living processes whose environment holds `text`. */
export function processesWithEnvironment(text: string): number[] {
  return readProcesses().flatMap(({ pid, state }) => (state !== 'Z' && readProcFile(pid, 'environ').includes(text) ? [pid] : []));
}

/** The command lines of all processes on the machine, arguments separated by blanks. */
export function allCommandLines(): string[] {
  return readProcesses().map(({ pid }) => readProcFile(pid, 'cmdline').replaceAll('\0', ' '));
}
