import { spawn } from 'node:child_process';
import type { SpawnOptions } from 'node:child_process';

import { LabError } from './errors.ts';

/** What a finished command left behind. A command ended by a signal has code 128 + the signal's number. */
export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}

export interface CommandOptions {
  cwd?: string;
  /** Added to this process's environment. */
  env?: Readonly<Record<string, string>>;
  /** Written to the command's standard input, which is empty otherwise. */
  input?: string;
  /** The command and its whole process group are killed after this time; the call then fails. Default: no limit. */
  timeoutSeconds?: number;
}

const signalNumbers: Readonly<Record<string, number>> = {
  SIGHUP: 1,
  SIGINT: 2,
  SIGQUIT: 3,
  SIGABRT: 6,
  SIGKILL: 9,
  SIGSEGV: 11,
  SIGPIPE: 13,
  SIGTERM: 15,
};

/** The status a shell would give: the exit code, or 128 + the number of the signal. */
export function exitCodeOf(code: number | null, signal: NodeJS.Signals | null): number {
  return code ?? 128 + (signalNumbers[signal ?? ''] ?? 0);
}

/** Splits an argument array into program and arguments; an empty one is a usage error. */
export function splitArgv(argv: readonly string[]): [string, string[]] {
  const [program, ...args] = argv;
  if (program === undefined || program === '') throw new LabError('no command given', { kind: 'usage' });
  return [program, args];
}

/** Options for a child with this room's habits: own environment added to ours, never a shell. */
export function spawnOptions(options: CommandOptions): SpawnOptions {
  return {
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    // Root's PATH lacks the sbin folders where a person came by "su".
    env: { ...process.env, PATH: `${process.env['PATH'] ?? '/usr/bin:/bin'}:/usr/sbin:/sbin`, ...options.env },
    shell: false,
  };
}

/**
 * Runs a command to its end and returns its code and output, whatever the code is. Fails only when
 * the program cannot be started or its time is over.
 */
export async function runCommand(argv: readonly string[], options: CommandOptions = {}): Promise<CommandResult> {
  const [program, args] = splitArgv(argv);
  return await new Promise((resolve, reject) => {
    // A process group of its own, so that a time-out also reaches what the command started.
    const child = spawn(program, args, { ...spawnOptions(options), detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
    const output = { stdout: '', stderr: '' };
    let overdue = false;
    const timer =
      options.timeoutSeconds === undefined
        ? undefined
        : setTimeout(() => {
            overdue = true;
            if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
          }, options.timeoutSeconds * 1000);
    child.stdout?.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
    child.on('error', (cause) => {
      clearTimeout(timer);
      reject(new LabError(`cannot start ${program}: ${cause.message}`, { advice: 'npm run lab -- check', cause }));
    });
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      if (overdue) reject(new LabError(`${program} did not end within ${options.timeoutSeconds} s`));
      else resolve({ code: exitCodeOf(code, signal), ...output });
    });
    // A command that does not read its input closes the pipe early: not an error.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.input ?? '');
  });
}

/** Like {@link runCommand}, but a code other than 0 is an error that names the step. Returns the standard output. */
export async function requireCommand(
  step: string,
  argv: readonly string[],
  options: CommandOptions & { advice?: string } = {},
): Promise<string> {
  const result = await runCommand(argv, options);
  if (result.code === 0) return result.stdout;
  const said = (result.stderr.trim() || result.stdout.trim()).split('\n').at(-1) ?? '';
  throw new LabError(
    `${step} failed with status ${result.code}${said === '' ? '' : `: ${said}`}`,
    options.advice === undefined ? {} : { advice: options.advice },
  );
}
