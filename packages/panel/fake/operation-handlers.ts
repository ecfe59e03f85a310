import { problem, type Operation, type OperationResult, type OperationSpec, type TaskState } from '@muster/api';
import { foldNames, type NodeAction } from '@muster/core';
import { findNode, type Call, type FakeHandlers } from './call.ts';
import { makeOperation, tally } from './fake-operations.ts';
import { admit } from './node-handlers.ts';
import { nodesOfRange } from './range.ts';
import type { FakeTask, FakeWorld } from './world.ts';

function actionOf(spec: OperationSpec): NodeAction {
  if (spec.kind === 'environment') return 'sync-environments';
  return spec.kind === 'agent' ? (`${spec.action}-agent` as const) : spec.kind;
}

function start(world: FakeWorld, { body }: Call): Operation {
  const { spec, range, batch, maxFail } = body as { spec: OperationSpec; range: string; batch?: number; maxFail?: number };
  const nodes = nodesOfRange(world, range);
  admit(world, actionOf(spec), nodes);
  const made = makeOperation(
    100 + world.operations.length,
    spec,
    nodes.map(({ node }) => node),
    Date.now(),
  );
  const operation = { ...made.operation, batch: batch ?? null, maxFail: maxFail ?? null };
  world.operations.push(operation);
  world.tasks.push(...made.tasks);
  return operation;
}

const tasksOf = (world: FakeWorld, id: string | undefined): FakeTask[] => world.tasks.filter(({ task }) => task.operationId === id);

/** The operation as its tasks stand now. */
function current(world: FakeWorld, id: string | undefined): Operation {
  const at = world.operations.findIndex((one) => one.id === id);
  const found = world.operations[at];
  if (found === undefined) throw problem('not-found', 'There is no such operation.');
  const fresh = tally(
    found,
    tasksOf(world, id).map(({ task }) => task),
  );
  world.operations[at] = fresh;
  return fresh;
}

function results(world: FakeWorld, { params }: Call): { items: OperationResult[] } {
  const over = tasksOf(world, params['id']).filter(({ task }) => !['queued', 'sent', 'running'].includes(task.state));
  const alike = Map.groupBy(over, ({ task, output }) => JSON.stringify([task.state, task.exitStatus, task.message, output]));
  const items = [...alike.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { state, exitStatus, message, truncated } = first.task;
    const range = foldNames(group.map(({ task }) => task.nodeName));
    return [{ range, count: group.length, state, exitStatus, message, output: first.output, truncated }];
  });
  return { items: items.toSorted((left, right) => right.count - left.count) };
}

function page<T>(all: readonly T[], query: Record<string, unknown>): { items: T[]; total: number } {
  const offset = Number(query['offset']);
  return { items: all.slice(offset, offset + Number(query['limit'])), total: all.length };
}

function tasksIn(tasks: readonly FakeTask[], query: Record<string, unknown>) {
  const state = query['state'] as TaskState | undefined;
  return page(
    tasks.map(({ task }) => task).filter((task) => state === undefined || task.state === state),
    query,
  );
}

/** Operations and their tasks. */
export const operationHandlers: FakeHandlers = {
  startOperation: start,
  listOperations: (world, { query }) => {
    const all = world.operations.map(({ id }) => current(world, id)).toReversed();
    return page(
      all.filter(({ state }) => query['state'] === undefined || state === query['state']),
      query,
    );
  },
  getOperation: (world, { params }) => current(world, params['id']),
  listOperationTasks: (world, { params, query }) => tasksIn(tasksOf(world, params['id']), query),
  listOperationResults: results,
  cancelOperation: (world, { params }) => {
    const operation = current(world, params['id']);
    Object.assign(operation, { cancelledAt: new Date().toISOString(), cancelledBy: 'Ada Admin' });
    for (const { task } of tasksOf(world, operation.id)) if (['queued', 'sent', 'running'].includes(task.state)) task.state = 'cancelled';
    return current(world, operation.id);
  },
  listNodeTasks: (world, { params, query }) => {
    const { node } = findNode(world, params['node']);
    return tasksIn(world.tasks.filter(({ task }) => task.nodeId === node.id).toReversed(), query);
  },
  getTaskOutput: (world, { params }) => {
    const found = world.tasks.find(({ task }) => task.id === params['id']);
    if (found === undefined) throw problem('not-found', 'There is no such task.');
    return { output: found.output, truncated: found.task.truncated };
  },
};
