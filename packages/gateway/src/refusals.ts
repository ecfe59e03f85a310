import type { Log } from '@muster/core';

/** Why someone was turned away at the agents' door: a code to count by, a sentence to read. */
export type Refusal = { readonly reason: string; readonly message: string };

/** What is known of whoever was turned away. */
export type RefusedPeer = { readonly address: string; readonly nodeId?: string | undefined; readonly nodeName?: string | undefined };

/** Counts and reports refusals. The first of a kind from an address is an event; a flood of them only counts. */
export class Refusals {
  readonly #log: Log;
  readonly #announce: (refusal: Refusal, peer: RefusedPeer) => void;
  readonly #mayAnnounce: (key: string) => boolean;
  readonly #counts = new Map<string, number>();

  constructor(log: Log, mayAnnounce: (key: string) => boolean, announce: (refusal: Refusal, peer: RefusedPeer) => void) {
    this.#log = log;
    this.#mayAnnounce = mayAnnounce;
    this.#announce = announce;
  }

  /** Logs with the reason, counts by it, and announces unless this address has filled the log already. */
  note(refusal: Refusal, peer: RefusedPeer): void {
    this.#counts.set(refusal.reason, (this.#counts.get(refusal.reason) ?? 0) + 1);
    this.#log.warn({ ...refusal, ...peer }, 'refused at the agents’ door');
    if (this.#mayAnnounce(`${peer.address} ${refusal.reason}`)) this.#announce(refusal, peer);
  }

  /** Refusals by reason since the start of the process. */
  counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }
}
