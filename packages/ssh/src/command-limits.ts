import { abortedError, type HostIdentity, SshError } from './ssh-error.ts';

/** The two ways to end a command from this side: its time is over, or the caller's signal. */
export class CommandLimits {
  /** Never resolves; rejects with `timeout` or `aborted`. */
  readonly exceeded: Promise<never>;
  readonly #host: HostIdentity;
  readonly #label: string;
  readonly #signal: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  readonly #onAbort: () => void;

  constructor(
    host: HostIdentity,
    label: string,
    limits: { readonly timeoutSeconds?: number | undefined; readonly signal?: AbortSignal | undefined },
  ) {
    this.#host = host;
    this.#label = label;
    this.#signal = limits.signal;
    const exceeded = Promise.withResolvers<never>();
    this.exceeded = exceeded.promise;
    this.exceeded.catch(() => undefined);
    this.#onAbort = () => exceeded.reject(this.#aborted());
    this.#signal?.addEventListener('abort', this.#onAbort, { once: true });
    const { timeoutSeconds } = limits;
    if (timeoutSeconds !== undefined) {
      this.#timer = setTimeout(() => exceeded.reject(this.#timedOut(timeoutSeconds)), timeoutSeconds * 1000);
    }
  }

  /** Throws `aborted` when the signal was there before the command. */
  throwIfAborted(): void {
    if (this.#signal?.aborted === true) {
      throw this.#aborted();
    }
  }

  /** Lets go of timer and signal. */
  end(): void {
    clearTimeout(this.#timer);
    this.#signal?.removeEventListener('abort', this.#onAbort);
  }

  #aborted(): SshError {
    return abortedError(this.#host, this.#signal?.reason, this.#label);
  }

  #timedOut(seconds: number): SshError {
    return new SshError({
      kind: 'timeout',
      host: this.#host,
      what: `the command did not end within ${seconds} s`,
      advice: "It was told to stop. Look at the host's load and log, or give it more time.",
      command: this.#label,
    });
  }
}
