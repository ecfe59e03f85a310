import type { NodeAgent, ServiceAction } from '@muster/api';
import type { AgentControlPort, ControlOptions, ControlOutcome } from '../src/index.ts';
import type { FakeAgentStore } from './fake-agent-store.ts';

/** Orders to agents, as they were given; how they end is in a test's hand. */
export class FakeAgentControl implements AgentControlPort {
  readonly orders: string[] = [];
  /** Nodes whose orders do not end until `finish`. */
  readonly slow = new Set<string>();
  /** What is answered for a node in place of success. */
  readonly outcomes = new Map<string, ControlOutcome>();
  /** Called when an order takes place on a host. */
  onOrder: (nodeName: string, action: ServiceAction) => void = () => undefined;
  atOnce = 0;
  mostAtOnce = 0;
  readonly #store: FakeAgentStore;
  readonly #waiting = new Map<string, () => void>();

  constructor(store: FakeAgentStore) {
    this.#store = store;
  }

  finish(nodeName: string): void {
    this.slow.delete(nodeName);
    this.#waiting.get(nodeName)?.();
  }

  async act({ nodeName }: { nodeName: string }, action: ServiceAction, { signal, onlyIf }: ControlOptions): Promise<ControlOutcome> {
    this.atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
    try {
      if (this.slow.has(nodeName)) await this.#wait(nodeName, signal);
      if (signal.aborted) return { ok: false, why: 'unknown', message: 'the server stops', byHand: '' };
      const agent = this.#store.agentOf(nodeName) as Pick<NodeAgent, 'state' | 'attempts' | 'message'>;
      if (onlyIf?.({ ...agent, since: null }) === false)
        return { ok: false, why: 'not-wanted', message: 'not wanted any more', byHand: '' };
      this.orders.push(`${action} ${nodeName}`);
      this.onOrder(nodeName, action);
      return this.outcomes.get(nodeName) ?? { ok: true, message: `${action}: done` };
    } finally {
      this.atOnce -= 1;
    }
  }

  #wait(nodeName: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.set(nodeName, resolve);
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
}
