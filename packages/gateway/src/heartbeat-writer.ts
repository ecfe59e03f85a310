import type { Log } from '@muster/core';
import type { Presence } from './presence.ts';

type Heard = { nodeId: string; clockSkewMs: number };

/** Writes heartbeats to the store: one statement a second at most, whatever the size of the fleet. */
export class HeartbeatWriter {
  readonly #presence: Presence;
  readonly #write: (heard: Heard[]) => Promise<void>;
  readonly #log: Log;
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();
  #busy = false;

  constructor(presence: Presence, write: (heard: Heard[]) => Promise<void>, log: Log) {
    this.#presence = presence;
    this.#write = write;
    this.#log = log;
  }

  start(): void {
    this.#timer = setInterval(() => this.#flush(), 1000);
  }

  /** Stops after the last heartbeats are written. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#writing;
    this.#flush();
    await this.#writing;
  }

  #flush(): void {
    // A statement still under way is not overtaken: what is heard meanwhile goes with the next one.
    if (this.#busy) return;
    const heard = this.#presence.takeHeard();
    if (heard.length === 0) return;
    this.#busy = true;
    this.#writing = this.#write(heard)
      .catch((error: unknown) => {
        this.#presence.putBack(heard);
        this.#log.warn({ nodes: heard.length, error: String(error) }, 'heartbeats could not be written; kept for the next second');
      })
      .finally(() => {
        this.#busy = false;
      });
  }
}
