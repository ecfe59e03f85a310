import type { Clock, Log } from '@muster/core';
import type { HeldLease, Store, StoreTables } from '@muster/store';
import { LeaseKeeper } from './lease-keeper.ts';

/** Something that goes round by itself. `stop` resolves when nothing of it is under way. */
export type Loop = { start(): void; stop(): Promise<void> };

/** Makes what runs under one lease, on a store that refuses it once another server has the lease. */
export type MakeLoops = (store: StoreTables) => readonly Loop[];

export type LeasedLoopsParts = {
  readonly store: Pick<Store, 'leases' | 'under'>;
  readonly serverId: string;
  /** Of this process, a UUID. */
  readonly run: string;
  readonly clock: Clock;
  readonly log: Log;
  /** What runs once in the pool, by the name of its lease. Made anew whenever the lease is taken: nothing is remembered from before. */
  readonly loops: Readonly<Record<string, MakeLoops>>;
};

/** Runs loops once in the pool: each by whoever holds its lease. */
export class LeasedLoops {
  readonly #parts: LeasedLoopsParts;
  readonly #keeper: LeaseKeeper;
  readonly #running = new Map<string, readonly Loop[]>();
  /** The ends of loops that were stopped: the next of the same name waits for it. */
  readonly #ending = new Map<string, Promise<void>>();
  readonly #wanted = new Map<string, HeldLease>();
  #stopped = false;

  constructor(parts: LeasedLoopsParts) {
    this.#parts = parts;
    const { store, serverId, run, clock, log } = parts;
    const names = Object.keys(parts.loops);
    this.#keeper = new LeaseKeeper({ store, serverId, run, names, clock, log, onChange: (name, lease) => this.#turn(name, lease) });
  }

  start(): void {
    this.#keeper.start();
  }

  /** Ends the loops, then lets others have them. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wanted.clear();
    for (const name of this.#running.keys()) this.#end(name);
    await Promise.all(this.#ending.values());
    await this.#keeper.stop();
  }

  #turn(name: string, lease: HeldLease | undefined): void {
    this.#end(name);
    if (lease === undefined) {
      this.#wanted.delete(name);
      this.#parts.log.info({ lease: name }, 'this server does not hold a lease any more');
      return;
    }
    this.#wanted.set(name, lease);
    const begin = () => {
      if (this.#wanted.get(name) === lease && !this.#stopped) this.#begin(lease);
    };
    void (this.#ending.get(name) ?? Promise.resolve()).then(begin);
  }

  #begin(lease: HeldLease): void {
    const { loops: all, store, log } = this.#parts;
    const loops = all[lease.name]?.(store.under(lease)) ?? [];
    this.#running.set(lease.name, loops);
    for (const loop of loops) loop.start();
    log.info({ lease: lease.name, token: lease.token }, 'this server holds a lease');
  }

  #end(name: string): void {
    const running = this.#running.get(name);
    if (running === undefined) return;
    this.#running.delete(name);
    const ended = Promise.all(running.map((loop) => loop.stop()))
      .catch((error: unknown) => this.#parts.log.error({ lease: name, error: String(error) }, 'what ran under a lease did not end well'))
      .then(() => {
        if (this.#ending.get(name) === ended) this.#ending.delete(name);
      });
    this.#ending.set(name, ended);
  }
}
