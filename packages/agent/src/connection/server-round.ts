import type { Cancel, Clock } from '../clock.ts';
import type { EndCause, SessionEnd } from './session-end.ts';

/** The next server is tried beside one that has no TLS connection after this long: its host may be dead. */
const quietMs = 1000;
/** One that has TLS is alive and perhaps busy; its welcome is awaited for so long before the next is tried beside it. */
const busyMs = 3000;

/** After these the other servers would say the same, or the plan for coming back has to say how it goes on. */
const finalCauses: ReadonlySet<EndCause> = new Set<EndCause>(['refused', 'replaced', 'protocol', 'closed']);

/** What a round needs of a connection that it has opened. */
export type Attempt = { readonly isSecured: boolean; close(reason: string): void };

/** What becomes of an attempt. */
export type AttemptEvents = { readonly onWelcome: () => void; readonly onEnd: (end: SessionEnd) => void };

export type ServerRoundParts<A extends Attempt> = {
  readonly clock: Clock;
  /** At least one, in the order in which to try them. */
  readonly servers: readonly string[];
  readonly open: (server: string, events: AttemptEvents) => A;
  /** Called for a server that failed, or kept so silent that the next was tried beside it. */
  readonly onPoor: (server: string) => void;
  /** Called once for the first that is welcome; it is the caller's from then on, also its end. */
  readonly onWon: (attempt: A) => void;
  /** Called once when no server welcomed this node, or one has said something that ends the round. */
  readonly onFailed: (end: SessionEnd, server: string) => void;
};

/**
 * One go at all servers: the next is tried when one fails, and beside one that keeps silent. The first that welcomes this node wins, the
 * others are given up. A slow server is not given up for being slow: what its handshake has cost it would be lost.
 */
export class ServerRound<A extends Attempt> {
  readonly #parts: ServerRoundParts<A>;
  readonly #attempts = new Set<A>();
  #begun = 0;
  #cancelNext: Cancel = () => undefined;
  #isOver = false;
  #worst: { readonly end: SessionEnd; readonly server: string } | undefined;

  constructor(parts: ServerRoundParts<A>) {
    this.#parts = parts;
  }

  start(): void {
    this.#next();
  }

  /** Gives up what was begun. */
  cancel(reason: string): void {
    this.#isOver = true;
    this.#cancelNext();
    for (const attempt of this.#attempts) attempt.close(reason);
  }

  #next(): void {
    this.#cancelNext();
    const server = this.#parts.servers[this.#begun];
    if (server === undefined) {
      if (this.#attempts.size === 0) this.#fail();
      return;
    }
    this.#begun += 1;
    const attempt = this.#parts.open(server, {
      onWelcome: () => this.#welcomed(attempt),
      onEnd: (end) => this.#ended(attempt, server, end),
    });
    this.#attempts.add(attempt);
    this.#cancelNext = this.#parts.clock.after(quietMs, () => this.#lookAt(attempt, server));
  }

  #lookAt(attempt: A, server: string): void {
    if (attempt.isSecured) this.#cancelNext = this.#parts.clock.after(busyMs - quietMs, () => this.#passOver(server));
    else this.#passOver(server);
  }

  #passOver(server: string): void {
    this.#parts.onPoor(server);
    this.#next();
  }

  #welcomed(attempt: A): void {
    if (this.#isOver) return;
    this.#attempts.delete(attempt);
    this.cancel('another server was faster');
    this.#parts.onWon(attempt);
  }

  #ended(attempt: A, server: string, end: SessionEnd): void {
    this.#attempts.delete(attempt);
    if (this.#isOver) return;
    this.#parts.onPoor(server);
    // Of several failures the one that says most: that a server took the connection and ended it may be for this node's certificate.
    if (this.#worst === undefined || end.cause !== 'unreachable') this.#worst = { end, server };
    if (finalCauses.has(end.cause)) this.#fail();
    else this.#next();
  }

  #fail(): void {
    const worst = this.#worst;
    if (this.#isOver || worst === undefined) return;
    this.cancel('no server welcomes this node');
    this.#parts.onFailed(worst.end, worst.server);
  }
}
