import type { ConsoleNotice } from '@muster/api';
import type { WebSocket } from 'ws';

export type ConsoleRelayParts = {
  /** The server that holds the console. */
  readonly holderName: string;
  /** Whether he may go on; asked once a minute. An error is no answer. */
  readonly mayStay: () => Promise<boolean>;
  readonly times?: typeof usualTimes;
};

const usualTimes = { pingMs: 10_000, recheckMs: 60_000, closingMs: 2000 };
/** With so much unsent to one side nothing more is read from the other, which then sees for itself that it is too fast. */
const maxUnsentBytes = 262_144;
/** WebSocket close codes (RFC 6455, 7.4.1). */
const closeCodes = { done: 1000, lost: 1006, tooMuch: 1008 };

/**
 * Somebody at a console that another server holds, where he is a visitor. What either side says goes to the other unchanged and is not kept, and
 * when either side goes, so does the other.
 */
export class ConsoleRelay {
  /** Resolves when both sides have gone. */
  readonly over: Promise<void>;
  readonly #near: WebSocket;
  readonly #far: WebSocket;
  readonly #parts: ConsoleRelayParts;
  readonly #times: typeof usualTimes;
  readonly #timers: NodeJS.Timeout[] = [];
  /** Those that have not answered the last ping. */
  readonly #unanswered = new Set<WebSocket>();
  #isEnding = false;

  /** Both sides come paused, or with nobody who has listened yet. */
  constructor(near: WebSocket, far: WebSocket, parts: ConsoleRelayParts) {
    this.#near = near;
    this.#far = far;
    this.#parts = parts;
    this.#times = parts.times ?? usualTimes;
    this.over = Promise.all([this.#join(near, far), this.#join(far, near)]).then(() => undefined);
    this.#timers.push(
      setInterval(() => this.#ping(), this.#times.pingMs),
      setInterval(() => void this.#recheck(), this.#times.recheckMs),
    );
  }

  /** Ends it, and tells him why. Idempotent. */
  end(message: string, code: number = closeCodes.done): void {
    if (this.#isEnding) return;
    this.#isEnding = true;
    for (const timer of this.#timers.splice(0)) clearInterval(timer);
    if (message !== '' && this.#near.readyState === this.#near.OPEN)
      this.#near.send(JSON.stringify({ type: 'end', message, elsewhere: null } satisfies ConsoleNotice));
    for (const side of [this.#near, this.#far]) {
      side.resume();
      side.close(code);
      const cut = setTimeout(() => side.terminate(), this.#times.closingMs);
      side.once('close', () => clearTimeout(cut));
    }
  }

  #join(from: WebSocket, to: WebSocket): Promise<void> {
    from.on('message', (data: Buffer, isBinary: boolean) => this.#carry(data, isBinary, from, to));
    from.on('pong', () => this.#unanswered.delete(from));
    from.on('error', () => undefined);
    const closed = new Promise<void>((resolve) => {
      if (from.readyState === from.CLOSED) resolve();
      else from.once('close', () => resolve());
    });
    if (from.readyState === from.CLOSED) queueMicrotask(() => this.#gone(from, closeCodes.lost));
    from.once('close', (code: number) => this.#gone(from, code));
    from.resume();
    return closed;
  }

  #carry(data: Buffer, isBinary: boolean, from: WebSocket, to: WebSocket): void {
    if (this.#isEnding || to.readyState !== to.OPEN) return;
    to.send(data, { binary: isBinary }, () => {
      if (from.isPaused && to.bufferedAmount <= maxUnsentBytes / 2) from.resume();
    });
    if (to.bufferedAmount > maxUnsentBytes) from.pause();
  }

  /** The holder tells him itself why it ends; where its connection broke, nobody has. */
  #gone(side: WebSocket, code: number): void {
    const isBroken = side === this.#far && code !== closeCodes.done && code !== closeCodes.tooMuch;
    const { holderName } = this.#parts;
    const lost = `The server ${holderName}, which held this console, is not reached any more. Open it again.`;
    this.end(isBroken ? lost : '', code === closeCodes.tooMuch ? closeCodes.tooMuch : closeCodes.done);
  }

  /** A connection that was cut says nothing. One that is not read for the moment cannot be heard either. */
  #ping(): void {
    for (const side of [this.#near, this.#far]) {
      if (side.isPaused) continue;
      if (this.#unanswered.has(side)) side.terminate();
      this.#unanswered.add(side);
      side.ping(undefined, undefined, () => undefined);
    }
  }

  async #recheck(): Promise<void> {
    const mayStay = await this.#parts.mayStay().catch(() => true);
    if (!mayStay) this.end('You may not be at this console any more.');
  }
}
