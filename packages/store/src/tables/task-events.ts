import type { Operation, TaskCounts, TaskState } from '@muster/api';
import type { NewEvent } from './events.ts';

/** A task that has just ended, as its event tells of it. */
export type EndedTask = {
  readonly id: string;
  readonly operationId: string;
  readonly nodeId: string;
  readonly nodeName: string;
  readonly title: string;
  readonly state: TaskState;
  readonly message: string;
  readonly exitStatus: number | null;
};

const isGood = (state: TaskState | Operation['state']): boolean => state === 'succeeded' || state === 'cancelled';

/** The event of a task's end. */
export const endOfTask = (task: EndedTask): NewEvent => ({
  kind: 'task-changed',
  severity: isGood(task.state) ? 'info' : 'warning',
  nodeId: task.nodeId,
  nodeName: task.nodeName,
  message: `${task.title} on ${task.nodeName}: ${task.state}.${task.message === '' ? '' : ` ${task.message}`}`,
  data: { operationId: task.operationId, taskId: task.id, state: task.state, exitStatus: task.exitStatus },
});

type OperationNamed = { readonly id: string; readonly title: string };

/** An event of a whole operation: about no single node. */
export const ofOperation = (
  kind: 'operation-started' | 'operation-cancelled' | 'task-changed',
  { id, title }: OperationNamed,
  what: string,
  data: Record<string, unknown> = {},
): NewEvent => ({ kind, severity: 'info', nodeId: null, nodeName: null, message: `${title}: ${what}`, data: { operationId: id, ...data } });

/** The event of an operation's end, with its tasks by state. */
export function endOfOperation({ id, title }: OperationNamed, state: Operation['state'], counts: TaskCounts): NewEvent {
  const parts = Object.entries(counts).filter(([, count]) => count > 0);
  return {
    kind: 'operation-finished',
    severity: isGood(state) ? 'info' : 'warning',
    nodeId: null,
    nodeName: null,
    message: `${title}: ${state} (${parts.map(([name, count]) => `${count} ${name}`).join(', ')}).`,
    data: { operationId: id, state, counts },
  };
}
