import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, ClientChannel } from 'ssh2';
import type { CommandChannel, Link } from './link.ts';
import { connectionLostError } from './lost-error.ts';
import { Slots } from './slots.ts';
import { type HostIdentity, oneLine, SshError } from './ssh-error.ts';
import { terminalOf } from './ssh2-terminal.ts';
import type { Terminal, TerminalOptions } from './terminal.ts';
import type { Way } from './way.ts';

/** OpenSSH allows 10 sessions on a connection (MaxSessions), and counts one for a moment longer than its channel lasts. */
const MAX_CHANNELS = 8;
/** Pauses before a refused channel is asked for again. */
const REFUSED_CHANNEL_PAUSES_MS: readonly number[] = [50, 100, 200, 400];
/** How long a polite goodbye may take before the stream is torn down. */
const GOODBYE_MS = 500;

/** A connection of the built-in client. */
export class Ssh2Link implements Link {
  readonly host: HostIdentity;
  /** The key the host has shown, as `type base64`. */
  readonly hostKey: string;
  readonly tellsEnds = true;
  /** Resolves when the connection is gone: with the cause, or undefined after {@link close}. Never rejects. */
  readonly closed: Promise<SshError | undefined>;
  readonly #client: Client;
  readonly #stream: Duplex;
  readonly #way: Way | undefined;
  readonly #slots = new Slots(MAX_CHANNELS);
  readonly #watchers = new Set<() => void>();
  #firstError: Error | undefined;
  #closing = false;
  #gone = false;

  constructor(host: HostIdentity, { client, hostKey }: { readonly client: Client; readonly hostKey: string }, stream: Duplex, way?: Way) {
    this.host = host;
    this.#way = way;
    this.hostKey = hostKey;
    this.#client = client;
    this.#stream = stream;
    const closed = Promise.withResolvers<SshError | undefined>();
    this.closed = closed.promise;
    client.on('error', (error: Error) => {
      this.#firstError ??= error;
    });
    const tell = (): void => {
      closed.resolve(this.#closing ? undefined : this.lostError());
      for (const watcher of this.#watchers) {
        watcher();
      }
    };
    client.once('close', () => {
      this.#gone = true;
      // When a jump host is lost, this end is told a moment before that one, which knows why.
      if (way === undefined) {
        tell();
      } else {
        setImmediate(tell);
      }
    });
  }

  /** True once the connection can carry nothing more. */
  get isGone(): boolean {
    return this.#gone;
  }

  /**
   * Runs `work` on a fresh exec channel; waits while too many are open. Rejects with `channelRefused` or `connectionLost`.
   * `work` must listen before it first waits: the command's end may stand in the same packet as its start.
   */
  withChannel<T>(command: string, label: string, work: (channel: CommandChannel) => Promise<T>): Promise<T> {
    return this.#slots.hold(async () => {
      for (let tries = 0; ; tries += 1) {
        const opened = await this.#openChannel(command, label, work).catch((error: unknown) => ({ error }));
        if ('outcome' in opened) {
          return await opened.outcome;
        }
        const pauseMs = REFUSED_CHANNEL_PAUSES_MS[tries];
        if (!isTooManySessions(opened.error) || pauseMs === undefined) {
          throw opened.error;
        }
        await sleep(pauseMs);
      }
    });
  }

  /** A TCP stream from the host to another address, for jumping on. Rejects as {@link withChannel}. */
  openStream(address: string, port: number): Promise<Duplex> {
    const label = `stream to ${address}:${port}`;
    return this.#request<Duplex, Duplex>(
      label,
      (done) => this.#client.forwardOut('127.0.0.1', 0, address, port, done),
      (stream) => stream,
    );
  }

  /** Runs a program with a terminal; takes no part in the line of commands. Rejects as {@link withChannel}. */
  async openTerminal(command: string, options: TerminalOptions): Promise<Terminal> {
    const pty = { term: 'xterm-256color', cols: options.columns, rows: options.rows };
    return this.#request<ClientChannel, Terminal>(
      command === '' ? 'a terminal' : oneLine(command, 100),
      (done) => (command === '' ? this.#client.shell(pty, done) : this.#client.exec(command, { pty }, done)),
      (channel) => terminalOf(channel, this, options),
    );
  }

  /** Calls `watcher` once the connection is lost or closed; returns how to stop watching. */
  onGone(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  /** The error for whatever was under way. `exitCode` when the host had still told it. */
  lostError(label?: string, exitCode?: number | null): SshError {
    const why = this.#closing
      ? 'it was closed on this side'
      : oneLine(this.#way?.lostReason() ?? this.#firstError?.message ?? 'the host closed it');
    return connectionLostError(this.host, why, { label, exitCode, cause: this.#firstError });
  }

  /**
   * Says goodbye and closes. Once a goodbye is with the system it arrives without us: nobody waits for the peer, which may take its time to
   * end a session. On the way through another host it is waited for, half a second at most. Idempotent.
   */
  async close(): Promise<void> {
    this.#closing = true;
    if (!this.#gone) {
      const timer = setTimeout(() => this.#stream.destroy(), GOODBYE_MS);
      if (this.#way === undefined) {
        this.#stream.once('finish', () => this.#stream.destroy());
      }
      this.#client.end();
      // A stream through another host may be past telling that it is closed.
      await Promise.race([this.closed, sleep(2 * GOODBYE_MS, undefined, { ref: false })]);
      clearTimeout(timer);
    }
  }

  #openChannel<T>(command: string, label: string, work: (channel: CommandChannel) => Promise<T>): Promise<{ outcome: Promise<T> }> {
    return this.#request<ClientChannel, { outcome: Promise<T> }>(
      label,
      (done) => this.#client.exec(command, done),
      (channel) => ({ outcome: work(channel) }),
    );
  }

  /** Asks for a channel; `use` gets it within ssh2's own callback, before anything that follows it is read. */
  async #request<T, R>(
    label: string,
    ask: (done: (error: Error | undefined, answer: T) => void) => void,
    use: (answer: T) => R,
  ): Promise<R> {
    if (this.#gone) {
      throw this.lostError(label);
    }
    const answer = Promise.withResolvers<R>();
    const stopWatching = this.onGone(() => answer.reject(this.lostError(label)));
    try {
      ask((error, value) => (error ? answer.reject(this.#refusal(label, error)) : answer.resolve(use(value))));
      return await answer.promise;
    } catch (error) {
      // ssh2 throws when it already knows that the socket is closed.
      throw error instanceof SshError ? error : this.lostError(label);
    } finally {
      stopWatching();
    }
  }

  #refusal(label: string, cause: Error): SshError {
    if (this.#gone || cause.message === 'No response from server') {
      return this.lostError(label);
    }
    return new SshError({
      kind: 'channelRefused',
      host: this.host,
      what: `sshd did not open a channel: ${oneLine(cause.message)}`,
      advice: 'Too many sessions are open on the connection (MaxSessions), or sshd_config forbids it.',
      command: label,
      cause,
    });
  }
}

/** The channel itself was refused, so nothing ran: it can be asked for again. */
function isTooManySessions(error: unknown): boolean {
  const cause = error instanceof SshError && error.kind === 'channelRefused' ? error.cause : undefined;
  return cause instanceof Error && 'reason' in cause;
}
