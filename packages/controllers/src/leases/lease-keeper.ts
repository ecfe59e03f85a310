import { type Clock, type Log, poolTimes } from '@muster/core';
import type { HeldLease, Store } from '@muster/store';

export type LeaseKeeperParts = {
  readonly store: Pick<Store, 'leases'>;
  readonly serverId: string;
  /** Of this process, a UUID. */
  readonly run: string;
  readonly names: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  /** Called when a lease begins to be held, with another token than before, or is held no more. */
  readonly onChange: (name: string, lease: HeldLease | undefined) => void;
};

/** A lease is given up here so long before others may take it, milliseconds: what is under way has time to end. */
const marginMs = 1000;
const watchMs = 250;

type Kept = { readonly lease: HeldLease; readonly untilMs: number };

/**
 * Takes the leases that are free, prolongs those it has, and lets go of one that could not be prolonged in time: by its own monotonic clock, so
 * also while the database is away. The store checks the token at every write all the same; this only ends useless work early.
 */
export class LeaseKeeper {
  readonly #parts: LeaseKeeperParts;
  readonly #kept = new Map<string, Kept>();
  #timers: NodeJS.Timeout[] = [];
  #tick: Promise<void> = Promise.resolve();
  #busy = false;
  #failing = false;

  constructor(parts: LeaseKeeperParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#run();
    this.#timers = [setInterval(() => this.#run(), poolTimes.renewal * 1000), setInterval(() => this.expire(), watchMs)];
  }

  /** Lets everything go; others take it at once. Call it when whatever ran under the leases has ended. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#tick;
    this.#kept.clear();
    await this.#parts.store.leases
      .release(this.#parts.run)
      .catch((error: unknown) =>
        this.#parts.log.warn({ error: String(error) }, 'the leases could not be given back; they run out in seconds'),
      );
  }

  /** One round. Called by the timer; tests call it themselves. @throws StoreUnavailable */
  async tick(): Promise<void> {
    const { store, serverId, run, names, clock } = this.#parts;
    const beganMs = clock.monotonicMs();
    const held = await store.leases.hold({ serverId, run }, names, poolTimes.lease);
    const untilMs = beganMs + poolTimes.lease * 1000 - marginMs;
    const tokens = new Map(held.map((lease) => [lease.name, lease]));
    for (const name of names) this.#take(name, tokens.get(name), untilMs);
  }

  /** Lets go of what could not be prolonged. Called by the timer; tests call it themselves. */
  expire(): void {
    const nowMs = this.#parts.clock.monotonicMs();
    for (const [name, { untilMs }] of this.#kept) if (untilMs <= nowMs) this.#take(name, undefined, 0);
  }

  #take(name: string, lease: HeldLease | undefined, untilMs: number): void {
    const before = this.#kept.get(name);
    if (lease === undefined) this.#kept.delete(name);
    else this.#kept.set(name, { lease, untilMs });
    if (before?.lease.token !== lease?.token) this.#parts.onChange(name, lease);
  }

  #run(): void {
    if (this.#busy) return;
    this.#busy = true;
    this.#tick = this.tick()
      .then(() => {
        this.#failing = false;
      })
      .catch((error: unknown) => {
        if (!this.#failing) this.#parts.log.warn({ error: String(error) }, 'the leases of this server could not be prolonged; tried again');
        this.#failing = true;
      })
      .finally(() => {
        this.#busy = false;
      });
  }
}
