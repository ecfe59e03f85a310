import type { AgentMessage, ServerMessage, TaskLane, TaskMessage } from '@muster/api/agent';
import { messageOf } from '../agent-error.ts';
import type { Clock } from '../clock.ts';
import type { Log } from '../log.ts';
import { ResultTeller } from './result-teller.ts';
import { runHandler } from './run-handler.ts';
import type { EndReason, HandlerResult, TaskHandler, TaskHandlers } from './task-handler.ts';
import type { BegunTask, TaskJournal } from './task-journal.ts';

export type TaskRunnerParts = {
  readonly clock: Clock;
  readonly log: Log;
  readonly journal: TaskJournal;
  readonly handlers: TaskHandlers;
  /** False when there is no connection. */
  readonly send: (message: AgentMessage) => boolean;
};

/** A task in its lane. */
type Queued = {
  readonly task: BegunTask;
  /** Monotonic: what has not begun by then is not begun. */
  readonly beginByMs: number;
  readonly end: AbortController;
};

/** Tasks of one lane: the one that is being done, and those behind it. */
type Lane = { current: Queued | undefined; readonly waiting: Queued[]; done: Promise<void> };

/** A stop of the agent waits so long for what is being ended. */
const stopLimitMs = 6_000;
const longestMessage = 1000;

/**
 * Does the tasks of this node: in each lane one at a time, in the order in which they came, each at most once whatever is lost, doubled or
 * cut off. A task that fails, hangs or is nonsense never holds up the ones behind it.
 */
export class TaskRunner {
  readonly #parts: TaskRunnerParts;
  readonly #teller: ResultTeller;
  readonly #lanes = new Map<TaskLane, Lane>();
  #stopping = false;

  constructor(parts: TaskRunnerParts) {
    this.#parts = parts;
    this.#teller = new ResultTeller(parts);
  }

  /** Before the first connection: what a crash cut off is begun anew where it may be, and otherwise `unknown`. */
  async recover(): Promise<void> {
    const { journal, handlers, log } = this.#parts;
    for (const id of journal.untold()) this.#teller.tell(id);
    const lost = journal.begun().filter(({ task }) => {
      if (task === undefined || own(handlers, task.work.kind)?.repeatable !== true) return true;
      log.info('a task that was cut off is begun anew', { task: task.id, kind: task.work.kind });
      this.#enqueue(task, Infinity);
      return false;
    });
    for (const { id, task } of lost) await this.#lost(id, task);
  }

  /** Takes what the server says about tasks; every other message is passed over. */
  received(message: ServerMessage): void {
    if (message.type === 'task') this.#take(message);
    else if (message.type === 'cancel-task') void this.#cancel(message.id);
    else if (message.type === 'task-recorded') void this.#recorded(message.id);
  }

  /** The server that is listening now hears what is under way and how the rest ended. */
  welcomed(): void {
    for (const { id } of this.#parts.journal.begun()) this.#parts.send({ type: 'task-taken', id });
    this.#teller.welcomed();
  }

  /** Ends what is under way, and waits some seconds for that. What may be repeated is left as begun, for the next start. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#teller.stop();
    const lanes = [...this.#lanes.values()];
    for (const { current } of lanes) current?.end.abort('agent-stops' satisfies EndReason);
    const { promise: late, resolve } = Promise.withResolvers<void>();
    const cancel = this.#parts.clock.after(stopLimitMs, resolve);
    await Promise.race([Promise.all(lanes.map((lane) => lane.done)), late]);
    cancel();
  }

  #take({ id, lane, beginWithinSeconds, timeoutSeconds, work }: TaskMessage): void {
    const { journal, clock, send } = this.#parts;
    const state = journal.stateOf(id);
    if (state === 'begun') send({ type: 'task-taken', id });
    else if (state !== undefined) this.#teller.tell(id);
    else if (!this.#has(id) && !this.#stopping)
      this.#enqueue({ id, lane, timeoutSeconds, work }, clock.monotonicMs() + beginWithinSeconds * 1000);
  }

  #has(id: string): boolean {
    return [...this.#lanes.values()].some(({ current, waiting }) => [current, ...waiting].some((one) => one?.task.id === id));
  }

  /** What runs is told to end, what waits is forgotten, and what never came is noted, so that it is not begun when it comes late. */
  async #cancel(id: string): Promise<void> {
    for (const { current, waiting } of this.#lanes.values()) {
      if (current?.task.id === id) return current.end.abort('cancelled' satisfies EndReason);
      const at = waiting.findIndex((one) => one.task.id === id);
      if (at >= 0) waiting.splice(at, 1);
    }
    const state = this.#parts.journal.stateOf(id);
    if (state === undefined) await this.#ended(id, notBegun('cancelled'), null);
    else if (state !== 'begun') this.#teller.tell(id);
  }

  async #recorded(id: string): Promise<void> {
    const { journal, log } = this.#parts;
    this.#teller.recorded(id);
    // Where that fails it is told once more after the next start, and no harm is done.
    await journal.told(id).catch((error: unknown) => log.warn('the journal of tasks could not be written', { reason: messageOf(error) }));
  }

  #enqueue(task: BegunTask, beginByMs: number): void {
    const lane: Lane = this.#lanes.get(task.lane) ?? { current: undefined, waiting: [], done: Promise.resolve() };
    this.#lanes.set(task.lane, lane);
    lane.waiting.push({ task, beginByMs, end: new AbortController() });
    if (lane.current === undefined) lane.done = this.#work(lane);
  }

  async #work(lane: Lane): Promise<void> {
    while (!this.#stopping) {
      const next = lane.waiting.shift();
      lane.current = next;
      if (next === undefined) return;
      await this.#do(next).catch((error: unknown) =>
        this.#parts.log.error('a task could not be handled', { task: next.task.id, reason: messageOf(error) }),
      );
    }
  }

  async #do({ task, beginByMs, end }: Queued): Promise<void> {
    const { clock, send, handlers } = this.#parts;
    const { id } = task;
    if (clock.monotonicMs() >= beginByMs) return this.#ended(id, notBegun('expired'), null);
    const handler = own(handlers, task.work.kind);
    if (handler === undefined) return this.#ended(id, unknownKind(task), null);
    const problem = await this.#noteBeginning(task);
    if (problem !== undefined) return this.#ended(id, problem, null);
    send({ type: 'task-taken', id });
    const startedMs = clock.monotonicMs();
    const result = await runHandler(clock, handler, task, end);
    if (this.#stopping && handler.repeatable) return;
    await this.#ended(id, result, clock.monotonicMs() - startedMs);
  }

  /** Writes down that the task begins; what must not begin because that failed is returned as its result. */
  async #noteBeginning(task: BegunTask): Promise<HandlerResult | undefined> {
    const { journal, log } = this.#parts;
    if (journal.stateOf(task.id) === 'begun') return undefined;
    try {
      await journal.begin(task);
      return undefined;
    } catch (error) {
      log.error('a task is not begun because the journal cannot be written', { task: task.id, reason: messageOf(error) });
      return { outcome: 'failed', message: `Not begun: the agent cannot write its journal (${messageOf(error)}).` };
    }
  }

  async #lost(id: string, task: BegunTask | undefined): Promise<void> {
    const { handlers, log } = this.#parts;
    log.warn('a task was cut off by the end of the agent; it is not done again', { task: id, kind: task?.work.kind });
    const handler = task && own(handlers, task.work.kind);
    await handler
      ?.cleanUp?.(id)
      .catch((error: unknown) => log.warn('what is left of a task could not be ended', { task: id, reason: messageOf(error) }));
    const message = 'The agent ended while it ran. It may or may not have taken place; it is not repeated.';
    await this.#ended(id, { outcome: 'unknown', message }, null);
  }

  /** Writes the result down, then tells it. Where it cannot be written it is told all the same: better than not to know. */
  async #ended(id: string, result: HandlerResult, durationMs: number | null): Promise<void> {
    const { journal, log } = this.#parts;
    const { outcome, message, exitStatus = null, output = '', truncated = false } = result;
    await journal
      .end(id, { outcome, message: message.slice(0, longestMessage), exitStatus, output, truncated, durationMs })
      .catch((error: unknown) => log.error('the result of a task could not be written down', { task: id, reason: messageOf(error) }));
    log.info('task ended', { task: id, outcome, exitStatus: exitStatus ?? undefined });
    this.#teller.tell(id);
  }
}

/** A kind that the table itself has: one may be called `constructor`. */
const own = (handlers: TaskHandlers, kind: string): TaskHandler | undefined => (Object.hasOwn(handlers, kind) ? handlers[kind] : undefined);

const notBegun = (outcome: 'cancelled' | 'expired'): HandlerResult => ({
  outcome,
  message: outcome === 'cancelled' ? 'Cancelled before it began.' : 'Not begun in time.',
});

const unknownKind = ({ work }: BegunTask): HandlerResult => ({
  outcome: 'failed',
  message: `This agent knows no tasks of the kind ${JSON.stringify(work.kind.slice(0, 40))}; it may be older than the server.`,
});
