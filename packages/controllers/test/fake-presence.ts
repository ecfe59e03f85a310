import type { Clock } from '@muster/core';
import type { PresencePort } from '../src/index.ts';

/** Who was heard by this process, as a test says. */
export class FakePresence implements PresencePort {
  readonly #clock: Clock;
  readonly #heardAtMs = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** A heartbeat of the node comes now. */
  hear(nodeId: string): void {
    this.#heardAtMs.set(nodeId, this.#clock.monotonicMs());
  }

  sinceHeardMs(nodeId: string): number | null {
    const heardAtMs = this.#heardAtMs.get(nodeId);
    return heardAtMs === undefined ? null : this.#clock.monotonicMs() - heardAtMs;
  }
}
