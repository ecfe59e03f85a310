import { z } from 'zod';
import { Operation, OperationCreate, OperationList, OperationResult, TaskList, TaskOutput, TaskState } from '../../operation/operation.ts';
import { idParams, nodeParams, page, type Route } from '../route.ts';

export const OperationQuery = z.strictObject({
  /** Only operations that have a task on this node (id or name). */
  node: z.string().optional(),
  state: z.enum(['running', 'succeeded', 'failed', 'cancelled']).optional(),
  ...page,
});
export type OperationQuery = z.input<typeof OperationQuery>;

export const TaskQuery = z.strictObject({ state: TaskState.optional(), ...page });
export type TaskQuery = z.input<typeof TaskQuery>;

/** What is asked of many nodes at once, and how it fares on each. */
export const operationRoutes = {
  startOperation: {
    method: 'POST',
    path: '/operations',
    access: 'operator',
    body: OperationCreate,
    response: Operation,
    status: 201,
    summary: 'Ask something of the nodes of a range; durable before it is answered',
  },
  listOperations: {
    method: 'GET',
    path: '/operations',
    access: 'viewer',
    query: OperationQuery,
    response: OperationList,
    status: 200,
    summary: 'Operations, newest first',
  },
  getOperation: {
    method: 'GET',
    path: '/operations/{id}',
    access: 'viewer',
    params: idParams,
    response: Operation,
    status: 200,
    summary: 'One operation with the number of its tasks by state',
  },
  listOperationTasks: {
    method: 'GET',
    path: '/operations/{id}/tasks',
    access: 'viewer',
    params: idParams,
    query: TaskQuery,
    response: TaskList,
    status: 200,
    summary: 'The tasks of an operation, in the order of its nodes',
  },
  listOperationResults: {
    method: 'GET',
    path: '/operations/{id}/results',
    access: 'viewer',
    params: idParams,
    response: z.object({ items: z.array(OperationResult) }),
    status: 200,
    summary: 'The results of an operation, nodes with the same one folded together',
  },
  cancelOperation: {
    method: 'POST',
    path: '/operations/{id}/cancel',
    access: 'operator',
    params: idParams,
    response: Operation,
    status: 200,
    summary: 'Cancel what has not begun, and ask the nodes to end what has',
  },
  listNodeTasks: {
    method: 'GET',
    path: '/nodes/{node}/tasks',
    access: 'viewer',
    params: nodeParams,
    query: TaskQuery,
    response: TaskList,
    status: 200,
    summary: 'The tasks of a node, newest first',
  },
  getTaskOutput: {
    method: 'GET',
    path: '/tasks/{id}/output',
    access: 'viewer',
    params: idParams,
    response: TaskOutput,
    status: 200,
    summary: 'What a task printed, as far as it is kept',
  },
} as const satisfies Record<string, Route>;
