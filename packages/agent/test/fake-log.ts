import { createLog, type Log } from '../src/log.ts';

/** A log that keeps its lines. */
export function fakeLog(): { readonly log: Log; readonly lines: string[] } {
  const lines: string[] = [];
  return { lines, log: createLog('debug', (line) => lines.push(line)) };
}
