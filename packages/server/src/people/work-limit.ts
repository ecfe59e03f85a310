import { problem } from '@muster/api';

/**
 * So much costly work at once, and so much that waits for it, whoever asks: limits for each address do not help against many addresses.
 * What comes beyond is turned away at once, so that everything else the server does stays quick.
 */
export class WorkLimit {
  readonly #atOnce: number;
  readonly #maxWaiting: number;
  readonly #waiting: (() => void)[] = [];
  #running = 0;

  constructor(limit: { readonly atOnce: number; readonly waiting: number }) {
    this.#atOnce = limit.atOnce;
    this.#maxWaiting = limit.waiting;
  }

  /** @throws ProblemError `too-many-requests` when too much waits already */
  async run<T>(work: () => Promise<T>): Promise<T> {
    await this.#enter();
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  #enter(): Promise<void> {
    if (this.#running < this.#atOnce) {
      this.#running += 1;
      return Promise.resolve();
    }
    if (this.#waiting.length >= this.#maxWaiting)
      return Promise.reject(problem('too-many-requests', 'Too many people sign in at this moment. Wait a minute.'));
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** Whoever waits takes over the place of the one who leaves. */
  #leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next();
  }
}
