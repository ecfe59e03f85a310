import { spawn } from 'node:child_process';
import { messageOf, systemCodeOf } from '../agent-error.ts';
import { BoundedOutput } from './bounded-output.ts';

/** A command of a task: an argument array, never a shell. */
export type Command = {
  readonly argv: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  /** Ends it in another way than by a signal to its processes, which follows if that does not help. */
  readonly stop?: () => void;
};

/** How a command ended, and the beginning of what it printed. */
export type CommandEnd = {
  readonly end:
    | { readonly kind: 'exited'; readonly status: number }
    | { readonly kind: 'signalled'; readonly signal: string }
    | { readonly kind: 'not-started'; readonly reason: string }
    /** It could not be ended: what it waits for in the kernel does not come back. */
    | { readonly kind: 'stuck' };
  readonly output: string;
  readonly truncated: boolean;
  /** It was ended because it printed too much. */
  readonly flooded: boolean;
};

/** Who prints more than this, kept or not, is ended: nobody will read it, and to throw it away costs the node's time. */
const maxSeenBytes = 64 * 1024 * 1024;
/** From the wish to end to the signal that nothing survives, and from there to giving up. */
const killAfterMs = 5000;
const giveUpAfterMs = 5000;
/** What a command left behind may hold its output open; its own end is what counts. */
const drainMs = 500;

/**
 * Runs a program in a process group of its own, without input, its two outputs as they come. Ends the whole group when the signal says so,
 * and what the program left behind when it has ended. Never throws, always settles.
 */
export function runCommand(command: Command): Promise<CommandEnd> {
  return new Promise((resolve) => new Running(command, resolve));
}

class Running {
  readonly #command: Command;
  readonly #resolve: (end: CommandEnd) => void;
  readonly #output = new BoundedOutput();
  readonly #child;
  readonly #timers: NodeJS.Timeout[] = [];
  readonly #onAbort = (): void => this.#end();
  #flooded = false;
  #ending = false;

  constructor(command: Command, resolve: (end: CommandEnd) => void) {
    this.#command = command;
    this.#resolve = resolve;
    const [program, ...args] = command.argv;
    this.#child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], env: { ...command.environment }, cwd: '/', detached: true });
    for (const stream of [this.#child.stdout, this.#child.stderr]) stream.on('data', (chunk: Buffer) => this.#take(chunk));
    this.#child.once('error', (error) => this.#notStarted(error));
    this.#child.once('exit', () => {
      this.#signal('SIGKILL');
      this.#after(drainMs, () => this.#exited());
    });
    this.#child.once('close', () => this.#exited());
    command.signal.addEventListener('abort', this.#onAbort, { once: true });
    if (command.signal.aborted) this.#end();
  }

  #take(chunk: Buffer): void {
    this.#output.add(chunk);
    if (this.#output.seenBytes <= maxSeenBytes || this.#flooded) return;
    this.#flooded = true;
    this.#end();
  }

  #end(): void {
    if (this.#ending) return;
    this.#ending = true;
    if (this.#command.stop === undefined) this.#signal('SIGTERM');
    else this.#command.stop();
    this.#after(killAfterMs, () => {
      this.#signal('SIGKILL');
      this.#after(giveUpAfterMs, () => this.#settle({ kind: 'stuck' }));
    });
  }

  /** To the whole group, which bears the number of its first process. */
  #signal(signal: NodeJS.Signals): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // Nothing of it is left.
    }
  }

  #exited(): void {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null) this.#settle({ kind: 'exited', status: exitCode });
    else this.#settle({ kind: 'signalled', signal: signalCode ?? 'a signal' });
  }

  #notStarted(error: Error): void {
    const reason = systemCodeOf(error) === 'ENOENT' ? 'there is no such program' : messageOf(error);
    this.#settle({ kind: 'not-started', reason });
  }

  #settle(end: CommandEnd['end']): void {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#command.signal.removeEventListener('abort', this.#onAbort);
    this.#child.stdout.destroy();
    this.#child.stderr.destroy();
    this.#child.unref();
    this.#resolve({ end, ...this.#output.text(), flooded: this.#flooded });
  }

  #after(delayMs: number, act: () => void): void {
    this.#timers.push(setTimeout(act, delayMs));
  }
}
