import { ServiceAction } from '@muster/api';
import type { Clock, Log } from '@muster/core';
import type { NodeAgentTable, ServerTask, TaskDeliveryTable } from '@muster/store';
import type { AgentControlPort, ControlOutcome } from '../agent-control-port.ts';
import { doneEvent, stoppedMessage } from './agent-task-events.ts';

export type AgentTaskLoopParts = {
  readonly store: {
    readonly delivery: Pick<TaskDeliveryTable, 'claimForServer' | 'record'>;
    readonly agents: Pick<NodeAgentTable, 'mark'>;
  };
  readonly control: AgentControlPort;
  readonly serverId: string;
  readonly clock: Clock;
  readonly log: Log;
};

const lookMs = 200;
/** In case that an event was lost, and for tasks whose batch comes up. */
const idleMs = 1000;
/** Hosts that are logged in to at the same time. */
const atOnce = 20;

type Outcome = { readonly outcome: 'succeeded' | 'failed' | 'unknown' | 'cancelled'; readonly message: string };

/**
 * Does the tasks of kind `agent`: starts, stops and restarts agents over SSH, on many hosts at once, a slow one holding up nobody. Each
 * was claimed in the database first, by one server; when that one dies with it, it ends as `unknown` and is not done again.
 */
export class AgentTaskLoop {
  readonly #parts: AgentTaskLoopParts;
  readonly #underWay = new Set<Promise<void>>();
  readonly #giveUp = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #tick: Promise<void> = Promise.resolve();
  #ticking = false;
  #stale = true;
  #lastMs: number;

  constructor(parts: AgentTaskLoopParts) {
    this.#parts = parts;
    this.#lastMs = parts.clock.monotonicMs();
  }

  start(): void {
    this.#timer = setInterval(() => this.#look(), lookMs);
  }

  /** Ends the loop. What is under way is given up, and written down as not known. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#giveUp.abort(new Error('the server stops'));
    await this.#tick;
    await this.settled();
  }

  /** Something about operations changed. */
  invalidate(): void {
    this.#stale = true;
  }

  /** Resolves when nothing is under way. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** One round: claims what there is room for and begins it. It does not wait for the end. Called by the timer; tests call it themselves. */
  async tick(): Promise<void> {
    const room = atOnce - this.#underWay.size;
    if (room <= 0 || this.#giveUp.signal.aborted) return;
    const { store, serverId } = this.#parts;
    for (const task of await store.delivery.claimForServer('agent', serverId, room)) {
      const done = this.#carryOut(task).finally(() => {
        this.#underWay.delete(done);
        this.#stale = true;
      });
      this.#underWay.add(done);
    }
  }

  #look(): void {
    const { clock, log } = this.#parts;
    if (this.#ticking || !(this.#stale || clock.monotonicMs() - this.#lastMs >= idleMs)) return;
    // Before the store is asked: an event that comes meanwhile must not be lost.
    [this.#stale, this.#ticking, this.#lastMs] = [false, true, clock.monotonicMs()];
    this.#tick = this.tick()
      .catch((error: unknown) => log.warn({ error: String(error) }, 'tasks about agents could not be claimed; tried again in a second'))
      .finally(() => {
        this.#ticking = false;
      });
  }

  /** Never rejects. */
  async #carryOut(task: ServerTask): Promise<void> {
    const { store, clock, log } = this.#parts;
    const startedMs = clock.monotonicMs();
    try {
      const result = await this.#done(task);
      await store.delivery.record(task.nodeId, {
        id: task.id,
        ...result,
        exitStatus: null,
        output: '',
        truncated: false,
        durationMs: clock.monotonicMs() - startedMs,
      });
    } catch (error) {
      log.warn({ node: task.nodeName, task: task.id, error: String(error) }, 'how a task about an agent ended could not be written');
    }
  }

  async #done(task: ServerTask): Promise<Outcome> {
    if (task.cancel) return { outcome: 'cancelled', message: 'Cancelled before it began.' };
    const action = ServiceAction.safeParse(task.work['action']);
    if (!action.success) return { outcome: 'failed', message: 'This server does not know what is asked of the agent.' };
    return outcomeOf(await (action.data === 'stop' ? this.#stop(task) : this.#start(task, action.data)));
  }

  /**
   * That the stop is meant is written before it is ordered: whatever dies in between, nobody starts the agent again. Where it certainly
   * did not take place, that is taken back.
   */
  async #stop(task: ServerTask): Promise<ControlOutcome> {
    const { agents } = this.#parts.store;
    const before = await agents.mark(task.nodeId, 'stopped', stoppedMessage(task));
    const outcome = await this.#order(task, 'stop');
    if (outcome.ok) await agents.mark(task.nodeId, 'stopped', stoppedMessage(task), [doneEvent(task, 'stop')]);
    else if (outcome.why !== 'unknown' && before !== 'stopped')
      await agents.mark(task.nodeId, before === 'restarting' ? 'normal' : before, '');
    return outcome;
  }

  /** That it is to run is written once it does: a start that has failed leaves an agent that was stopped as it was. */
  async #start(task: ServerTask, action: 'start' | 'restart'): Promise<ControlOutcome> {
    const outcome = await this.#order(task, action);
    if (outcome.ok) await this.#parts.store.agents.mark(task.nodeId, 'normal', '', [doneEvent(task, action)]);
    return outcome;
  }

  #order({ nodeId, nodeName }: ServerTask, action: ServiceAction): Promise<ControlOutcome> {
    return this.#parts.control.act({ nodeId, nodeName }, action, { signal: this.#giveUp.signal });
  }
}

function outcomeOf(outcome: ControlOutcome): Outcome {
  if (outcome.ok) return { outcome: 'succeeded', message: outcome.message };
  const message = `${outcome.message} By hand: ${outcome.byHand}`;
  return { outcome: outcome.why === 'unknown' ? 'unknown' : 'failed', message };
}
