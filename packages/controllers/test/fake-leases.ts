import type { Clock } from '@muster/core';
import { type LeaseTable, StoreUnavailable } from '@muster/store';

type Row = { holder: string; run: string; token: number; untilMs: number };

/** A fake of the table of leases: the same rules, in memory, by the clock of the test. It can be away. */
export class FakeLeases {
  away = false;
  /** Called while a server asks. */
  onHold: () => void = () => undefined;
  readonly #dead = new Set<string>();
  readonly #clock: Clock;
  readonly #rows = new Map<string, Row>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Another server has it now, for as long as the test lasts. */
  give(name: string, holder: string): void {
    const token = (this.#rows.get(name)?.token ?? 0) + 1;
    this.#rows.set(name, { holder, run: `run of ${holder}`, token, untilMs: Number.POSITIVE_INFINITY });
  }

  /** A server that is dead reaches nobody, whatever its timers do. */
  kill(serverId: string): void {
    this.#dead.add(serverId);
  }

  readonly table: LeaseTable = {
    hold: async ({ serverId, run }, names, seconds) => {
      this.onHold();
      if (this.away || this.#dead.has(serverId)) throw new StoreUnavailable('away');
      const nowMs = this.#clock.monotonicMs();
      return names.flatMap((name) => {
        const before = this.#rows.get(name);
        const isOver = before === undefined || before.untilMs <= nowMs;
        if (!isOver && before.holder !== serverId) return [];
        const token = !isOver && before.run === run ? before.token : (before?.token ?? 0) + 1;
        this.#rows.set(name, { holder: serverId, run, token, untilMs: nowMs + seconds * 1000 });
        return [{ name, token }];
      });
    },
    release: async (run) => {
      for (const row of this.#rows.values()) if (row.run === run) row.untilMs = this.#clock.monotonicMs();
    },
    list: async () => [],
  };
}
