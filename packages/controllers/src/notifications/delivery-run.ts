import { type Clock, decideRetry, type Log, type RetryDecision } from '@muster/core';
import type { ClaimedDelivery, NewEvent, Store } from '@muster/store';

/** How an attempt to tell somebody ended. `permanent`: the other side said that asking again is useless. */
export type TellOutcome = { readonly told: true } | { readonly told: false; readonly message: string; readonly permanent: boolean };

/** Whoever can tell a target of events: sends the mail, calls the webhook. */
export type TellerPort = {
  /** Tells it within a bounded time. Throws only what is a fault of its own, or the reason of the signal. */
  tell(delivery: ClaimedDelivery, signal: AbortSignal): Promise<TellOutcome>;
};

export type DeliveryRunParts = {
  readonly store: Pick<Store, 'deliveries'>;
  readonly teller: TellerPort;
  readonly clock: Clock;
  readonly log: Log;
};

/** Attempts at the same time. Each is of another target: one that hangs does not hold up the others. */
const mostAtOnce = 16;
/** Longer than any attempt takes. */
const leaseSeconds = 90;
/** How often the store is asked when nothing is known to wait: another server may have left something behind. */
const idleMs = 15_000;

/** Tells what is due. */
export class DeliveryRun {
  readonly #parts: DeliveryRunParts;
  readonly #stopping = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #nextMs = Number.NEGATIVE_INFINITY;

  constructor(parts: DeliveryRunParts) {
    this.#parts = parts;
  }

  /** Something new may be due. */
  expect(isNew: boolean): void {
    if (isNew) this.#nextMs = Number.NEGATIVE_INFINITY;
  }

  /** Begins to tell what is due now; does not wait for it. */
  async begin(): Promise<void> {
    const nowMs = this.#parts.clock.monotonicMs();
    const room = mostAtOnce - this.#underWay.size;
    if (nowMs < this.#nextMs || room <= 0 || this.#stopping.signal.aborted) return;
    const { deliveries, nextInSeconds } = await this.#parts.store.deliveries.claim(room, leaseSeconds);
    this.#nextMs = nowMs + Math.min(idleMs, (nextInSeconds ?? Number.POSITIVE_INFINITY) * 1000);
    for (const delivery of deliveries) {
      const attempt = this.#attempt(delivery).finally(() => {
        this.#underWay.delete(attempt);
        this.expect(true);
      });
      this.#underWay.add(attempt);
    }
  }

  async settled(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error('the server is going down'));
    await this.settled();
  }

  /** Never throws: what could not be written down is done again when the lease is over. */
  async #attempt(delivery: ClaimedDelivery): Promise<void> {
    const { store, log, teller } = this.#parts;
    const { signal } = this.#stopping;
    try {
      const outcome = await this.#tell(teller, delivery, signal);
      if (outcome === undefined) await store.deliveries.release(delivery.id);
      else if (outcome.told) await store.deliveries.delivered(delivery.id);
      else await this.#failed(delivery, outcome);
    } catch (error) {
      log.warn({ delivery: delivery.id, error: String(error) }, 'how a notification went could not be written; it may be sent again');
    }
  }

  /** Undefined when the attempt was broken off because the server goes down. */
  async #tell(teller: TellerPort, delivery: ClaimedDelivery, signal: AbortSignal): Promise<TellOutcome | undefined> {
    // Events that were forgotten meanwhile, because they are old.
    if (delivery.events.length === 0) return { told: true };
    try {
      return await teller.tell(delivery, signal);
    } catch (error) {
      return signal.aborted
        ? undefined
        : { told: false, message: error instanceof Error ? error.message : String(error), permanent: false };
    }
  }

  async #failed(delivery: ClaimedDelivery, { message, permanent }: Extract<TellOutcome, { told: false }>): Promise<void> {
    const { deliveries } = this.#parts.store;
    const { id, attempts, failingForSeconds, target } = delivery;
    const decision = decideRetry({ kind: target.kind, attempts, failingForSeconds, isPermanent: permanent });
    this.#parts.log.warn({ target: target.name, attempts, error: message, ...decision }, 'a notification could not be sent');
    if (decision.action === 'retry') await deliveries.retry(id, message, decision.afterSeconds);
    else await deliveries[decision.action === 'disable' ? 'disable' : 'giveUp'](id, message, eventOf(delivery, message, decision));
  }
}

function eventOf({ target, events, missed }: ClaimedDelivery, message: string, { action }: RetryDecision): NewEvent {
  const whom = target.kind === 'webhook' ? `The webhook ${target.name}` : target.name;
  const what =
    action === 'disable'
      ? `${whom} has failed for days and is disabled; mend it, then enable ${target.name} again on the page Notifications of the panel.`
      : `${whom} could not be told of ${events.length + missed} events, and they are dropped.`;
  return {
    kind: 'notification-failed',
    severity: 'error',
    nodeId: null,
    nodeName: null,
    message: `${what} The last error: ${message}`,
    data: { targetId: target.id, target: target.name, targetKind: target.kind, action },
  };
}
