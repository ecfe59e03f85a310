import { setTimeout as sleep } from 'node:timers/promises';
import type { Client, Operation, Task } from '@muster/api';

const lookMs = 400;
const page = 1000;

/** Waits until an operation has finished. @throws the signal's reason when it is aborted: the operation goes on */
export async function finishedOperation(client: Client, id: string, signal: AbortSignal): Promise<Operation> {
  for (;;) {
    const operation = await client.getOperation({ params: { id } });
    if (operation.state !== 'running') return operation;
    await sleep(lookMs, undefined, { signal });
  }
}

/** All tasks of an operation, in the order of its nodes. */
export async function tasksOf(client: Client, id: string): Promise<Task[]> {
  const tasks: Task[] = [];
  for (;;) {
    const { items, total } = await client.listOperationTasks({ params: { id }, query: { limit: page, offset: tasks.length } });
    tasks.push(...items);
    if (items.length === 0 || tasks.length >= total) return tasks;
  }
}
