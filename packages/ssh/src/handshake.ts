import type { Duplex } from 'node:stream';
import ssh2, { type AnyAuthMethod, type AuthenticationType, type Client, type ConnectConfig, type ServerHostKeyAlgorithm } from 'ssh2';
import type { AuthCandidate } from './auth-candidates.ts';
import { authFailedError, handshakeError } from './handshake-errors.ts';
import { hostKeyLine } from './host-key.ts';
import type { HostKeyVerdict } from './host-key-checker.ts';
import type { SshError } from './ssh-error.ts';
import type { SshTarget } from './ssh-target.ts';

/** What a handshake needs besides the target. */
export interface HandshakePlan {
  readonly target: SshTarget;
  readonly stream: Duplex;
  readonly hostKeyAlgorithms: readonly string[];
  readonly candidates: readonly AuthCandidate[];
  /** Why the agent gave no keys, if it did not; part of the error when no login succeeds. */
  readonly note?: string | undefined;
  readonly keepaliveIntervalSeconds: number;
  readonly keepaliveCountMax: number;
  verifyHostKey(key: Buffer): Promise<HostKeyVerdict>;
  /** Runs something that may wait for a person, outside the time limit. */
  withoutDeadline<T>(work: () => Promise<T>): Promise<T>;
  /** Told how far the handshake is, for the error when time runs out. */
  onStage(stage: string): void;
}

/**
 * Key exchange, host key check and login over an open stream. ssh2 may report one failure twice and goes on reporting after
 * it: the first cause wins, later ones are swallowed by a listener that stays for the life of the client.
 */
export class Handshake {
  readonly #plan: HandshakePlan;
  readonly #client: Client = new ssh2.Client();
  readonly #outcome = Promise.withResolvers<Client>();
  readonly #queue: AuthCandidate[];
  readonly #tried: string[] = [];
  #firstError: Error | undefined;
  #passwordAllowed = true;
  #hostKey = '';
  #sawBanner = false;
  readonly #onData = (chunk: Buffer): void => {
    if (chunk.includes('SSH-')) {
      this.#sawBanner = true;
      this.#plan.stream.off('data', this.#onData);
    }
  };

  constructor(plan: HandshakePlan) {
    this.#plan = plan;
    this.#queue = [...plan.candidates];
  }

  /** Resolves with a logged-in client and the key its host has shown; rejects with an `SshError`, or with the signal's reason when it is aborted. */
  async run(signal: AbortSignal): Promise<{ client: Client; hostKey: string }> {
    const onAbort = (): void => this.#outcome.reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      signal.throwIfAborted();
      this.#start();
      return { client: await this.#outcome.promise, hostKey: this.#hostKey };
    } catch (error) {
      this.#plan.stream.destroy();
      throw error;
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  }

  #start(): void {
    this.#client
      .on('error', (error: Error & { level?: string }) => this.#noteError(error))
      .on('greeting', () => this.#plan.onStage('waiting for the SSH banner'))
      .on('handshake', () => this.#plan.onStage('during the login'))
      .on('ready', () => this.#outcome.resolve(this.#client))
      .on('close', () => this.#fail(this.#error(this.#firstError)));
    this.#plan.onStage('connected, but no SSH banner came');
    try {
      this.#client.connect(this.#config());
      // After ssh2 has paused the stream, so that looking on does not set it flowing.
      this.#plan.stream.on('data', this.#onData);
    } catch (error) {
      this.#fail(this.#error(error instanceof Error ? error : undefined));
    }
  }

  #config(): ConnectConfig {
    return {
      sock: this.#plan.stream,
      username: this.#plan.target.user,
      // Our own deadline covers more than ssh2's and can be paused.
      readyTimeout: 0,
      keepaliveInterval: this.#plan.keepaliveIntervalSeconds * 1000,
      keepaliveCountMax: this.#plan.keepaliveCountMax,
      algorithms: { serverHostKey: [...this.#plan.hostKeyAlgorithms] as ServerHostKeyAlgorithm[] },
      hostVerifier: (key: Buffer, verify: (valid: boolean) => void): void => {
        this.#plan.onStage('during the check of the host key');
        void this.#verify(key).then(verify);
      },
      authHandler: (methods, _partial, next): void => {
        void this.#nextAttempt(methods).then((attempt) => next(attempt as AnyAuthMethod));
      },
    };
  }

  async #verify(key: Buffer): Promise<boolean> {
    try {
      const verdict = await this.#plan.withoutDeadline(() => this.#plan.verifyHostKey(key));
      this.#passwordAllowed = verdict === 'accepted';
      this.#hostKey = hostKeyLine(key);
      return true;
    } catch (error) {
      this.#fail(error);
      return false;
    }
  }

  /** The next login attempt the server would take; `false` ends the handshake. */
  async #nextAttempt(methods: readonly AuthenticationType[] | null): Promise<AnyAuthMethod | false> {
    try {
      for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
        const attempt = this.#isOffered(next, methods) ? await this.#plan.withoutDeadline(next.prepare) : undefined;
        if (attempt !== undefined) {
          this.#tried.push(next.label);
          return attempt;
        }
      }
      this.#fail(authFailedError(this.#plan.target, this.#tried, methods ?? undefined, this.#plan.note));
    } catch (error) {
      this.#fail(error);
    }
    return false;
  }

  #isOffered(candidate: AuthCandidate, methods: readonly AuthenticationType[] | null): boolean {
    const isSecret = candidate.method !== 'publickey';
    return (this.#passwordAllowed || !isSecret) && (methods === null || methods.includes(candidate.method));
  }

  #error(cause: Error | undefined): SshError {
    return handshakeError({ target: this.#plan.target, cause, tried: this.#tried, sawBanner: this.#sawBanner });
  }

  #noteError(error: Error & { level?: string }): void {
    // A key the agent will not sign with is no reason to stop: ssh2 goes on with the next attempt by itself.
    if (error.level !== 'agent' && error.level !== 'client-authentication') {
      this.#firstError ??= error;
    }
  }

  #fail(error: unknown): void {
    this.#outcome.reject(error);
  }
}
