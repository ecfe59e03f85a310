import { noTasks, type OperationPicture, type OperationStep } from '@muster/core';
import type { RunningOperation } from '@muster/store';
import type { OperationsLoopParts } from '../src/index.ts';

/** Operations in memory, which can fail and which a test changes as it likes. */
export class FakeOperationStore {
  readonly running = new Map<string, RunningOperation>();
  readonly steps: string[] = [];
  reads = 0;
  expired: number[] = [];
  failure: Error | undefined;
  /** Another server is at these at this moment. */
  readonly locked = new Set<string>();

  put(id: string, change: Partial<OperationPicture> = {}): void {
    const before = this.running.get(id) ?? { id, batch: null, maxFail: null, cancelled: false, counts: noTasks(), held: 0 };
    this.running.set(id, { ...before, ...change });
  }

  readonly store = {
    operations: {
      running: async () => {
        this.reads += 1;
        await Promise.resolve();
        if (this.failure !== undefined) throw this.failure;
        return [...this.running.values()];
      },
      advance: async (id: string, decide: (picture: OperationPicture) => OperationStep): Promise<OperationStep> => {
        await Promise.resolve();
        const picture = this.running.get(id);
        if (picture === undefined || this.locked.has(id)) return { do: 'wait' };
        const step = decide(picture);
        this.steps.push(`${id} ${step.do}`);
        if (step.do === 'finish') this.running.delete(id);
        if (step.do === 'release') this.put(id, { held: picture.held - step.count });
        return step;
      },
    },
    delivery: { expire: async () => Promise.resolve(this.expired.shift() ?? 0) },
  } as unknown as OperationsLoopParts['store'];
}
