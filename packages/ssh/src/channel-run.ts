import type { CommandChannel, Link } from './link.ts';
import { SshError } from './ssh-error.ts';

/** How long output may stay silent after the exit status before the channel is taken for held open by a child left behind. */
const HELD_OPEN_MS = 1500;

/** Takes output as it comes; a promise holds up further output (and, through the window, the command) until it resolves. */
export type OutputSink = (chunk: Buffer) => void | Promise<void>;

/** How a command ended. Exactly one of the first two is not null. */
export interface ChannelEnd {
  readonly exitCode: number | null;
  /** Such as `SIGKILL`. */
  readonly signal: string | null;
  /** The output was still open: more may come, unseen. */
  readonly outputOpen: boolean;
}

/**
 * Watches one exec channel to its end. An end counts only when the host told it (exit status or signal) and the output is
 * complete; everything else is an error. A child left behind that holds the output open does not hold up the result.
 */
export class ChannelRun {
  /** Rejects with `connectionLost`, with what a sink threw, or with what {@link fail} was given. */
  readonly ended: Promise<ChannelEnd>;
  readonly #outcome = Promise.withResolvers<ChannelEnd>();
  readonly #link: Link;
  readonly #channel: CommandChannel;
  readonly #label: string;
  #end: ChannelEnd | undefined;
  #told: ChannelEnd | undefined;
  #heldOpenTimer: NodeJS.Timeout | undefined;
  #pendingSinks = 0;
  #isClosed = false;
  #endedStreams = 0;

  constructor(link: Link, channel: CommandChannel, label: string, sinks: { stdout: OutputSink; stderr: OutputSink }) {
    this.#link = link;
    this.#channel = channel;
    this.#label = label;
    const stopWatching = link.onGone(() => this.#onGone());
    this.ended = this.#outcome.promise.finally(() => {
      stopWatching();
      clearTimeout(this.#heldOpenTimer);
    });
    this.#listen(sinks);
  }

  /** Ends the run with an error; the channel is closed. */
  fail(error: unknown): void {
    this.#outcome.reject(error);
    this.#channel.close();
  }

  /** The command itself has told its end, after all its output: nothing more is waited for. */
  tellEnd(exitCode: number): void {
    this.#told ??= { exitCode, signal: null, outputOpen: false };
    this.#settle();
  }

  #listen(sinks: { stdout: OutputSink; stderr: OutputSink }): void {
    const channel = this.#channel;
    channel.on('data', (chunk: Buffer) => this.#take(chunk, sinks.stdout));
    channel.stderr.on('data', (chunk: Buffer) => this.#take(chunk, sinks.stderr));
    channel.on('end', () => this.#onStreamEnd());
    channel.stderr.on('end', () => this.#onStreamEnd());
    channel.on('error', (error: Error) => this.fail(this.#link.isGone ? this.#link.lostError(this.#label) : error));
    channel.on('exit', (code: number | null, signal?: string) => {
      this.#end = { exitCode: code, signal: code === null ? (signal ?? 'unknown') : null, outputOpen: false };
      this.#armHeldOpenTimer();
    });
    channel.on('close', () => {
      this.#isClosed = true;
      this.#settle();
    });
  }

  #take(chunk: Buffer, sink: OutputSink): void {
    try {
      const pending = sink(chunk);
      if (pending !== undefined) {
        void this.#holdUp(pending);
      }
    } catch (error) {
      this.fail(error);
    }
    this.#armHeldOpenTimer();
  }

  async #holdUp(pending: Promise<void>): Promise<void> {
    this.#pendingSinks += 1;
    this.#channel.pause();
    this.#channel.stderr.pause();
    try {
      await pending;
    } catch (error) {
      this.fail(error);
    }
    this.#pendingSinks -= 1;
    if (this.#pendingSinks === 0) {
      this.#channel.resume();
      this.#channel.stderr.resume();
      this.#armHeldOpenTimer();
      this.#settle();
    }
  }

  #armHeldOpenTimer(): void {
    clearTimeout(this.#heldOpenTimer);
    if (this.#end !== undefined && this.#pendingSinks === 0) {
      const end = this.#end;
      this.#heldOpenTimer = setTimeout(() => {
        this.#outcome.resolve({ ...end, outputOpen: true });
        this.#channel.close();
      }, HELD_OPEN_MS);
    }
  }

  #onStreamEnd(): void {
    this.#endedStreams += 1;
    this.#settle();
  }

  /** The connection is gone: the end counts only if it and all output had come before. */
  #onGone(): void {
    if (this.#told !== undefined) {
      return;
    }
    if (this.#end !== undefined && this.#endedStreams === 2) {
      this.#outcome.resolve(this.#end);
    } else {
      this.#outcome.reject(this.#link.lostError(this.#label, this.#end?.exitCode));
    }
  }

  #settle(): void {
    if (this.#told !== undefined && this.#pendingSinks === 0) {
      this.#outcome.resolve(this.#told);
      this.#channel.close();
      return;
    }
    if (!this.#isClosed || this.#pendingSinks > 0) {
      return;
    }
    if (this.#end !== undefined) {
      // ssh2 tells the close when stdout is read to its end, whatever is left of stderr.
      if (this.#endedStreams === 2) {
        this.#outcome.resolve(this.#end);
      }
    } else {
      this.#outcome.reject(
        new SshError({
          kind: 'connectionLost',
          host: this.#link.host,
          what: "the command's channel was closed without an exit status",
          advice: 'The command may or may not have run to its end: look at the host before you trust its state, then run it again.',
          command: this.#label,
        }),
      );
    }
  }
}
