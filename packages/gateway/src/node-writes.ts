import type { Log } from '@muster/core';
import { untilStoreIsBack } from './until-store-is-back.ts';

/**
 * What has to be written about nodes that no session waits for. The writes of one node follow each other, so that the last one
 * says what holds; while the database is away they wait.
 */
export class NodeWrites {
  readonly #log: Log;
  readonly #last = new Map<string, Promise<void>>();
  readonly #giveUp = new AbortController();

  constructor(log: Log) {
    this.#log = log;
  }

  /** Writes after everything that waits for the same node. The write must bear repetition. */
  add(node: { readonly nodeId: string; readonly nodeName: string }, what: string, write: () => Promise<void>): void {
    if (this.#giveUp.signal.aborted) return;
    const { nodeId, nodeName } = node;
    const before = this.#last.get(nodeId) ?? Promise.resolve();
    const mine = before
      .then(() => untilStoreIsBack(write, this.#giveUp.signal))
      .catch((error: unknown) =>
        this.#log.error({ node: nodeName, what, error: String(error) }, 'the state of a node could not be written'),
      )
      .finally(() => {
        if (this.#last.get(nodeId) === mine) this.#last.delete(nodeId);
      });
    this.#last.set(nodeId, mine);
  }

  /** Resolves when nothing waits any more. */
  async settled(): Promise<void> {
    while (this.#last.size > 0) await Promise.all(this.#last.values());
  }

  /** Gives up what cannot be written now, and takes nothing more. */
  abandon(): void {
    this.#giveUp.abort();
  }
}
