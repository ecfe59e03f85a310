import { NodeCreate, type Operation, type OperationSpec } from '@muster/api';
import { planOperation, type TaskOutcome } from '@muster/core';
import type { Store } from '@muster/store';
import { FakeClock, KeptLog, withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { OperationsLoop } from './operations-loop.ts';

const spec: OperationSpec = { kind: 'service', action: 'restart', unit: 'ssh.service' };

async function begin(store: Store, count: number, limits: { batch: number | null; maxFail: number | null }) {
  const nodes = [];
  for (let index = 1; index <= count; index += 1) nodes.push(await store.nodes.add(NodeCreate.parse({ name: `n${index}` })));
  const asked = { spec, plan: planOperation(spec), range: 'all', requestedBy: 'tester', expiresInSeconds: 600, ...limits };
  return store.operations.create({ ...asked, nodes: nodes.map(({ id }) => ({ id })) });
}

/** Nodes that do at once what they are given, and servers that look after it, until the operation has finished. */
async function play(store: Store, { id }: Operation, outcomeOf: (nodeName: string) => TaskOutcome) {
  const parts = { store, clock: new FakeClock(), log: new KeptLog() };
  const loops = [new OperationsLoop(parts), new OperationsLoop(parts)];
  const nodes = (await store.nodes.list({ sort: [], filters: [], limit: 1000, offset: 0 })).items.map((node) => node.id);
  const windows: number[] = [];
  for (let round = 0; round < 50; round += 1) {
    const given = await store.delivery.claim(nodes, 's');
    windows.push(given.length);
    const rest = { exitStatus: null, message: '', output: '', truncated: false, durationMs: null };
    for (const task of given) await store.delivery.record(task.nodeId, { id: task.id, outcome: outcomeOf(task.nodeName), ...rest });
    await Promise.all(loops.map((loop) => loop.tick()));
    const now = await store.operations.get(id);
    if (now.state !== 'running') return { operation: now, windows: windows.filter((size) => size > 0) };
  }
  throw new Error('it never finished');
}

describe('an operation that rolls over its nodes, looked after by two servers', () => {
  it('goes batch by batch to its end', async () => {
    const { store } = await withStore();
    const operation = await begin(store, 7, { batch: 3, maxFail: null });
    const { operation: end, windows } = await play(store, operation, () => 'succeeded');
    expect(windows).toEqual([3, 3, 1]);
    expect(end).toMatchObject({ state: 'succeeded', counts: { succeeded: 7 } });
    const events = await store.events.list({ limit: 100, after: 0 });
    expect(events.filter(({ kind }) => kind === 'operation-finished')).toMatchObject([
      {
        severity: 'info',
        message: 'restart ssh.service: succeeded (7 succeeded).',
        data: { operationId: operation.id, state: 'succeeded' },
      },
    ]);
  });

  it('stops when more failed than may, and is a failure', async () => {
    const { store } = await withStore();
    const operation = await begin(store, 6, { batch: 1, maxFail: 1 });
    const { operation: end, windows } = await play(store, operation, (name) => (name === 'n2' || name === 'n3' ? 'failed' : 'succeeded'));
    expect(windows).toEqual([1, 1, 1]);
    expect(end).toMatchObject({ state: 'failed', counts: { succeeded: 1, failed: 2, cancelled: 3 } });
  });
});
