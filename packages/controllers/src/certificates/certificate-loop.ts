import { type Clock, type Log, nearEndShare } from '@muster/core';
import type { Store } from '@muster/store';

export type CertificateLoopParts = {
  readonly store: Pick<Store, 'certificates'>;
  readonly clock: Clock;
  readonly log: Log;
};

const tickMs = 1000;
const nearEndMs = 60_000;

/**
 * Ends certificates whose time to retire has come, and announces those in use that near their end without having been renewed. When each of
 * it is due stands in the store, by the database's clock: any process may die, and of several servers one does it.
 */
export class CertificateLoop {
  readonly #parts: CertificateLoopParts;
  #timer: NodeJS.Timeout | undefined;
  #tick: Promise<void> = Promise.resolve();
  #busy = false;
  #nearEndAtMs = Number.NEGATIVE_INFINITY;

  constructor(parts: CertificateLoopParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = setInterval(() => this.#run(), tickMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#tick;
  }

  /** One round. Called by the timer; tests call it themselves. */
  async tick(): Promise<void> {
    const { store, clock } = this.#parts;
    await store.certificates.retireDue();
    const nowMs = clock.monotonicMs();
    if (nowMs - this.#nearEndAtMs < nearEndMs) return;
    await store.certificates.announceNearEnd(nearEndShare);
    this.#nearEndAtMs = nowMs;
  }

  #run(): void {
    if (this.#busy) return;
    this.#busy = true;
    this.#tick = this.tick()
      .catch((error: unknown) =>
        this.#parts.log.warn({ error: String(error) }, 'certificates could not be looked at; tried again in a second'),
      )
      .finally(() => {
        this.#busy = false;
      });
  }
}
