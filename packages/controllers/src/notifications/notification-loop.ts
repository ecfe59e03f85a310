import type { Event } from '@muster/api';
import { askedByRules, type Clock, isWanted, type Log, type NotificationRule, nodeWorld, planNotifications } from '@muster/core';
import type { DeliveryTimes, Store } from '@muster/store';
import { Rounds } from '../rounds.ts';
import { DeliveryRun, type TellerPort } from './delivery-run.ts';

export type NotificationLoopParts = {
  readonly store: Pick<Store, 'deliveries' | 'subscriptions' | 'nodes'>;
  readonly teller: TellerPort;
  readonly clock: Clock;
  readonly log: Log;
  readonly times: DeliveryTimes;
};

const tickMs = 1000;
/** Events that are decided about at once. */
const eventsAtOnce = 500;
/** How often the store is asked when no event says that there is something new, for those of other servers that were missed. */
const lookMs = 15_000;

/**
 * Decides who is told of what happened, and has it told. All of it is in the store: what was decided before the process ended is told by the
 * next one.
 */
export class NotificationLoop {
  readonly #parts: NotificationLoopParts;
  readonly #rounds: Rounds;
  readonly #run: DeliveryRun;
  #isStale = true;
  #lookedMs = Number.NEGATIVE_INFINITY;

  constructor(parts: NotificationLoopParts) {
    this.#parts = parts;
    this.#run = new DeliveryRun(parts);
    const failure = 'who is told of events could not be decided; tried again in a second';
    this.#rounds = new Rounds({ everyMs: tickMs, log: parts.log, round: () => this.tick(), failure });
  }

  start(): void {
    this.#rounds.start();
  }

  /** Ends attempts that are under way; they are made again by whoever comes next. */
  async stop(): Promise<void> {
    await this.#rounds.stop();
    await this.#run.stop();
  }

  /** Something happened. */
  invalidate(): void {
    this.#isStale = true;
  }

  /** One round: decide about what is new, begin to tell what is due. Called by the timer; tests call it themselves. */
  async tick(): Promise<void> {
    await this.#decide();
    await this.#run.begin();
  }

  /** Resolves when nothing is being told. */
  settled(): Promise<void> {
    return this.#run.settled();
  }

  async #decide(): Promise<void> {
    const nowMs = this.#parts.clock.monotonicMs();
    if (!this.#isStale && nowMs - this.#lookedMs < lookMs) return;
    this.#lookedMs = nowMs;
    // Before the store is asked: an event that comes meanwhile must not be lost.
    this.#isStale = false;
    try {
      while ((await this.#decideSome()) === eventsAtOnce);
    } catch (error) {
      this.#isStale = true;
      throw error;
    }
  }

  /** Returns about how many events it decided. */
  async #decideSome(): Promise<number> {
    const { store, times } = this.#parts;
    const { after, events } = await store.deliveries.fresh(eventsAtOnce);
    const last = events.at(-1);
    if (last === undefined) return 0;
    const rules = await store.subscriptions.rules();
    const wanted = events.filter((event) => rules.some((rule) => isWanted(event, rule)));
    const plan = planNotifications({
      events: wanted,
      rules,
      nodes: await this.#nodesOf(wanted),
      world: await this.#worldFor(wanted, rules),
    });
    if (await store.deliveries.decide(after, last.id, plan, times)) this.#run.expect(plan.length > 0);
    return events.length;
  }

  async #nodesOf(events: readonly Event[]) {
    const ids = [...new Set(events.flatMap(({ nodeId }) => (nodeId === null ? [] : [nodeId])))];
    const nodes = await this.#parts.store.nodes.byIds(ids);
    return new Map(nodes.map(({ id, groups, maintenance }) => [id, { groups, inMaintenance: maintenance !== null }]));
  }

  /** All nodes with as much as ranges ask for, where one is to be read; else none. */
  async #worldFor(events: readonly Event[], rules: readonly NotificationRule[]) {
    const asked = askedByRules(rules.filter((rule) => events.some((event) => isWanted(event, rule))));
    return nodeWorld(asked === undefined ? [] : await this.#parts.store.nodes.world(asked));
  }
}
