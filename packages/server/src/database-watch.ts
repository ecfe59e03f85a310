import type { Clock } from '@muster/core';
import { StartError } from './start-error.ts';

const lookMs = 1000;
/** Longer than the store gives a database to read its log after a crash. */
const giveUpMinutes = 12;

/**
 * Looks whether the embedded database is there. The store brings it back by itself and never gives up; after so long without it
 * the server does, so that whoever runs it hears of it.
 */
export class DatabaseWatch {
  readonly lost: Promise<Error>;
  readonly #isRunning: () => boolean;
  readonly #clock: Clock;
  readonly #give: (error: Error) => void;
  readonly #folder: string;
  #seenAtMs: number;
  #timer: NodeJS.Timeout | undefined;

  constructor(isRunning: () => boolean, clock: Clock, folder: string) {
    this.#isRunning = isRunning;
    this.#clock = clock;
    this.#folder = folder;
    this.#seenAtMs = clock.monotonicMs();
    const { promise, resolve } = Promise.withResolvers<Error>();
    this.lost = promise;
    this.#give = resolve;
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), lookMs);
    this.#timer.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** One look. Called by the timer; tests call it themselves. */
  look(): void {
    const nowMs = this.#clock.monotonicMs();
    if (this.#isRunning()) this.#seenAtMs = nowMs;
    if (nowMs - this.#seenAtMs < giveUpMinutes * 60_000) return;
    this.stop();
    this.#give(
      new StartError(
        `The embedded PostgreSQL ended and could not be started again in ${giveUpMinutes} minutes. Its log in ${this.#folder} says why; mend that and start Muster again: nothing acknowledged is lost.`,
      ),
    );
  }
}
