import type { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { authCandidates } from './auth-candidates.ts';
import { type Connection, createConnection } from './connection.ts';
import { Deadline } from './deadline.ts';
import { dial } from './dial.ts';
import { Handshake } from './handshake.ts';
import { connectTimeoutError, isDroppedBeforeBanner } from './handshake-errors.ts';
import type { HostKeyChecker } from './host-key-checker.ts';
import type { KeyRing } from './key-ring.ts';
import type { Link } from './link.ts';
import { Ssh2Link } from './ssh2-link.ts';
import { abortedError, badInputError } from './ssh-error.ts';
import type { SudoSettings } from './sudo-access.ts';
import { checkTarget, identityOf, type SshTarget } from './ssh-target.ts';
import type { Way } from './way.ts';

/** Settings of {@link openConnection}. Checker and key ring are meant to be shared by all hosts of a run. */
export interface ConnectOptions extends SudoSettings {
  readonly hostKeys: HostKeyChecker;
  readonly keys: KeyRing;
  /** From the first packet to the login, questions to a person left out. Default 20. */
  readonly connectTimeoutSeconds?: number | undefined;
  /** A silent connection is asked for a sign of life this often. Default 15. */
  readonly keepaliveIntervalSeconds?: number | undefined;
  /** After this many unanswered requests the connection is lost. Default 3. */
  readonly keepaliveCountMax?: number | undefined;
  /** Cancels the opening. An open connection is ended with `close()`. */
  readonly signal?: AbortSignal | undefined;
  /** Goes through this stream instead of dialling; see {@link Connection.openStream} for hosts behind others. */
  readonly stream?: Duplex | undefined;
  /** Goes this way instead of dialling; unlike `stream` it can be gone again, so a dropped login is tried anew. */
  readonly way?: Way | undefined;
}

/** sshd drops logins at random when many arrive at once (MaxStartups); as many tries make a lasting refusal unlikely. */
const DROPPED_LOGIN_TRIES = 4;
const DROPPED_LOGIN_PAUSE_MS = 250;

/**
 * Logs in to a host and returns its one connection, on which any number of commands and uploads run.
 *
 * Rejects with an `SshError` that names the host: badInput, unreachable, timeout, handshakeFailed, hostKeyUnknown,
 * hostKeyChanged, hostKeyRevoked, knownHostsUnusable, keyUnreadable, authFailed or aborted. Nothing stays open then.
 */
export async function openConnection(target: SshTarget, options: ConnectOptions): Promise<Connection> {
  checkTarget(target);
  const seconds = options.connectTimeoutSeconds ?? 20;
  if (!(seconds > 0)) {
    throw badInputError(target, `${seconds} is not a time limit`, 'Give seconds, more than 0 (--timeout).');
  }
  const attempt = new Attempt(target, options, seconds);
  try {
    return createConnection(await attempt.run(), target.user, options);
  } catch (error) {
    options.stream?.destroy();
    throw error;
  } finally {
    attempt.end();
  }
}

/** One opening with its time limit and its ways to be cancelled. */
class Attempt {
  readonly #target: SshTarget;
  readonly #options: ConnectOptions;
  readonly #giveUp = new AbortController();
  readonly #deadline: Deadline;
  readonly #onAbort: () => void;
  #stage = 'no answer to the first packet';

  constructor(target: SshTarget, options: ConnectOptions, seconds: number) {
    this.#target = target;
    this.#options = options;
    this.#deadline = new Deadline(seconds, () => this.#giveUp.abort(connectTimeoutError(target, seconds, this.#stage)));
    this.#onAbort = () => this.#giveUp.abort(abortedError(target, options.signal?.reason));
    options.signal?.addEventListener('abort', this.#onAbort, { once: true });
    if (options.signal?.aborted === true) {
      this.#onAbort();
    }
  }

  async run(): Promise<Link> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#connect();
      } catch (error) {
        if (!isDroppedBeforeBanner(error) || tries === DROPPED_LOGIN_TRIES || this.#options.stream !== undefined) {
          throw error;
        }
        await this.#pause(tries);
      }
    }
  }

  end(): void {
    this.#deadline.clear();
    this.#options.signal?.removeEventListener('abort', this.#onAbort);
  }

  async #connect(): Promise<Link> {
    const target = this.#target;
    const { keys, hostKeys } = this.#options;
    // Before the first packet: a passphrase typed slowly must not cost a login that sshd already counts.
    const candidates = await this.#deadline.pausedFor(() => authCandidates(target, keys));
    const hostKeyAlgorithms = await hostKeys.algorithmsFor(target);
    const stream = await this.#openStream();
    const handshake = new Handshake({
      target,
      stream,
      hostKeyAlgorithms,
      candidates,
      note: (await keys.agentKeys()).problem,
      keepaliveIntervalSeconds: this.#options.keepaliveIntervalSeconds ?? 15,
      keepaliveCountMax: this.#options.keepaliveCountMax ?? 3,
      verifyHostKey: (key) => hostKeys.verify(target, key),
      withoutDeadline: (work) => this.#deadline.pausedFor(work),
      onStage: (stage) => {
        this.#stage = stage;
      },
    });
    return new Ssh2Link(identityOf(target), await handshake.run(this.#giveUp.signal), stream, this.#options.way);
  }

  async #openStream(): Promise<Duplex> {
    const { stream, way } = this.#options;
    return stream ?? (await (way === undefined ? dial(this.#target, this.#giveUp.signal) : way.openStream(this.#giveUp.signal)));
  }

  async #pause(tries: number): Promise<void> {
    const milliseconds = DROPPED_LOGIN_PAUSE_MS * 2 ** tries * (0.5 + Math.random());
    await sleep(milliseconds, undefined, { signal: this.#giveUp.signal }).catch(() => {
      throw this.#giveUp.signal.reason;
    });
  }
}
