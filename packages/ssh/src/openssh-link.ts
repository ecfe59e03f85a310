import { spawn } from 'node:child_process';
import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CommandChannel, Link } from './link.ts';
import { connectionLostError } from './lost-error.ts';
import { sessionArguments } from './openssh-arguments.ts';
import { OpenSshChannel } from './openssh-channel.ts';
import { notByOpenSshError } from './openssh-errors.ts';
import type { OpenSshMaster } from './openssh-master.ts';
import { Slots } from './slots.ts';
import { type HostIdentity, oneLine, SshError } from './ssh-error.ts';
import type { Terminal } from './terminal.ts';

/** OpenSSH allows 10 sessions on a connection (MaxSessions). */
const MAX_CHANNELS = 8;
/** Pauses before a refused session is asked for again. */
const REFUSED_CHANNEL_PAUSES_MS: readonly number[] = [50, 100, 200, 400];

/** A connection carried by OpenSSH: one master, and a process for each command. */
export class OpenSshLink implements Link {
  readonly host: HostIdentity;
  readonly hostKey: string;
  /** Status 255 has many meanings, an end by a signal is none of them, and a child left behind holds up them all. */
  readonly tellsEnds = false;
  readonly closed: Promise<SshError | undefined>;
  readonly #program: string;
  readonly #master: OpenSshMaster;
  readonly #slots = new Slots(MAX_CHANNELS);
  readonly #watchers = new Set<() => void>();
  #closing = false;
  #gone = false;

  constructor(host: HostIdentity, hostKey: string, program: string, master: OpenSshMaster) {
    this.host = host;
    this.hostKey = hostKey;
    this.#program = program;
    this.#master = master;
    this.closed = master.ended.then(async () => {
      this.#gone = true;
      const error = this.#closing ? undefined : this.lostError();
      for (const watcher of this.#watchers) {
        watcher();
      }
      await master.stop();
      return error;
    });
  }

  get isGone(): boolean {
    return this.#gone;
  }

  withChannel<T>(command: string, label: string, work: (channel: CommandChannel) => Promise<T>): Promise<T> {
    return this.#slots.hold(async () => {
      for (let tries = 0; ; tries += 1) {
        const channel = this.#openChannel(command, label);
        try {
          return await work(channel);
        } catch (error) {
          const pauseMs = REFUSED_CHANNEL_PAUSES_MS[tries];
          if (!channel.isRefused || this.#gone) {
            throw error;
          }
          if (pauseMs === undefined) {
            throw this.#refusal(label, error);
          }
          await sleep(pauseMs);
        }
      }
    });
  }

  #openChannel(command: string, label: string): OpenSshChannel {
    if (this.#gone) {
      throw this.lostError(label);
    }
    const words = sessionArguments(this.#master.files, command);
    return new OpenSshChannel(spawn(this.#program, words, { stdio: ['pipe', 'pipe', 'pipe'], detached: true }));
  }

  #refusal(label: string, cause: unknown): SshError {
    const advice = 'Too many sessions are open on the connection (MaxSessions), or sshd_config forbids it.';
    return new SshError({ kind: 'channelRefused', host: this.host, what: 'sshd did not open a session', advice, command: label, cause });
  }

  /** Jump hosts are OpenSSH's own affair on this way (ProxyJump). */
  async openStream(address: string, port: number): Promise<Duplex> {
    throw notByOpenSshError(
      this.host,
      `no stream to ${address}:${port} leads through a connection of OpenSSH`,
      'Leave the jump host to the built-in client (muster_transport=ssh2), or name it as ProxyJump in the SSH configuration.',
    );
  }

  /** A process of ssh has no terminal of its own to give. */
  async openTerminal(command: string): Promise<Terminal> {
    throw notByOpenSshError(
      this.host,
      `no terminal is opened through a connection of OpenSSH${command === '' ? '' : ` (${oneLine(command, 100)})`}`,
      'Leave this host to the built-in client (muster_transport=ssh2).',
    );
  }

  onGone(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  lostError(label?: string, exitCode?: number | null): SshError {
    const said = oneLine(this.#master.said);
    const why = this.#closing ? 'it was closed on this side' : said === '' ? 'ssh ended' : `ssh said: ${said}`;
    return connectionLostError(this.host, why, { label, exitCode });
  }

  async close(): Promise<void> {
    this.#closing = true;
    await this.#master.stop();
    await this.closed;
  }
}
