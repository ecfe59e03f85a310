import { type Clock, type Log, RateLimit } from '@muster/core';
import type { NewEvent } from '@muster/store';

/** Why someone was turned away at the agents' door: a code to count by, a sentence to read. */
export type Refusal = { readonly reason: string; readonly message: string };

/** What is known of whoever was turned away. */
export type RefusedPeer = { readonly address: string; readonly nodeId?: string | undefined; readonly nodeName?: string | undefined };

/** Of one kind from one address. */
const limitOfOne = { perMinute: 1, burst: 3 };
/** Of everyone together: whoever has many addresses must not fill log and database either. */
const limitOfAll = { perMinute: 60, burst: 100 };

/** Counts and reports refusals. The first of a kind from an address are log lines and events; a flood of them only counts. */
export class Refusals {
  readonly #log: Log;
  readonly #announce: (event: NewEvent) => Promise<void>;
  readonly #ofOne: RateLimit;
  readonly #ofAll: RateLimit;
  readonly #counts = new Map<string, number>();

  constructor(clock: Clock, log: Log, announce: (event: NewEvent) => Promise<void>) {
    this.#log = log;
    this.#announce = announce;
    this.#ofOne = new RateLimit(clock, limitOfOne);
    this.#ofAll = new RateLimit(clock, limitOfAll);
  }

  /** Counts by the reason; logs with it and announces it unless there were too many already. */
  note(refusal: Refusal, peer: RefusedPeer): void {
    this.#counts.set(refusal.reason, (this.#counts.get(refusal.reason) ?? 0) + 1);
    if (!this.#ofOne.take(`${peer.address} ${refusal.reason}`) || !this.#ofAll.take('all')) return;
    this.#log.warn({ ...refusal, ...peer }, 'refused at the agents’ door');
    this.#announce(eventOf(refusal, peer)).catch((error: unknown) =>
      this.#log.warn({ reason: refusal.reason, error: String(error) }, 'a refusal could not be written as an event'),
    );
  }

  /** Refusals by reason since the start of the process. */
  counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }
}

const eventOf = ({ reason, message }: Refusal, { address, nodeId, nodeName }: RefusedPeer): NewEvent => ({
  kind: 'connection-refused',
  severity: 'warning',
  nodeId: nodeId ?? null,
  nodeName: nodeName ?? null,
  message: `Refused at the agents’ door: ${message}`,
  data: { reason, address },
});
