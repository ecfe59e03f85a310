import type { Duplex } from 'node:stream';
import type { HostIdentity, SshError } from './ssh-error.ts';
import type { Terminal, TerminalOptions } from './terminal.ts';

/** A command on its way: its standard input, its two outputs, and how it ended. As ssh2 has it, so that its channels are ones. */
export interface CommandChannel {
  readonly stderr: OutputStream;
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  on(event: 'end' | 'close', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  /** Only when the host has told it; `code` is null when a signal ended the command. */
  on(event: 'exit', listener: (code: number | null, signal?: string) => void): unknown;
  once(event: 'drain', listener: () => void): unknown;
  /** False when the next write should wait for `drain`. */
  write(data: string | Uint8Array): boolean;
  end(): unknown;
  pause(): unknown;
  resume(): unknown;
  /** Ends the channel, whatever it is doing. */
  close(): unknown;
}

/** What of a stream of output is used. */
export interface OutputStream {
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  pause(): unknown;
  resume(): unknown;
}

/** A logged-in connection, by whichever SSH client: opens channels, and knows when and why it was lost. */
export interface Link {
  readonly host: HostIdentity;
  /** The key the host has shown, as `type base64`. */
  readonly hostKey: string;
  /** Resolves when the connection is gone: with the cause, or undefined after {@link close}. Never rejects. */
  readonly closed: Promise<SshError | undefined>;
  /** True once the connection can carry nothing more. */
  readonly isGone: boolean;
  /** Whether channels tell how a command ended. Where they do not for sure, the script itself has to. */
  readonly tellsEnds: boolean;
  /**
   * Runs `work` on a fresh exec channel; waits while too many are open. Rejects with `channelRefused` or `connectionLost`.
   * `work` must listen before it first waits: the command's end may stand in the same packet as its start.
   */
  withChannel<T>(command: string, label: string, work: (channel: CommandChannel) => Promise<T>): Promise<T>;
  /** A TCP stream from the host to another address, for jumping on. Rejects as {@link withChannel}. */
  openStream(address: string, port: number): Promise<Duplex>;
  /** Runs a program with a terminal; takes no part in the line of commands. Rejects as {@link withChannel}. */
  openTerminal(command: string, options: TerminalOptions): Promise<Terminal>;
  /** Calls `watcher` once the connection is lost or closed; returns how to stop watching. */
  onGone(watcher: () => void): () => void;
  /** The error for whatever was under way. `exitCode` when the host had still told it. */
  lostError(label?: string, exitCode?: number | null): SshError;
  /** Says goodbye and closes; a peer that does not answer is cut off soon. Idempotent. */
  close(): Promise<void>;
}
