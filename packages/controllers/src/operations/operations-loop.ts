import { type Clock, decideOperation, type Log } from '@muster/core';
import type { Store } from '@muster/store';

export type OperationsLoopParts = {
  readonly store: Pick<Store, 'operations' | 'delivery'>;
  readonly clock: Clock;
  readonly log: Log;
};

const lookMs = 200;
/** While something runs: limits are seconds. */
const busyMs = 1000;
/** While nothing does, in case that an event was lost. */
const idleMs = 15_000;

/**
 * Ends the tasks whose time is over, lets the next nodes of a batch begin, stops what failed too often and finishes operations. What it
 * knows is in the store; any number of servers may do it at once, and each step is one server's.
 */
export class OperationsLoop {
  readonly #parts: OperationsLoopParts;
  #timer: NodeJS.Timeout | undefined;
  #tick: Promise<void> = Promise.resolve();
  #ticking = false;
  #stale = true;
  #running = 0;
  #lastMs: number;

  constructor(parts: OperationsLoopParts) {
    this.#parts = parts;
    this.#lastMs = parts.clock.monotonicMs();
  }

  start(): void {
    this.#timer = setInterval(() => this.#look(), lookMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#tick;
  }

  /** Something about an operation changed. */
  invalidate(): void {
    this.#stale = true;
  }

  /** One round: observe, decide, act. Called by the timer; tests call it themselves. */
  async tick(): Promise<void> {
    const { operations, delivery } = this.#parts.store;
    // Page by page, so that other writers of events have their turn between.
    while ((await delivery.expire()) > 0) continue;
    const running = await operations.running();
    this.#running = running.length;
    for (const operation of running) {
      if (decideOperation(operation).do === 'wait') continue;
      const step = await operations.advance(operation.id, decideOperation);
      if (step.do === 'finish') this.#running -= 1;
    }
  }

  #look(): void {
    const { clock, log } = this.#parts;
    const sinceMs = clock.monotonicMs() - this.#lastMs;
    if (this.#ticking || !(this.#stale || sinceMs >= (this.#running > 0 ? busyMs : idleMs))) return;
    // Before the store is asked: an event that comes meanwhile must not be lost.
    [this.#stale, this.#ticking, this.#lastMs] = [false, true, clock.monotonicMs()];
    this.#tick = this.tick()
      .catch((error: unknown) => {
        this.#running = 1;
        log.warn({ error: String(error) }, 'operations could not be brought on; tried again in a second');
      })
      .finally(() => {
        this.#ticking = false;
      });
  }
}
