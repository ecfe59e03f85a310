import type { AgentMessage, Event, ServerMessage } from '@muster/api';
import type { Clock, Log } from '@muster/core';
import { isStoreUnavailable, type Overlap, type Store } from '@muster/store';
import type { Authorities } from './gateway-options.ts';
import type { SessionIdentity } from './session-identity.ts';

type Message<T extends AgentMessage['type']> = Extract<AgentMessage, { type: T }>;

/** The side of a session that is spoken to about trust. */
export type TrustingSession = { readonly identity: SessionIdentity; send(message: ServerMessage): void };

export type TrustDeskParts = {
  readonly store: Pick<Store, 'certificates' | 'authority'>;
  readonly authorities: Authorities;
  readonly clock: Clock;
  readonly log: Log;
  readonly overlap: Overlap;
};

/** An agent that did not do what it was told is told again after this long. */
const repeatMs = 60_000;
/** How many agents are asked to rotate in one round: each costs a signature, a row and a connection. */
const rotationsInRound = 10;
/** How often it is looked whether older certificates have ended, where no event says so. */
const settleMs = 5000;

type Entry = {
  readonly session: TrustingSession;
  /** Fingerprints of the roots the agent trusts; undefined until it said so. */
  roots: ReadonlySet<string> | undefined;
  toldTrustMs: number;
  toldRotateMs: number;
  /** The agent waits to hear that its older certificates have ended. */
  waitsToSettle: boolean;
  askedSettledMs: number;
};

/**
 * What agents and server have to say to each other about certificates: which roots to trust, that a new certificate is wanted, and that the
 * older ones have ended. Level-triggered: it looks at what is and says what is missing, again and again, so nothing that happened has to be
 * remembered, by no process.
 */
export class TrustDesk {
  readonly #parts: TrustDeskParts;
  readonly #entries = new Map<TrustingSession, Entry>();

  constructor(parts: TrustDeskParts) {
    this.#parts = parts;
  }

  /** An agent has said hello, with the roots it trusts. */
  async greeted(session: TrustingSession, roots: readonly string[] | undefined): Promise<void> {
    const never = Number.NEGATIVE_INFINITY;
    const entry: Entry = {
      session,
      roots: undefined,
      toldTrustMs: never,
      toldRotateMs: never,
      waitsToSettle: false,
      askedSettledMs: never,
    };
    this.#entries.set(session, entry);
    if (roots === undefined) return;
    entry.roots = new Set(roots);
    this.#bringOn(entry);
    await this.#parts.store.authority.saveRoots(session.identity.nodeId, [...entry.roots].toSorted());
  }

  left(session: TrustingSession): void {
    this.#entries.delete(session);
  }

  /** The agent has stored the roots it was told to trust. */
  async trusts(session: TrustingSession, roots: readonly string[]): Promise<void> {
    const entry = this.#entries.get(session);
    if (entry === undefined) return;
    entry.roots = new Set(roots);
    await this.#parts.store.authority.saveRoots(session.identity.nodeId, [...entry.roots].toSorted());
    this.#bringOn(entry);
  }

  /** The services of the host were told of a certificate. Only the one of this connection counts: an agent cannot speak for another. */
  async taken(session: TrustingSession, { serial, hooks }: Message<'certificate-taken'>): Promise<void> {
    const entry = this.#entries.get(session);
    if (entry === undefined || serial !== session.identity.serial) return;
    await this.#parts.store.certificates.take(serial, hooks, this.#parts.overlap.seconds);
    entry.waitsToSettle = true;
    await this.#settle(entry);
  }

  /** A certificate has ended: perhaps it was the last older one that a session waits for. */
  apply({ kind, nodeId }: Event): void {
    if (kind !== 'certificate-revoked') return;
    for (const entry of this.#entries.values())
      if (entry.session.identity.nodeId === nodeId) entry.askedSettledMs = Number.NEGATIVE_INFINITY;
  }

  /** One round over all sessions. Never throws. */
  async tick(): Promise<void> {
    const nowMs = this.#parts.clock.monotonicMs();
    let rotations = 0;
    for (const entry of this.#entries.values()) rotations += this.#bringOn(entry, rotations < rotationsInRound) ? 1 : 0;
    const waiting = [...this.#entries.values()].filter((entry) => entry.waitsToSettle && nowMs - entry.askedSettledMs >= settleMs);
    try {
      for (const entry of waiting) await this.#settle(entry);
    } catch (error) {
      if (!isStoreUnavailable(error))
        this.#parts.log.error({ error: String(error) }, 'it could not be seen whether certificates have ended');
    }
  }

  async #settle(entry: Entry): Promise<void> {
    const { serial } = entry.session.identity;
    entry.askedSettledMs = this.#parts.clock.monotonicMs();
    if (!(await this.#parts.store.certificates.isSettled(serial)) || !entry.waitsToSettle) return;
    entry.waitsToSettle = false;
    entry.session.send({ type: 'certificate-settled', serial });
  }

  /** Says what the agent lacks first. Returns whether it was asked to rotate. */
  #bringOn(entry: Entry, mayRotate = false): boolean {
    const { authorities, clock } = this.#parts;
    const trusted = authorities.trusted();
    const nowMs = clock.monotonicMs();
    const isOfTrusted = trusted.some(({ generation }) => generation === entry.session.identity.authority);
    // Whose authority was dropped is on its way out.
    if (entry.roots === undefined || !isOfTrusted) return false;
    const { roots } = entry;
    if (roots.size !== trusted.length || !trusted.every(({ fingerprint }) => roots.has(fingerprint))) {
      if (nowMs - entry.toldTrustMs < repeatMs) return false;
      entry.toldTrustMs = nowMs;
      entry.session.send({ type: 'trust', rootsPem: trusted.map(({ rootPem }) => rootPem).join('') });
      return false;
    }
    entry.toldTrustMs = Number.NEGATIVE_INFINITY;
    if (!mayRotate || entry.session.identity.authority === trusted[0].generation || nowMs - entry.toldRotateMs < repeatMs) return false;
    entry.toldRotateMs = nowMs;
    entry.session.send({ type: 'rotate' });
    return true;
  }
}
