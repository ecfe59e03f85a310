import type { Clock, Log } from '@muster/core';
import type { StoreTables } from '@muster/store';
import type { PresencePort } from '../health/health-loop.ts';
import { Rounds } from '../rounds.ts';

export type PoolPresenceParts = {
  readonly own: PresencePort;
  readonly store: { readonly presence: Pick<StoreTables['presence'], 'lastSeen'> };
  /** Whether there are other servers that may hear nodes. */
  readonly others: () => boolean;
  readonly clock: Clock;
  readonly log: Log;
};

const readMs = 2000;

type Seen = { readonly readAtMs: number; readonly ages: ReadonlyMap<string, number> };

/**
 * Since when a node is silent for the whole pool: what this server heard itself, and what the others wrote down. Where there are others, only
 * what was heard since this began to look counts. Before that the database may have been away, and nobody could say what he heard; such a node
 * has the same grace as after a start.
 */
export class PoolPresence implements PresencePort {
  readonly #parts: PoolPresenceParts;
  readonly #beganMs: number;
  readonly #rounds: Rounds;
  #seen: Seen | undefined;
  #hadOthers = false;

  constructor(parts: PoolPresenceParts) {
    this.#parts = parts;
    this.#beganMs = parts.clock.monotonicMs();
    const round = () => this.read();
    this.#rounds = new Rounds({ everyMs: readMs, log: parts.log, round, failure: 'what the other servers heard could not be read' });
  }

  start(): void {
    this.#rounds.start();
  }

  stop(): Promise<void> {
    return this.#rounds.stop();
  }

  /** Reads what the others heard. Called by the timer; tests call it themselves. @throws StoreUnavailable, LeaseLost */
  async read(): Promise<void> {
    const { others, store, clock } = this.#parts;
    this.#hadOthers ||= others();
    if (!this.#hadOthers) return;
    const readAtMs = clock.monotonicMs();
    const all = await store.presence.lastSeen();
    const ages = all.flatMap(({ nodeId, heartbeatAgeMs }) => (heartbeatAgeMs === null ? [] : [[nodeId, heartbeatAgeMs] as const]));
    this.#seen = { readAtMs, ages: new Map(ages) };
  }

  sinceHeardMs(nodeId: string): number | null {
    const own = this.#parts.own.sinceHeardMs(nodeId);
    this.#hadOthers ||= this.#parts.others();
    if (!this.#hadOthers) return own;
    const nowMs = this.#parts.clock.monotonicMs();
    const kept = this.#seen?.ages.get(nodeId);
    const elsewhere = kept === undefined || this.#seen === undefined ? null : kept + (nowMs - this.#seen.readAtMs);
    const heard = [own, elsewhere].filter((age) => age !== null && age <= nowMs - this.#beganMs) as number[];
    return heard.length === 0 ? null : Math.min(...heard);
  }
}
