import type { Connection } from '@muster/ssh';
import type { Run } from '../engine/phase.ts';
import type { ClusterHost } from '../host/cluster.ts';
import { type K3sNode, NodeWatch } from './node-watch.ts';

/** What the servers of k3s that stay say of their nodes; `unanswered`: why nobody says anything. */
export type Answer = { readonly nodes: ReadonlyMap<string, K3sNode>; readonly unanswered?: string };

/** The servers of k3s that stay while others leave. They may be down: nothing of a reset depends on them. */
export class RemainingK3s {
  readonly #servers: readonly ClusterHost[];
  readonly #run: Pick<Run, 'connect' | 'signal'>;
  readonly #connections: Connection[] = [];
  #answer: Promise<Answer> | undefined;
  #api: Connection | undefined;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(servers: readonly ClusterHost[], run: Pick<Run, 'connect' | 'signal'>) {
    this.#servers = servers;
    this.#run = run;
  }

  /** The server that answers. Only after `ask` has found one. */
  get api(): Connection | undefined {
    return this.#api;
  }

  /** Asks the servers one after the other until one answers; once for all hosts. Never rejects. */
  ask(): Promise<Answer> {
    this.#answer ??= this.#first();
    return this.#answer;
  }

  /** What the server that answered says now: while machines leave, what it said before is no longer so. Never rejects. */
  async askAgain(): Promise<Answer> {
    if (this.#api === undefined) return await this.ask();
    try {
      return { nodes: await new NodeWatch(this.#api, this.#run.signal).nodes() };
    } catch (error) {
      return { nodes: new Map(), unanswered: reasonOf(error) };
    }
  }

  /** Does something when whatever was given before has ended: servers leave one after the other, agents do not wait for them. */
  inTurn(work: () => Promise<void>): Promise<void> {
    const turn = this.#queue.then(work);
    this.#queue = turn.catch(() => undefined);
    return turn;
  }

  async #first(): Promise<Answer> {
    let why = 'no server stays';
    for (const server of this.#servers) {
      try {
        const connection = await this.#run.connect(server);
        this.#connections.push(connection);
        const nodes = await new NodeWatch(connection, this.#run.signal).nodes();
        this.#api = connection;
        return { nodes };
      } catch (error) {
        why = reasonOf(error);
      }
    }
    return { nodes: new Map(), unanswered: why };
  }

  async close(): Promise<void> {
    await this.#answer;
    await Promise.all(this.#connections.map((connection) => connection.close()));
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
