import { spawn } from 'node:child_process';
import { messageOf, systemCodeOf } from './agent-error.ts';

export type RunLimits = { readonly timeoutMs: number; readonly maxOutputBytes: number };

/** How a program ended. `absent`: there is no such program. Only `done` with status 0 carries an answer to believe. */
export type RunResult =
  | { readonly kind: 'done'; readonly status: number; readonly stdout: string; readonly stderr: string }
  | { readonly kind: 'absent' }
  | { readonly kind: 'failed'; readonly reason: string };

/** Runs a local program with an argument array, never through a shell. Never throws. */
export type RunProgram = (argv: readonly [string, ...string[]], limits: RunLimits) => Promise<RunResult>;

/** Of every program that the agent starts: fixed language and time zone, so that what it prints can be read. */
export const programEnvironment = {
  PATH: process.env['PATH'] ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  LC_ALL: 'C',
  TZ: 'UTC',
};

const maxStderrBytes = 4096;

/** Gathers a stream as text up to a limit. */
function gather(stream: NodeJS.ReadableStream, maxBytes: number, onTooMuch: () => void): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= maxBytes) chunks.push(chunk);
    else onTooMuch();
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

/**
 * Makes the real thing. A program that takes too long or prints too much is killed, and the promise settles even when the
 * kernel cannot kill it (a driver call that hangs); until such a one is gone, the same program is not started again.
 */
export function createRunner(): RunProgram {
  const hanging = new Set<string>();
  return (argv, limits) => {
    if (hanging.has(argv[0])) return Promise.resolve({ kind: 'failed', reason: 'an earlier call still hangs' });
    return new Promise((resolve) => runOnce(argv, limits, hanging, resolve));
  };
}

function runOnce(
  [command, ...args]: readonly [string, ...string[]],
  limits: RunLimits,
  hanging: Set<string>,
  resolve: (result: RunResult) => void,
): void {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'], env: programEnvironment });
  const settle = (result: RunResult): void => {
    clearTimeout(timer);
    resolve(result);
  };
  const abandon = (reason: string): void => {
    hanging.add(command);
    child.kill('SIGKILL');
    child.stdout.destroy();
    child.stderr.destroy();
    child.unref();
    settle({ kind: 'failed', reason });
  };
  const timer = setTimeout(() => abandon(`no answer within ${limits.timeoutMs / 1000} s`), limits.timeoutMs);
  const stdout = gather(child.stdout, limits.maxOutputBytes, () => abandon(`more than ${limits.maxOutputBytes} bytes of output`));
  const stderr = gather(child.stderr, maxStderrBytes, () => undefined);
  child.once('exit', () => hanging.delete(command));
  child.once('error', (error) => {
    settle(systemCodeOf(error) === 'ENOENT' ? { kind: 'absent' } : { kind: 'failed', reason: messageOf(error) });
  });
  child.once('close', (code, signal) => {
    if (code === null) settle({ kind: 'failed', reason: `ended by ${signal ?? 'a signal'}` });
    else settle({ kind: 'done', status: code, stdout: stdout(), stderr: stderr() });
  });
}

/** Why a run gave no answer, in a few words for a log or a report. Undefined for a success. */
export function reasonOfFailure(result: RunResult): string | undefined {
  if (result.kind === 'absent') return 'there is no such program';
  if (result.kind === 'failed') return result.reason;
  if (result.status === 0) return undefined;
  const said = messageOf(result.stderr).slice(0, 160);
  return said === '' ? `exit status ${result.status}` : `exit status ${result.status}: ${said}`;
}
