import type { Log } from '@muster/core';
import type { Heard, Presence } from './presence.ts';

export type HeartbeatWriterParts = {
  readonly presence: Presence;
  readonly log: Log;
  /** After how long without a heartbeat a node is not heard in time. */
  readonly timeoutMs: () => number;
  readonly write: (heard: readonly Heard[]) => Promise<void>;
};

const flushMs = 1000;

/** Writes heartbeats to the store: one statement a second at most, whatever the size of the fleet. */
export class HeartbeatWriter {
  readonly #parts: HeartbeatWriterParts;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> | undefined;
  #failing = false;

  constructor(parts: HeartbeatWriterParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = setInterval(() => this.#flush(), flushMs);
  }

  /** Stops after the last heartbeats are written, or could not be. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
    this.#flush();
    await this.#writing;
  }

  #flush(): void {
    // A statement still under way is not overtaken: what is heard meanwhile goes with the next one.
    if (this.#writing !== undefined) return;
    const { presence, timeoutMs, write } = this.#parts;
    // The store writes its own present: a heartbeat that waited for longer than a time-out would make a dead node look alive.
    const heard = presence.takeHeard(timeoutMs());
    if (heard.length === 0) return;
    this.#writing = write(heard)
      .then(() => this.#succeeded())
      .catch((error: unknown) => this.#failed(heard, error))
      .finally(() => {
        this.#writing = undefined;
      });
  }

  #succeeded(): void {
    if (this.#failing) this.#parts.log.info({}, 'heartbeats are written again');
    this.#failing = false;
  }

  #failed(heard: readonly Heard[], error: unknown): void {
    this.#parts.presence.putBack(heard);
    if (!this.#failing)
      this.#parts.log.warn({ nodes: heard.length, error: String(error) }, 'heartbeats could not be written; they are kept');
    this.#failing = true;
  }
}
