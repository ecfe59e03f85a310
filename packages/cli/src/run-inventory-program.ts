import { spawnSync, type SpawnSyncReturns } from 'node:child_process';
import { accessSync, closeSync, constants, openSync, readSync } from 'node:fs';
import { resolve } from 'node:path';
import { oneLine } from './output/printable.ts';

const MOST_BYTES = 64 * 1024 * 1024;
const LONGEST_QUOTE = 200;

/**
 * Runs an executable inventory and returns what it printed; undefined when the file is no
 * program. Never through a shell. What it says on standard error is passed on. Throws an
 * Error that says how the run failed.
 */
export function runInventoryProgram(path: string, args: readonly string[], timeoutSeconds = 60): string | undefined {
  if (!isProgram(path)) return undefined;
  // Without its folder the name would be looked for in PATH.
  const ended = spawnSync(resolve(path), args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutSeconds * 1000,
    killSignal: 'SIGKILL',
    maxBuffer: MOST_BYTES,
  });
  const failure = failureOf(ended, timeoutSeconds);
  if (failure !== undefined) throw new Error(failure);
  const said = oneLine(ended.stderr.toString());
  if (said !== '') process.stderr.write(`${path}: ${said}\n`);
  return utf8(ended.stdout);
}

/**
 * Whether a file may be executed and says how: an executable text without `#!`, which every
 * file is on some file systems, would be taken for a script by the C library.
 */
function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    const start = firstBytes(path);
    return start.startsWith('#!') || start === '\u007fELF';
  } catch {
    return false;
  }
}

function firstBytes(path: string): string {
  const file = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(4);
    return bytes.toString('latin1', 0, readSync(file, bytes));
  } finally {
    closeSync(file);
  }
}

function failureOf({ error, signal, status, stderr }: SpawnSyncReturns<Buffer>, timeoutSeconds: number): string | undefined {
  const code = error === undefined || !('code' in error) ? undefined : error.code;
  if (code === 'ETIMEDOUT') return `it was not done after ${timeoutSeconds} s and was killed`;
  if (code === 'ENOBUFS') return 'it printed more than 64 MiB and was killed';
  if (error !== undefined) return error.message;
  if (signal !== null) return `it was killed by ${signal}`;
  if (status === 0) return undefined;
  const first = stderr
    .toString()
    .split('\n')
    .find((line) => line.trim() !== '');
  return `it ended with exit status ${status}${first === undefined ? ' and said nothing' : `: ${oneLine(first).slice(0, LONGEST_QUOTE)}`}`;
}

function utf8(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new Error('it printed something that is not UTF-8', { cause });
  }
}
