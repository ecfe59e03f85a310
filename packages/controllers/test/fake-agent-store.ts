import type { AgentChange, AgentSubject, LivenessBrake, LivenessBrakeTable, NewEvent, NodeAgentTable } from '@muster/store';
import type { FakeClock } from '@muster/testkit';

/** What a test says of a node; the rest is that of a registered one that can be restarted. */
type FakeNode = Partial<Omit<AgentSubject, 'nodeId' | 'nodeName'>>;
type Kept = FakeNode & { heardAtMs: number | null; sinceMs: number | null; nextTryAtMs: number | null; message: string };

const fresh: Kept = { heardAtMs: null, sinceMs: null, nextTryAtMs: null, message: '' };

/**
 * The tables of agents and of the brake in memory, with a database's clock of their own that a test can set. They compare before they
 * change, as the real ones do, and fail while told to.
 */
export class FakeAgentStore {
  /** Set to make every call fail. */
  failure: Error | undefined;
  reads = 0;
  readonly events: NewEvent[] = [];
  /** How far the database's clock has been set from the one that runs through. */
  dbClockSetMs = 0;
  readonly #clock: FakeClock;
  readonly #nodes = new Map<string, Kept>();
  #brake: { onSinceMs: number | null; offSinceMs: number | null; message: string; unheard: number; watched: number } = {
    onSinceMs: null,
    offSinceMs: null,
    message: '',
    unheard: 0,
    watched: 0,
  };

  constructor(clock: FakeClock) {
    this.#clock = clock;
  }

  /** Adds a node, or changes one. Its id is its name. */
  put(name: string, node: FakeNode = {}): void {
    this.#nodes.set(name, { ...fresh, ...this.#nodes.get(name), ...node });
  }

  remove(name: string): void {
    this.#nodes.delete(name);
  }

  /** A server writes a heartbeat of the node now, by the database's clock. */
  hear(...names: readonly string[]): void {
    for (const name of names) this.#nodes.set(name, { ...fresh, ...this.#nodes.get(name), heardAtMs: this.#now });
  }

  /** The node's last heartbeat was so long ago. */
  heardBefore(name: string, milliseconds: number): void {
    this.#nodes.set(name, { ...fresh, ...this.#nodes.get(name), heardAtMs: this.#now - milliseconds });
  }

  agentOf(name: string): { state: string; attempts: number; message: string } {
    const { state = 'normal', attempts = 0, message = '' } = this.#nodes.get(name) ?? {};
    return { state, attempts, message };
  }

  messages(kind: NewEvent['kind']): string[] {
    return this.events.filter((event) => event.kind === kind).map(({ message }) => message);
  }

  get isBraked(): boolean {
    return this.#brake.onSinceMs !== null;
  }

  readonly agents: NodeAgentTable = {
    subjects: async () => {
      this.reads += 1;
      await this.#answer();
      return [...this.#nodes].map(([name, node]) => this.#subjectOf(name, node));
    },
    change: async (changes, events = []) => {
      await this.#answer();
      const made = changes.filter((change) => this.#make(change)).map(({ nodeId }) => nodeId);
      this.events.push(...events.filter(({ nodeId }) => nodeId !== null && made.includes(nodeId)));
      return made;
    },
    mark: async (nodeId, state, message, events = []) => {
      await this.#answer();
      const before = this.agentOf(nodeId).state as AgentSubject['state'];
      this.put(nodeId, { state, attempts: 0 });
      Object.assign(this.#nodes.get(nodeId) ?? {}, { message, sinceMs: this.#now, nextTryAtMs: null });
      this.events.push(...events);
      return before;
    },
    countByState: async () => ({ stopped: 0, restarting: 0, 'needs-attention': 0 }),
  };

  readonly brake: LivenessBrakeTable = {
    read: async (): Promise<LivenessBrake> => {
      await this.#answer();
      const { onSinceMs, offSinceMs, ...rest } = this.#brake;
      const offForMs = offSinceMs === null ? null : Math.max(0, this.#now - offSinceMs);
      return { ...rest, onSince: iso(onSinceMs), offSince: iso(offSinceMs), offForMs };
    },
    hold: async (reason, event) => {
      await this.#answer();
      const wasOff = this.#brake.onSinceMs === null;
      this.#brake = { ...this.#brake, ...reason, onSinceMs: this.#brake.onSinceMs ?? this.#now };
      if (wasOff) this.events.push(event);
      return wasOff;
    },
    release: async (event) => {
      await this.#answer();
      if (this.#brake.onSinceMs === null) return false;
      this.#brake = { ...this.#brake, onSinceMs: null, offSinceMs: this.#now, unheard: 0 };
      for (const [name, node] of this.#nodes) {
        if (node.state === 'restarting') this.#nodes.set(name, { ...node, state: 'normal', attempts: 0, message: '', nextTryAtMs: null });
      }
      this.events.push(event);
      return true;
    },
  };

  get #now(): number {
    return this.#clock.monotonicMs() + this.dbClockSetMs;
  }

  async #answer(): Promise<void> {
    await Promise.resolve();
    if (this.failure !== undefined) throw this.failure;
  }

  #make({ nodeId, from, to }: AgentChange): boolean {
    const node = this.#nodes.get(nodeId);
    if (node === undefined || (node.state ?? 'normal') !== from.state || (node.attempts ?? 0) !== from.attempts) return false;
    const { nextTryInMs, ...rest } = to;
    const nextTryAtMs = nextTryInMs === undefined ? node.nextTryAtMs : nextTryInMs === null ? null : this.#now + nextTryInMs;
    const sinceMs = node.state === to.state ? node.sinceMs : this.#now;
    this.#nodes.set(nodeId, { ...node, ...rest, nextTryAtMs, sinceMs });
    return true;
  }

  #subjectOf(name: string, kept: Kept): AgentSubject {
    const { heardAtMs, sinceMs, nextTryAtMs, message: _message, ...node } = kept;
    return {
      nodeId: name,
      nodeName: name,
      registered: true,
      registeredAgeMs: 86_400_000,
      inMaintenance: false,
      state: 'normal',
      attempts: 0,
      controllable: true,
      ...node,
      heartbeatStamp: iso(heardAtMs),
      heartbeatAgeMs: heardAtMs === null ? null : Math.max(0, this.#now - heardAtMs),
      stateStamp: iso(sinceMs),
      stateAgeMs: sinceMs === null ? null : Math.max(0, this.#now - sinceMs),
      nextTryInMs: nextTryAtMs === null ? null : nextTryAtMs - this.#now,
    };
  }
}

const iso = (ms: number | null): string | null => (ms === null ? null : `at ${ms}`);
