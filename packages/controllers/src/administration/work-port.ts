import type { Store } from '@muster/store';

/** Somebody who knows of work on nodes: Muster's own tasks, or later the jobs of a queue. A drain waits until none of them knows of any. */
export type WorkPort = {
  /** What still runs or waits on these nodes, in words, by the node's id; nodes without any may be missing. */
  workOn(nodeIds: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>>;
};

/** Muster's own tasks, those that wait for the node among them: they were asked for before it was drained, and are to be done. */
export const tasksAsWork = (store: Pick<Store, 'administration'>): WorkPort => ({
  workOn: async (nodeIds) => {
    const counts = await store.administration.openTasks(nodeIds);
    return new Map([...counts].map(([nodeId, count]) => [nodeId, [count === 1 ? '1 task' : `${count} tasks`]]));
  },
});
