import type { Event } from '@muster/api';
import type { Clock, Log } from '@muster/core';
import type { NumberedAuthority } from '@muster/gateway';
import { isStoreUnavailable, type Store } from '@muster/store';
import type { Crl } from '@muster/trust';

export type RevocationListsParts = {
  readonly store: Pick<Store, 'certificates'>;
  readonly trusted: () => readonly NumberedAuthority[];
  readonly clock: Clock;
  readonly log: Log;
};

type Made = { readonly crl: Crl; readonly atMs: number; readonly nextUpdateMs: number };

const hourMs = 3_600_000;
/** A list says that the next one comes within a day. It is made anew every hour, so that nobody ever holds one that has run out. */
const lifeMs = 24 * hourMs;
const remakeMs = hourMs;
/** Whoever asks gets one that is no older, even where no event told of a revocation; in between all get the same. */
const answerMs = 10_000;
/** Clocks of those who check may be behind. */
const backDatingMs = 5 * 60_000;

/**
 * The revocation lists of the authorities in force. Made when asked for, after each revocation, and every hour; while the database is away
 * the last one is given for as long as it is good.
 */
export class RevocationLists {
  readonly #parts: RevocationListsParts;
  readonly #made = new Map<number, Made>();
  readonly #making = new Map<number, Promise<Made>>();
  #stale = new Set<number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(parts: RevocationListsParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = setInterval(() => void this.remake(), remakeMs);
    void this.remake();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** A certificate has ended: the next list has it. */
  apply({ kind }: Event): void {
    if (kind === 'certificate-revoked' || kind === 'node-removed' || kind === 'authority-rotation')
      this.#stale = new Set(this.#made.keys());
  }

  /** The list of an authority, fresh. @throws StoreUnavailable when there is none that is still good and the database is away */
  async of(authority: NumberedAuthority): Promise<Crl> {
    const { generation } = authority;
    const made = this.#made.get(generation);
    const nowMs = this.#parts.clock.monotonicMs();
    if (made !== undefined && nowMs - made.atMs < answerMs && !this.#stale.has(generation)) return made.crl;
    try {
      return (await this.#make(authority)).crl;
    } catch (error) {
      if (made === undefined || !isStoreUnavailable(error) || this.#parts.clock.wallMs() > made.nextUpdateMs) throw error;
      return made.crl;
    }
  }

  /** Makes all lists anew. Never throws. */
  async remake(): Promise<void> {
    for (const authority of this.#parts.trusted())
      await this.#make(authority).catch((error: unknown) =>
        this.#parts.log.warn({ authority: authority.generation, error: String(error) }, 'the revocation list could not be made'),
      );
  }

  #make(authority: NumberedAuthority): Promise<Made> {
    const { generation } = authority;
    const making = this.#making.get(generation) ?? this.#sign(authority).finally(() => this.#making.delete(generation));
    this.#making.set(generation, making);
    return making;
  }

  async #sign(authority: NumberedAuthority): Promise<Made> {
    const { store, clock } = this.#parts;
    // Before the store is asked: what ends meanwhile must come into another list.
    this.#stale.delete(authority.generation);
    try {
      const { number, entries } = await store.certificates.revokedOf(authority.generation);
      const nowMs = clock.wallMs();
      const nextUpdateMs = nowMs + lifeMs;
      const dates = { thisUpdate: new Date(nowMs - backDatingMs), nextUpdate: new Date(nextUpdateMs) };
      const made = { crl: await authority.signCrl({ number, entries, ...dates }), atMs: clock.monotonicMs(), nextUpdateMs };
      this.#made.set(authority.generation, made);
      return made;
    } catch (error) {
      this.#stale.add(authority.generation);
      throw error;
    }
  }
}
