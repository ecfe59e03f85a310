import { type Node, OperationSpec } from '@muster/api';
import { planOperation } from '@muster/core';
import type { NewOperation, Store, TaskResult } from '../src/index.ts';
import { nodeCreate } from './builders.ts';

/** Nodes of these names, as many as were asked for. */
export async function nodesNamed<Names extends readonly string[]>(
  store: Store,
  ...names: Names
): Promise<{ [Index in keyof Names]: Node } & Node[]> {
  const nodes: Node[] = [];
  for (const name of names) nodes.push(await store.nodes.add(nodeCreate(name)));
  return nodes as { [Index in keyof Names]: Node } & Node[];
}

const restart = OperationSpec.parse({ kind: 'service', action: 'restart', unit: 'ssh.service' });

/** An operation on these nodes: a restart, by default all at once. */
export const operationOf = (nodes: readonly Node[], rest: Partial<NewOperation> = {}): NewOperation => {
  const spec = rest.spec ?? restart;
  return {
    spec,
    plan: planOperation(spec),
    range: 'all',
    requestedBy: 'tester',
    batch: null,
    maxFail: null,
    expiresInSeconds: 3600,
    nodes: nodes.map(({ id }) => ({ id })),
    ...rest,
  };
};

/** A task that went well. */
export const resultOf = (id: string, rest: Partial<TaskResult> = {}): TaskResult => ({
  id,
  outcome: 'succeeded',
  exitStatus: 0,
  message: '',
  output: 'ok\n',
  truncated: false,
  durationMs: 5,
  ...rest,
});
