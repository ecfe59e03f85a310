import type { HealthReason, HealthState } from '@muster/api';
import { type Clock, decideHealth, type HealthVerdict, type Log, sameVerdict } from '@muster/core';
import type { HealthSubject, Store } from '@muster/store';

/** What the loop needs of whoever holds the agents' connections. */
export type PresencePort = {
  /** Milliseconds since this process last heard the node, or null when it never did. */
  sinceHeardMs(nodeId: string): number | null;
};

export type HealthLoopParts = {
  readonly store: Pick<Store, 'health'>;
  readonly presence: PresencePort;
  readonly clock: Clock;
  readonly log: Log;
  /** Time-out and grace now in force, milliseconds. */
  readonly timing: () => { readonly timeoutMs: number; readonly graceMs: number };
};

const tickMs = 1000;
/** How long the pictures of the nodes are kept when no event says that one changed. */
const pictureLifeMs = 30_000;

type Subject = HealthSubject & { readAtMs: number };

/**
 * Decides every second how each node fares, and writes and announces only what changed. Kept in memory: the last picture of
 * each node, read anew after any event about it; nothing is lost with the process.
 */
export class HealthLoop {
  readonly #parts: HealthLoopParts;
  readonly #startedMs: number;
  #subjects: Map<string, Subject> | undefined;
  #stale = true;
  #timer: NodeJS.Timeout | undefined;
  #tick: Promise<void> = Promise.resolve();
  #busy = false;
  #readAtMs = 0;

  constructor(parts: HealthLoopParts) {
    this.#parts = parts;
    this.#startedMs = parts.clock.monotonicMs();
  }

  start(): void {
    this.#timer = setInterval(() => this.#run(), tickMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#tick;
  }

  /** Something about a node changed: look at the store again before the next decision. */
  invalidate(): void {
    this.#stale = true;
  }

  /** Milliseconds in which nothing is yet declared bad because this server has just started; 0 once over. */
  graceLeftMs(): number {
    return Math.max(0, this.#startedMs + this.#parts.timing().graceMs - this.#parts.clock.monotonicMs());
  }

  /** One round: observe, decide, act. Called by the timer; tests call it themselves. */
  async tick(): Promise<void> {
    const subjects = await this.#read();
    const changed = [...subjects.values()].flatMap((subject) => {
      const verdict = this.#decide(subject);
      return sameVerdict(verdict, subject) ? [] : [{ subject, verdict }];
    });
    if (changed.length === 0) return;
    await this.#parts.store.health.save(
      changed.map(({ subject, verdict }) => ({ nodeId: subject.nodeId, state: verdict.state, reasons: [...verdict.reasons] })),
      changed.filter(({ subject, verdict }) => subject.state !== verdict.state).map(({ subject, verdict }) => eventOf(subject, verdict)),
    );
    for (const { subject, verdict } of changed) {
      subjects.set(subject.nodeId, { ...subject, state: verdict.state, reasons: [...verdict.reasons] });
    }
  }

  #run(): void {
    if (this.#busy) return;
    this.#busy = true;
    this.#tick = this.tick()
      .catch((error: unknown) => {
        this.#stale = true;
        this.#parts.log.warn({ error: String(error) }, 'health could not be decided; tried again in a second');
      })
      .finally(() => {
        this.#busy = false;
      });
  }

  async #read(): Promise<Map<string, Subject>> {
    const nowMs = this.#parts.clock.monotonicMs();
    if (this.#subjects !== undefined && !this.#stale && nowMs - this.#readAtMs < pictureLifeMs) return this.#subjects;
    // Before the store is asked: an event that comes meanwhile must not be lost.
    this.#stale = false;
    const list = await this.#subjectsOfStore();
    this.#readAtMs = this.#parts.clock.monotonicMs();
    this.#subjects = new Map(list.map((subject) => [subject.nodeId, { ...subject, readAtMs: this.#readAtMs }]));
    return this.#subjects;
  }

  async #subjectsOfStore(): Promise<HealthSubject[]> {
    try {
      return await this.#parts.store.health.subjects();
    } catch (error) {
      this.#stale = true;
      throw error;
    }
  }

  #decide(subject: Subject): HealthVerdict {
    const { clock, presence, timing } = this.#parts;
    const sinceHeardHereMs = presence.sinceHeardMs(subject.nodeId);
    return decideHealth({
      registered: subject.registered,
      sinceHeardMs: sinceHeard(sinceHeardHereMs, subject, clock.monotonicMs()),
      timeoutMs: timing().timeoutMs,
      // Who was heard since the start has come back, and may be lost again at once.
      graceLeftMs: sinceHeardHereMs === null ? this.graceLeftMs() : 0,
      services: subject.services,
      stoppedServices: subject.stoppedServices,
      certificateLifeLeft: lifeLeft(subject, clock.wallMs()),
      previous: subject.state,
      maintenance: subject.maintenance,
    });
  }
}

/** Heard by this process counts first; else the age that the database kept, which goes on growing since it was read. */
function sinceHeard(here: number | null, subject: Subject, nowMs: number): number | null {
  const kept = subject.heartbeatAgeMs === null ? null : subject.heartbeatAgeMs + (nowMs - subject.readAtMs);
  if (here === null || kept === null) return here ?? kept;
  return Math.min(here, kept);
}

function lifeLeft(subject: HealthSubject, wallMs: number): number | null {
  if (subject.certificate === null) return null;
  const { notBeforeMs, notAfterMs } = subject.certificate;
  return (notAfterMs - wallMs) / Math.max(1, notAfterMs - notBeforeMs);
}

const severities: Record<HealthState, 'info' | 'warning' | 'error'> = { good: 'info', degraded: 'warning', bad: 'error', unknown: 'info' };

function eventOf(subject: HealthSubject, verdict: HealthVerdict) {
  const why = verdict.reasons.map((reason: HealthReason) => reason.message).join(' ');
  return {
    kind: 'node-health' as const,
    // Whoever works on a node knows how it fares: nobody is called.
    severity: subject.maintenance === null ? severities[verdict.state] : ('info' as const),
    nodeId: subject.nodeId,
    nodeName: subject.nodeName,
    message: `${subject.nodeName} is ${verdict.state} (was ${subject.state}).${why === '' ? '' : ` ${why}`}`,
    data: {
      from: subject.state,
      to: verdict.state,
      reasons: verdict.reasons,
      ...(subject.maintenance === null ? {} : { maintenance: true }),
    },
  };
}
