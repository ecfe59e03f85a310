import type { ServerTask, TaskDeliveryTable, TaskResult } from '@muster/store';

/** Tasks for the server, and what was written of their ends. */
export class FakeDelivery implements Pick<TaskDeliveryTable, 'claimForServer' | 'record'> {
  /** Set to make every call fail. */
  failure: Error | undefined;
  readonly results = new Map<string, TaskResult>();
  readonly claims: number[] = [];
  readonly #waiting: ServerTask[] = [];
  #made = 0;

  /** A task of a node; returns its id. */
  add(nodeName: string, action: unknown, change: Partial<ServerTask> = {}): string {
    this.#made += 1;
    const id = `task ${this.#made}`;
    const work = { kind: 'agent', action };
    this.#waiting.push({
      id,
      nodeId: nodeName,
      nodeName,
      lane: 'control',
      work,
      timeoutSeconds: 60,
      beginWithinSeconds: 3600,
      cancel: false,
      requestedBy: 'alice',
      ...change,
    });
    return id;
  }

  readonly claimForServer: TaskDeliveryTable['claimForServer'] = async (_kind, _serverId, limit) => {
    await this.#answer();
    this.claims.push(limit);
    return this.#waiting.splice(0, limit);
  };

  readonly record: TaskDeliveryTable['record'] = async (_nodeId, result) => {
    await this.#answer();
    this.results.set(result.id, result);
    return 'recorded';
  };

  async #answer(): Promise<void> {
    await Promise.resolve();
    if (this.failure !== undefined) throw this.failure;
  }
}
