import type { AgentSettings, Event } from '@muster/api';
import { type FleetTiming, fleetTiming, type Log, restartGraceSeconds } from '@muster/core';
import type { Store } from '@muster/store';

export type FleetTimesParts = {
  readonly store: Pick<Store, 'nodes'>;
  readonly log: Log;
  /** A fixed interval of the configuration. */
  readonly heartbeatSeconds: number | undefined;
  /** Servers that are there. */
  readonly servers: () => number;
};

/** The times now in force. They follow the size of the fleet. */
export class FleetTimes {
  readonly #parts: FleetTimesParts;
  #timing: FleetTiming;

  constructor(parts: FleetTimesParts) {
    this.#parts = parts;
    this.#timing = fleetTiming(0, parts.heartbeatSeconds);
  }

  /** Reads the size of the fleet. Returns whether other times are in force now. */
  async read(): Promise<boolean> {
    const { total } = await this.#parts.store.nodes.countByHealth();
    const before = this.#timing;
    this.#timing = fleetTiming(total, this.#parts.heartbeatSeconds, this.#parts.servers());
    return JSON.stringify(this.#timing) !== JSON.stringify(before);
  }

  /** Reads the size anew after an event that changes it, and says when other times are in force. */
  apply({ kind }: Event, onChange: () => void): void {
    if (kind !== 'node-added' && kind !== 'node-removed') return;
    this.refresh((changed) => changed && onChange());
  }

  /** Reads anew, and says whether other times are in force. Never throws: what cannot be read stays as it was. */
  refresh(onRead: (changed: boolean) => void): void {
    this.read()
      .then(onRead)
      .catch((error: unknown) => {
        this.#parts.log.warn({ error: String(error) }, 'the size of the fleet could not be read');
        onRead(false);
      });
  }

  get now(): FleetTiming {
    return this.#timing;
  }

  /** What agents are told. */
  settingsFor(servers: readonly string[]): AgentSettings {
    return { ...this.#timing, servers };
  }

  /** What decides about health. */
  limits(): { timeoutMs: number; graceMs: number } {
    return { timeoutMs: this.#timing.timeoutSeconds * 1000, graceMs: restartGraceSeconds(this.#timing) * 1000 };
  }
}
