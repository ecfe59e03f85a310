import { CommandLimits } from './command-limits.ts';
import { FramedRun, type FramedResult, type OutputChunk } from './framed-run.ts';
import { type Launch, PLAIN_LAUNCH } from './launch.ts';
import type { Link } from './link.ts';
import type { CommandInput } from './send-input.ts';
import { shellQuoteAll } from './shell-quote.ts';
import { badInputError, type HostIdentity, isSshError, oneLine } from './ssh-error.ts';
import type { SudoAccess } from './sudo-access.ts';
import { terminateRun } from './terminate-run.ts';

/** Settings of one command. */
export interface ExecOptions {
  /** Standard input; without it the command reads from /dev/null. The place for secrets, which must not stand in a script. */
  readonly stdin?: CommandInput | undefined;
  /** From start to end, waiting for sudo included, waiting for a person not. Without it only the loss of the connection ends the wait. */
  readonly timeoutSeconds?: number | undefined;
  /** Run as root. Default false. */
  readonly sudo?: boolean | undefined;
  /** Called with each piece of output; a promise holds up the command until it resolves. What it throws ends the command. */
  readonly onOutput?: ((chunk: OutputChunk) => void | Promise<void>) | undefined;
  /** Of stdout the first, of stderr the last so many bytes are kept; the rest is read and dropped. Default 1 MiB each. */
  readonly maxOutputBytes?: number | undefined;
  /** How errors name the command. Default: the script's first line of code, or the program. */
  readonly label?: string | undefined;
  /** Cancels the command. */
  readonly signal?: AbortSignal | undefined;
}

/** How a command ended and what it said. */
export interface ExecResult {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  /** Such as `SIGKILL`; null when it exited by itself. */
  readonly signal: string | null;
  /** Decoded as UTF-8, bytes that are none replaced. */
  readonly stdout: string;
  readonly stderr: string;
  readonly stdoutBytes: Buffer;
  readonly stderrBytes: Buffer;
  /** True when output was dropped, or a child left behind held it open after the command had ended. */
  readonly truncated: boolean;
  readonly durationMs: number;
}

const DEFAULT_MAX_OUTPUT_BYTES = 1024 * 1024;

/** Runs a command on a connection; see {@link Connection.exec}. */
export async function execute(
  link: Link,
  access: SudoAccess,
  command: string | readonly string[],
  options: ExecOptions,
): Promise<ExecResult> {
  const what = describeCommand(link, command, options);
  const startedAtMs = performance.now();
  const attempt = (launch: Launch): Promise<FramedResult> => runOnce(link, launch, what, options);
  const result = await (options.sudo === true ? access.run(attempt) : attempt(PLAIN_LAUNCH));
  return {
    exitCode: result.exitCode,
    signal: result.signal,
    stdout: result.stdout.toString('utf8'),
    stderr: result.stderr.toString('utf8'),
    stdoutBytes: result.stdout,
    stderrBytes: result.stderr,
    truncated: result.truncated,
    durationMs: performance.now() - startedAtMs,
  };
}

function describeCommand(link: Link, command: string | readonly string[], options: ExecOptions): { script: string; label: string } {
  checkRequest(link.host, command, options);
  if (typeof command === 'string') {
    return { script: command, label: options.label ?? oneLine(firstLineOfCode(command), 100) };
  }
  return { script: `exec ${shellQuoteAll(command)}`, label: options.label ?? oneLine(command[0] ?? '', 100) };
}

function checkRequest(host: HostIdentity, command: string | readonly string[], options: ExecOptions): void {
  const words = typeof command === 'string' ? [command] : command;
  if ((words[0] ?? '') === '' || words.some((word) => word.includes('\0'))) {
    throw badInputError(host, 'the command is empty or contains a NUL byte', 'Pass a script or a program with arguments.');
  }
  const { timeoutSeconds = 1, maxOutputBytes = 0 } = options;
  if (!(timeoutSeconds > 0)) {
    throw badInputError(host, `${timeoutSeconds} is not a time limit`, 'Give seconds, more than 0.');
  }
  if (!Number.isInteger(maxOutputBytes) || maxOutputBytes < 0) {
    throw badInputError(host, `${maxOutputBytes} is not a number of bytes`, 'Give a whole number from 0.');
  }
}

function firstLineOfCode(script: string): string {
  return script.split('\n').find((line) => /^\s*[^\s#]/.test(line)) ?? '';
}

async function runOnce(
  link: Link,
  launch: Launch,
  what: { readonly script: string; readonly label: string },
  options: ExecOptions,
): Promise<FramedResult> {
  const { stdin, onOutput, maxOutputBytes = DEFAULT_MAX_OUTPUT_BYTES } = options;
  const run = new FramedRun(link, { ...what, launch, stdin, onOutput, maxOutputBytes });
  const limits = new CommandLimits(link.host, what.label, options);
  try {
    limits.throwIfAborted();
    const outcome = run.start();
    // When a limit wins the race, the run's own rejection comes later and has been dealt with.
    outcome.catch(() => undefined);
    return await Promise.race([outcome, limits.exceeded]);
  } catch (error) {
    if (!isSshError(error, 'connectionLost')) {
      await terminateRun(link, launch, run.pid);
    }
    run.fail(error);
    throw error;
  } finally {
    limits.end();
  }
}
