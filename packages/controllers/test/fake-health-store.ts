import type { Clock } from '@muster/core';
import type { HealthChange, HealthSubject, HealthTable, NewEvent } from '@muster/store';

/** What a test says of a node; the rest is that of a registered, good one. */
type FakeNode = Partial<Omit<HealthSubject, 'nodeId' | 'nodeName' | 'heartbeatAgeMs'>> & {
  /** When the database last saw a heartbeat, by the fake clock. */
  readonly heardAtMs?: number | null;
};

/** A health table in memory that remembers what was read and written, and fails while told to. */
export class FakeHealthStore {
  /** Set to make every call fail. */
  failure: Error | undefined;
  reads = 0;
  readonly saves: { readonly changes: readonly HealthChange[]; readonly events: readonly NewEvent[] }[] = [];
  /** Called while the nodes are being read, for what happens meanwhile. */
  duringRead: () => void = () => undefined;
  readonly #clock: Clock;
  readonly #nodes = new Map<string, FakeNode>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Adds a node, or changes one. Its id is its name. */
  put(name: string, node: FakeNode = {}): void {
    this.#nodes.set(name, { ...this.#nodes.get(name), ...node });
  }

  remove(name: string): void {
    this.#nodes.delete(name);
  }

  stateOf(name: string): string | undefined {
    return this.#nodes.get(name)?.state;
  }

  /** Messages of all events that were written, in order. */
  get messages(): string[] {
    return this.saves.flatMap(({ events }) => events.map((event) => event.message));
  }

  readonly health: HealthTable = {
    subjects: async () => {
      this.reads += 1;
      const found = [...this.#nodes].map(([name, node]) => this.#subjectOf(name, node));
      await Promise.resolve();
      this.duringRead();
      if (this.failure !== undefined) throw this.failure;
      return found;
    },
    save: async (changes, events = []) => {
      await Promise.resolve();
      if (this.failure !== undefined) throw this.failure;
      this.saves.push({ changes, events });
      const known = changes.filter(({ nodeId }) => this.#nodes.has(nodeId));
      for (const { nodeId, state, reasons } of known) this.put(nodeId, { state, reasons: [...reasons] });
      return known.map(({ nodeId }) => nodeId);
    },
  };

  #subjectOf(name: string, { heardAtMs = null, ...node }: FakeNode): HealthSubject {
    return {
      nodeId: name,
      nodeName: name,
      registered: true,
      stoppedServices: [],
      services: { available: true, services: [] },
      certificate: null,
      state: 'good',
      reasons: [],
      maintenance: null,
      ...node,
      heartbeatAgeMs: heardAtMs === null ? null : this.#clock.monotonicMs() - heardAtMs,
    };
  }
}
