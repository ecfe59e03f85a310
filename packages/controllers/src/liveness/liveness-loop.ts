import {
  type ChangeLine,
  type Clock,
  decideLiveness,
  type LivenessNode,
  type LivenessPlan,
  livenessLimits,
  livenessTimes,
  type Log,
  restartDelayMs,
  type RestartLine,
} from '@muster/core';
import type { AgentSubject, LivenessBrake, Store } from '@muster/store';
import type { AgentControlPort, ControlOutcome } from '../agent-control-port.ts';
import type { PresencePort } from '../health/health-loop.ts';
import { brakeEvent, givenUpEvent, heardAgainEvent, restartedEvent } from './liveness-events.ts';
import { type Stamp, StampClock } from './stamp-clock.ts';

export type LivenessLoopParts = {
  readonly store: Pick<Store, 'agents' | 'brake'>;
  readonly presence: PresencePort;
  readonly control: AgentControlPort;
  readonly clock: Clock;
  readonly log: Log;
  /** The configuration, and the heartbeat interval now in force. */
  readonly settings: () => { readonly enabled: boolean; readonly thresholdMs: number; readonly heartbeatSeconds: number };
  /** What is left of the time after the server's own start in which agents come back by themselves. */
  readonly graceLeftMs: () => number;
  /** A number from 0 to 1, another one each time. */
  readonly chance: () => number;
};

const tickMs = 1000;
/** How long a picture of the nodes is kept when nothing was done meanwhile. */
const pictureLifeMs = 5000;

type Picture = { readonly subjects: readonly AgentSubject[]; readonly brake: LivenessBrake };

/**
 * Restarts agents that are not heard. What it has done stands in the database before it is begun, so another process goes on where this
 * one was killed; what it keeps in memory are clocks that nobody can set, and which restarts of its own are under way.
 */
export class LivenessLoop {
  readonly #parts: LivenessLoopParts;
  readonly #heard = new StampClock();
  readonly #states = new StampClock();
  readonly #brakeOff = new StampClock();
  /** When the next restart of a node may be tried, by the monotonic clock, for those that this process has restarted. */
  readonly #nextTryAtMs = new Map<string, number>();
  readonly #busy = new Map<string, Promise<void>>();
  readonly #told = new Map<string, string>();
  readonly #giveUp = new AbortController();
  #picture: Picture | undefined;
  #stale = true;
  #readAtMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #tick: Promise<void> = Promise.resolve();
  #ticking = false;

  constructor(parts: LivenessLoopParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = setInterval(() => this.#run(), tickMs);
  }

  /** Ends the loop; restarts under way are given up here, and may still take place on their hosts. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#giveUp.abort(new Error('the server stops'));
    await this.#tick;
    await this.settled();
  }

  /** Something changed that decides about restarts: look at the store again before the next decision. */
  invalidate(): void {
    this.#stale = true;
  }

  /** Resolves when no restart of this process is under way. */
  async settled(): Promise<void> {
    while (this.#busy.size > 0) await Promise.all(this.#busy.values());
  }

  /** One round: observe, decide, act. It does not wait for the restarts it begins. Called by the timer; tests call it themselves. */
  async tick(): Promise<void> {
    const { subjects, brake } = await this.#read();
    const { enabled, thresholdMs, heartbeatSeconds } = this.#parts.settings();
    const times = livenessTimes(thresholdMs, heartbeatSeconds);
    const plan = decideLiveness({
      ...times,
      enabled,
      nodes: subjects.map((subject) => this.#nodeOf(subject, times.thresholdMs)),
      graceLeftMs: this.#parts.graceLeftMs(),
      brake: { isOn: brake.onSince !== null, offForMs: brake.offSince === null ? null : this.#brakeOff.ageMs('', this.#nowMs()) },
      freeSlots: livenessLimits.atOnce - this.#busy.size,
      chance: this.#parts.chance,
    });
    this.#tell(plan);
    await this.#brake(plan, brake);
    await this.#note(plan);
    await this.#restart(plan.restart);
  }

  #nowMs(): number {
    return this.#parts.clock.monotonicMs();
  }

  #run(): void {
    if (this.#ticking) return;
    this.#ticking = true;
    this.#tick = this.tick()
      .catch((error: unknown) => {
        this.#stale = true;
        this.#parts.log.warn({ error: String(error) }, 'liveness could not be decided; tried again in a second');
      })
      .finally(() => {
        this.#ticking = false;
      });
  }

  async #read(): Promise<Picture> {
    if (this.#picture !== undefined && !this.#stale && this.#nowMs() - this.#readAtMs < pictureLifeMs) return this.#picture;
    // Before the store is asked: what happens meanwhile must not be lost.
    this.#stale = false;
    const { agents, brake: brakes } = this.#parts.store;
    const [subjects, brake] = await Promise.all([agents.subjects(), brakes.read()]);
    this.#readAtMs = this.#nowMs();
    this.#heard.read(subjects.map(lastHeard), this.#readAtMs);
    this.#states.read(subjects.map(lastChanged), this.#readAtMs);
    this.#brakeOff.read([{ key: '', stamp: brake.offSince, ageMs: brake.offForMs }], this.#readAtMs);
    for (const { nodeId, state } of subjects) if (state !== 'restarting') this.#nextTryAtMs.delete(nodeId);
    this.#picture = { subjects, brake };
    return this.#picture;
  }

  #nodeOf(subject: AgentSubject, thresholdMs: number): LivenessNode {
    const { nodeId, attempts } = subject;
    const nowMs = this.#nowMs();
    const hereMs = this.#parts.presence.sinceHeardMs(nodeId);
    const ownMs = this.#nextTryAtMs.get(nodeId);
    // A clock of the database that was set back must not put a try off for longer than any try is put off.
    const keptMs = Math.min(subject.nextTryInMs ?? 0, restartDelayMs(Math.max(1, attempts), thresholdMs, 1)) - (nowMs - this.#readAtMs);
    return {
      nodeId,
      nodeName: subject.nodeName,
      registered: subject.registered,
      inMaintenance: subject.inMaintenance,
      everHeard: subject.heartbeatStamp !== null || hereMs !== null,
      silentMs: Math.min(hereMs ?? Infinity, this.#heard.ageMs(nodeId, nowMs)),
      state: subject.state,
      attempts,
      stateAgeMs: this.#states.ageMs(nodeId, nowMs),
      nextTryInMs: ownMs === undefined ? keptMs : ownMs - nowMs,
      controllable: subject.controllable,
      busy: this.#busy.has(nodeId),
    };
  }

  /** Why nothing is done about a silent agent goes to the log when it is another reason than before. */
  #tell({ left }: LivenessPlan): void {
    const now = new Set(left.map(({ nodeId }) => nodeId));
    for (const nodeId of this.#told.keys()) if (!now.has(nodeId)) this.#told.delete(nodeId);
    for (const { nodeId, nodeName, because, message } of left) {
      if (because === 'not-registered' || because === 'off' || this.#told.get(nodeId) === because) continue;
      this.#told.set(nodeId, because);
      this.#parts.log.info({ node: nodeName, because }, `an agent that is not heard is left alone: ${message}`);
    }
  }

  async #brake({ brake: verdict }: LivenessPlan, before: LivenessBrake): Promise<void> {
    const { store, log } = this.#parts;
    if (verdict.action === 'stay-off') return;
    if (verdict.action === 'hold') {
      if (before.onSince !== null && before.unheard === verdict.unheard && before.watched === verdict.watched) return;
      this.#stale = true;
      if (await store.brake.hold(verdict, brakeEvent(verdict))) log.warn({ unheard: verdict.unheard }, verdict.message);
      return;
    }
    this.#stale = true;
    this.#nextTryAtMs.clear();
    if (await store.brake.release(brakeEvent(verdict))) log.info({}, verdict.message);
  }

  /** Writes what became of agents without anything being done. */
  async #note({ recovered, startedByOthers, giveUp }: LivenessPlan): Promise<void> {
    const heard = [...recovered, ...startedByOthers];
    if (heard.length + giveUp.length === 0) return;
    this.#stale = true;
    const normal = { state: 'normal' as const, attempts: 0, message: '', nextTryInMs: null };
    const given = ({ from, message }: ChangeLine) => ({
      state: 'needs-attention' as const,
      attempts: from.attempts,
      message,
      nextTryInMs: null,
    });
    await this.#parts.store.agents.change(
      [
        ...heard.map(({ nodeId, from }) => ({ nodeId, from, to: normal })),
        ...giveUp.map((line) => ({ nodeId: line.nodeId, from: line.from, to: given(line) })),
      ],
      [...heard.map(heardAgainEvent), ...giveUp.map(givenUpEvent)],
    );
  }

  /** Counts the restarts before they begin: a server that dies here has tried. Of several servers one gets each node. */
  async #restart(lines: readonly RestartLine[]): Promise<void> {
    if (lines.length === 0 || this.#giveUp.signal.aborted) return;
    this.#stale = true;
    const begun = await this.#parts.store.agents.change(
      lines.map(({ nodeId, attempt, message, nextTryInMs }) => ({
        nodeId,
        from: { state: attempt === 1 ? ('normal' as const) : ('restarting' as const), attempts: attempt - 1 },
        to: { state: 'restarting', attempts: attempt, message, nextTryInMs },
      })),
    );
    for (const line of lines.filter(({ nodeId }) => begun.includes(nodeId))) {
      this.#nextTryAtMs.set(line.nodeId, this.#nowMs() + line.nextTryInMs);
      const done = this.#carryOut(line).finally(() => {
        this.#busy.delete(line.nodeId);
        this.#stale = true;
      });
      this.#busy.set(line.nodeId, done);
    }
  }

  async #carryOut(line: RestartLine): Promise<void> {
    const { control, log } = this.#parts;
    const fields = { node: line.nodeName, attempt: line.attempt };
    try {
      const outcome = await control.act(line, 'restart', {
        signal: this.#giveUp.signal,
        onlyIf: ({ state, attempts }) => state === 'restarting' && attempts === line.attempt,
      });
      log[outcome.ok ? 'info' : 'warn'](fields, outcome.message);
      await this.#record(line, outcome);
    } catch (error) {
      log.warn({ ...fields, error: String(error) }, 'how the restart of an agent ended could not be written');
    }
  }

  async #record(line: RestartLine, outcome: ControlOutcome): Promise<void> {
    const from = { state: 'restarting' as const, attempts: line.attempt };
    const message = outcome.ok ? `${line.message} It was restarted.` : `${line.message} ${outcome.message}`;
    await this.#parts.store.agents.change(
      [{ nodeId: line.nodeId, from, to: { ...from, message } }],
      outcome.ok ? [restartedEvent({ ...line, message })] : [],
    );
  }
}

/** A node that was never heard is silent since it enrolled. */
const lastHeard = ({ nodeId, heartbeatStamp, heartbeatAgeMs, registeredAgeMs }: AgentSubject): Stamp => ({
  key: nodeId,
  stamp: heartbeatStamp,
  ageMs: heartbeatAgeMs ?? registeredAgeMs,
});

const lastChanged = ({ nodeId, stateStamp, stateAgeMs }: AgentSubject): Stamp => ({ key: nodeId, stamp: stateStamp, ageMs: stateAgeMs });
