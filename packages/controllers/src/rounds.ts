import type { Log } from '@muster/core';

export type RoundsParts = {
  /** For the log: `samples could not be taken`. */
  readonly failure: string;
  readonly everyMs: number;
  readonly log: Log;
  /** One round. Its failure is logged, and the next round tries again. */
  readonly round: () => Promise<void>;
};

/** Does something again and again, one round at a time: one that takes longer is not overtaken. */
export class Rounds {
  readonly #parts: RoundsParts;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(parts: RoundsParts) {
    this.#parts = parts;
  }

  /** The first round begins at once. */
  start(): void {
    this.#timer = setInterval(() => this.#run(), this.#parts.everyMs);
    this.#run();
  }

  /** Resolves when the last round is over. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#running;
  }

  #run(): void {
    const { round, log, failure } = this.#parts;
    this.#running ??= round()
      .catch((error: unknown) => log.warn({ error: String(error) }, failure))
      .finally(() => {
        this.#running = undefined;
      });
  }
}
