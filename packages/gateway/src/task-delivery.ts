import type { AgentMessage, Event, ServerMessage } from '@muster/api';
import { type Clock, type Log, RateLimit } from '@muster/core';
import { type DeliverableTask, isStoreUnavailable, type Store } from '@muster/store';
import type { Presence } from './presence.ts';
import type { SessionIdentity } from './session-identity.ts';
import { untilStoreIsBack } from './until-store-is-back.ts';

export type TaskDeliveryParts = {
  readonly store: Pick<Store, 'delivery'>;
  readonly presence: Presence;
  readonly clock: Clock;
  readonly log: Log;
  readonly serverId: string;
};

/** What a node is looked after for: its next tasks; besides what it seems to have missed; besides all that it was given. */
const wishes = ['next', 'missed', 'all'] as const;
type Wish = (typeof wishes)[number];

/** However an announcement was lost, and whichever server it should have reached: after this long tasks are looked for anyway. */
const sweepMs = 10_000;
/** A task that was sent and not taken for so long is sent again. */
const quietSeconds = 15;
const retryMs = 1000;
/** A node that speaks of tasks which are not its own is a riddle or a foe; it need not fill the log. */
const strayLimit = { perMinute: 1, burst: 3 };

type TaskResult = Extract<AgentMessage, { type: 'task-result' }>;

/**
 * Brings tasks to the agents that this server holds, whichever server they were asked of, and writes down what becomes of them. Kept in
 * memory is only which nodes are to be looked at; what is written counts, and a heartbeat asks nothing of the database.
 */
export class TaskDelivery {
  readonly #parts: TaskDeliveryParts;
  readonly #strays: RateLimit;
  readonly #stopping = new AbortController();
  #wanted = new Map<string, Wish>();
  #everyone: Wish | undefined;
  #round: Promise<void> | undefined;
  #sweep: NodeJS.Timeout | undefined;
  #retry: NodeJS.Timeout | undefined;

  constructor(parts: TaskDeliveryParts) {
    this.#parts = parts;
    this.#strays = new RateLimit(parts.clock, strayLimit);
  }

  start(): void {
    this.#sweep = setInterval(() => this.#wakeEveryone('missed'), sweepMs);
  }

  /** Nothing is sent any more once this has resolved; what was claimed and not sent is sent by the next connection. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#sweep);
    clearTimeout(this.#retry);
    await this.#round;
  }

  /** A node has said hello: it hears of all that it was given, and of what is next. */
  arrived(nodeId: string): void {
    this.#wake(nodeId, 'all');
  }

  /** Looks for tasks where an event says that there may be some. */
  apply({ kind, nodeId }: Event): void {
    if (kind === 'operation-started') this.#wakeEveryone('next');
    else if (kind === 'operation-cancelled') this.#wakeEveryone('missed');
    else if (kind === 'task-changed' && nodeId === null) this.#wakeEveryone('next');
    else if (kind === 'task-changed' && nodeId !== null) this.#wake(nodeId, 'next');
  }

  /** The node has a task on its disk. */
  async taken({ nodeId }: SessionIdentity, id: string, signal: AbortSignal): Promise<void> {
    await untilStoreIsBack(() => this.#parts.store.delivery.taken(nodeId, id), signal);
  }

  /**
   * Writes down how a task of this node ended. Also what is of no use is answered as recorded: the agent must not say it for ever, and
   * what it says of the tasks of others changes nothing.
   */
  async ended({ nodeId, nodeName }: SessionIdentity, result: TaskResult, signal: AbortSignal): Promise<ServerMessage> {
    const { type: _type, ...said } = result;
    const done = await untilStoreIsBack(() => this.#parts.store.delivery.record(nodeId, said), signal);
    if (done === 'not-theirs' && this.#strays.take(nodeId))
      this.#parts.log.warn({ node: nodeName, task: result.id }, 'a node spoke of a task that is not its own; it changes nothing');
    this.#wake(nodeId, 'next');
    return { type: 'task-recorded', id: result.id };
  }

  #wake(nodeId: string, wish: Wish): void {
    if (this.#parts.presence.connectionOf(nodeId) === undefined) return;
    this.#wanted.set(nodeId, greater(this.#wanted.get(nodeId), wish));
    this.#go();
  }

  #wakeEveryone(wish: Wish): void {
    this.#everyone = greater(this.#everyone, wish);
    this.#go();
  }

  /** One round at a time: what is wanted meanwhile goes with the next one. */
  #go(): void {
    if (this.#round !== undefined || this.#stopping.signal.aborted) return;
    this.#round = this.#rounds().finally(() => {
      this.#round = undefined;
    });
  }

  async #rounds(): Promise<void> {
    // After whatever woke it is done: the welcome goes out before the first task.
    await Promise.resolve();
    while ((this.#wanted.size > 0 || this.#everyone !== undefined) && !this.#stopping.signal.aborted) {
      const everyone = this.#everyone;
      const wanted = this.#wanted;
      this.#everyone = undefined;
      this.#wanted = new Map();
      try {
        await this.#deliver(this.#wishes(everyone, wanted));
      } catch (error) {
        this.#putBack(everyone, wanted, error);
        return;
      }
    }
  }

  #putBack(everyone: Wish | undefined, wanted: Map<string, Wish>, error: unknown): void {
    if (everyone !== undefined) this.#everyone = greater(this.#everyone, everyone);
    for (const [nodeId, wish] of wanted) this.#wanted.set(nodeId, greater(this.#wanted.get(nodeId), wish));
    this.#parts.log[isStoreUnavailable(error) ? 'warn' : 'error']({ error: String(error) }, 'tasks could not be delivered; tried again');
    this.#retry = setTimeout(() => this.#go(), retryMs);
  }

  /** The nodes to look at, by what for. */
  #wishes(everyone: Wish | undefined, wanted: ReadonlyMap<string, Wish>): Map<Wish, string[]> {
    const byWish = new Map<Wish, string[]>();
    const nodes = everyone === undefined ? [...wanted.keys()] : this.#parts.presence.connected();
    for (const nodeId of nodes) {
      const wish = greater(wanted.get(nodeId), everyone ?? 'next');
      byWish.set(wish, [...(byWish.get(wish) ?? []), nodeId]);
    }
    return byWish;
  }

  async #deliver(byWish: ReadonlyMap<Wish, readonly string[]>): Promise<void> {
    const { delivery } = this.#parts.store;
    const of = (wish: Wish): readonly string[] => byWish.get(wish) ?? [];
    for (const task of await delivery.underWay(of('missed'), quietSeconds)) this.#send(task);
    for (const task of await delivery.underWay(of('all'))) this.#send(task);
    for (const task of await delivery.claim([...byWish.values()].flat(), this.#parts.serverId)) this.#send(task);
  }

  /** Where the connection is gone the next one sends it again. */
  #send({ id, nodeId, lane, work, timeoutSeconds, beginWithinSeconds, cancel }: DeliverableTask): void {
    const connection = this.#parts.presence.connectionOf(nodeId);
    if (cancel) connection?.send({ type: 'cancel-task', id });
    else connection?.send({ type: 'task', id, lane, beginWithinSeconds, timeoutSeconds, work });
  }
}

const greater = (a: Wish | undefined, b: Wish): Wish => (a !== undefined && wishes.indexOf(a) > wishes.indexOf(b) ? a : b);
