import { randomUUID } from 'node:crypto';
import { maxWaitingTasks, type Node } from '@muster/api';
import { decideOperation } from '@muster/core';
import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { query } from '../../test/builders.ts';
import type { Store } from '../store.ts';
import { nodesNamed, operationOf, resultOf } from '../../test/operation-builders.ts';
import { NodeNotFound, OperationNotFound, TooManyTasks } from '../errors.ts';

const page = { limit: 100, offset: 0 };
const kindsOf = async (store: Store) => (await store.events.list({ limit: 100, after: 0 })).map((event) => event.kind);
const operationEvents = async (store: Store) =>
  (await store.events.list({ limit: 100, after: 0 })).filter(({ kind }) => /operation|task/u.test(kind));
const statesOf = async (store: Store, id: string) =>
  (await store.tasks.ofOperation(id, page)).items.map(({ nodeName, state }) => `${nodeName} ${state}`);

describe('an operation', () => {
  it('is written with all its tasks, in the natural order of the nodes, and announced', async () => {
    const { store } = await withStore();
    const nodes = await nodesNamed(store, 'node10', 'node9', 'node1');
    const operation = await store.operations.create(operationOf(nodes, { range: 'node[1,9,10]', requestedBy: 'alice' }));
    expect(operation).toMatchObject({ range: 'node[1,9,10]', requestedBy: 'alice', total: 3, state: 'running', finishedAt: null });
    expect(Date.parse(operation.expiresAt) - Date.parse(operation.requestedAt)).toBe(3_600_000);
    expect(await statesOf(store, operation.id)).toEqual(['node1 queued', 'node9 queued', 'node10 queued']);
    expect(await operationEvents(store)).toMatchObject([
      {
        kind: 'operation-started',
        nodeId: null,
        message: 'restart ssh.service: asked of 3 nodes by alice.',
        data: { operationId: operation.id },
      },
    ]);
    expect(await store.operations.get(operation.id)).toEqual(operation);
  });

  it('that one node cannot take is not written at all', async () => {
    const { store, connection } = await withStore();
    const [node, other] = await nodesNamed(store, 'web1', 'web2');
    for (let count = 0; count < maxWaitingTasks; count += 1) await store.operations.create(operationOf([node]));
    const refused = store.operations.create(operationOf([other, node]));
    await expect(refused).rejects.toThrow(TooManyTasks);
    await expect(refused).rejects.toMatchObject({
      nodeNames: ['web1'],
      message: expect.stringContaining('100 tasks wait for node web1') as unknown,
    });
    expect(await query(connection, 'select count(*)::int as count from tasks')).toEqual([{ count: maxWaitingTasks }]);
    expect(await query(connection, 'select count(*)::int as count from operations')).toEqual([{ count: maxWaitingTasks }]);
  });

  it('is not over the cap also when many are made at the same moment', async () => {
    const { store, connection } = await withStore();
    const [node] = await nodesNamed(store, 'web1');
    for (let count = 0; count < maxWaitingTasks - 3; count += 1) await store.operations.create(operationOf([node]));
    const made = await Promise.allSettled(Array.from({ length: 8 }, () => store.operations.create(operationOf([node]))));
    expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    expect(await query(connection, 'select count(*)::int as count from tasks')).toEqual([{ count: maxWaitingTasks }]);
  });

  it('with a node that was removed meanwhile is not written', async () => {
    const { store, connection } = await withStore();
    const nodes = await nodesNamed(store, 'web1', 'web2');
    await store.nodes.remove('web2');
    await expect(store.operations.create(operationOf(nodes))).rejects.toThrow(NodeNotFound);
    expect(await query(connection, 'select count(*)::int as count from operations')).toEqual([{ count: 0 }]);
  });

  it('may have other work for single nodes, and text that no database keeps', async () => {
    const { store } = await withStore();
    const [one, two] = await nodesNamed(store, 'web1', 'web2');
    const work = { kind: 'service', action: 'stop', unit: 'a\u0000b\uD800' };
    const plan = { ...operationOf([]).plan, title: 'x\u0000y' };
    await store.operations.create(operationOf([], { plan, range: 'a\uD800', nodes: [{ id: one.id, work }, { id: two.id }] }));
    const tasks = await store.delivery.claim([one.id, two.id], 's');
    const workOf = (node: Node) => tasks.find((task) => task.nodeId === node.id)?.work;
    expect([workOf(one), workOf(two)]).toEqual([
      { kind: 'service', action: 'stop', unit: 'a\uFFFDb\uFFFD' },
      { kind: 'service', action: 'restart', unit: 'ssh.service' },
    ]);
  });

  it('that is not there is said to be so', async () => {
    const { store } = await withStore();
    const id = randomUUID();
    const asked = [
      store.operations.get(id),
      store.operations.cancel(id, 'x'),
      store.tasks.ofOperation(id, page),
      store.tasks.results(id),
      store.tasks.output(id),
      store.tasks.get(id),
    ];
    for (const one of await Promise.allSettled(asked)) expect(one).toMatchObject({ reason: expect.any(OperationNotFound) as unknown });
    expect(await store.operations.advance(id, decideOperation)).toEqual({ do: 'wait' });
  });
});

describe('the list of operations', () => {
  it('is newest first, by page, by state and by node', async () => {
    const { store } = await withStore();
    const [one, two] = await nodesNamed(store, 'web1', 'web2');
    const first = await store.operations.create(operationOf([one]));
    const second = await store.operations.create(operationOf([one, two]));
    const third = await store.operations.create(operationOf([two]));
    await store.operations.cancel(first.id, 'x');
    await store.operations.advance(first.id, decideOperation);
    const listed = async (filter: object) => {
      const { items, total } = await store.operations.list({ ...page, ...filter });
      return [items.map(({ id }) => id), total];
    };
    expect(await listed({})).toEqual([[third.id, second.id, first.id], 3]);
    expect(await listed({ limit: 1, offset: 1 })).toEqual([[second.id], 3]);
    expect(await listed({ offset: 7 })).toEqual([[], 3]);
    expect(await listed({ node: 'web1' })).toEqual([[second.id, first.id], 2]);
    expect(await listed({ node: two.id, state: 'running' })).toEqual([[third.id, second.id], 2]);
    expect(await listed({ state: 'cancelled' })).toEqual([[first.id], 1]);
    await expect(listed({ node: 'web9' })).rejects.toThrow(NodeNotFound);
    expect((await store.operations.list(page)).items.map(({ counts }) => counts.queued)).toEqual([1, 2, 0]);
  });
});

describe('a cancelled operation', () => {
  it('ends what waits at once, and asks for the end of the rest', async () => {
    const { store } = await withStore();
    const nodes = await nodesNamed(store, 'web1', 'web2', 'web3');
    const operation = await store.operations.create(operationOf(nodes));
    const [sent] = await store.delivery.claim([nodes[0].id], 's');
    const cancelled = await store.operations.cancel(operation.id, 'bob');
    expect(cancelled).toMatchObject({ state: 'running', cancelledBy: 'bob', counts: { sent: 1, cancelled: 2 } });
    expect(await store.delivery.underWay([nodes[0].id], 60)).toMatchObject([{ id: sent?.id, cancel: true }]);
    expect(
      await store.delivery.claim(
        nodes.map(({ id }) => id),
        's',
      ),
    ).toEqual([]);
    await store.delivery.record(nodes[0].id, resultOf(sent?.id ?? '', { outcome: 'cancelled' }));
    expect(await store.operations.advance(operation.id, decideOperation)).toEqual({ do: 'finish', state: 'cancelled' });
    expect((await operationEvents(store)).map(({ kind }) => kind)).toEqual([
      'operation-started',
      'operation-cancelled',
      'task-changed',
      'operation-finished',
    ]);
  });

  it('is cancelled once, and a finished one not at all', async () => {
    const { store } = await withStore();
    const [node] = await nodesNamed(store, 'web1');
    const operation = await store.operations.create(operationOf([node]));
    const first = await store.operations.cancel(operation.id, 'bob');
    expect(await store.operations.cancel(operation.id, 'eve')).toEqual(first);
    await store.operations.advance(operation.id, decideOperation);
    expect(await store.operations.cancel(operation.id, 'eve')).toMatchObject({ state: 'cancelled', cancelledBy: 'bob' });
    expect((await kindsOf(store)).filter((kind) => kind === 'operation-cancelled')).toHaveLength(1);
  });
});

describe('a batch', () => {
  it('begins with its first nodes, and lets one more go for each that has ended', async () => {
    const { store } = await withStore();
    const nodes = await nodesNamed(store, 'n1', 'n2', 'n3', 'n4');
    const ids = nodes.map(({ id }) => id);
    const operation = await store.operations.create(operationOf(nodes, { batch: 2 }));
    const first = await store.delivery.claim(ids, 's');
    expect(first.map(({ nodeName }) => nodeName).sort()).toEqual(['n1', 'n2']);
    expect(await store.operations.advance(operation.id, decideOperation)).toEqual({ do: 'wait' });
    await store.delivery.record(first[0]?.nodeId ?? '', resultOf(first[0]?.id ?? ''));
    expect(await store.operations.advance(operation.id, decideOperation)).toEqual({ do: 'release', count: 1 });
    expect((await store.delivery.claim(ids, 's')).map(({ nodeName }) => nodeName)).toEqual(['n3']);
  });

  it('is brought on by one of two servers, not by both', async () => {
    const { store } = await withStore();
    const nodes = await nodesNamed(store, 'n1', 'n2', 'n3', 'n4', 'n5');
    const operation = await store.operations.create(operationOf(nodes, { batch: 1 }));
    const [task] = await store.delivery.claim([nodes[0].id], 's');
    await store.delivery.record(nodes[0].id, resultOf(task?.id ?? ''));
    const steps = await Promise.all(Array.from({ length: 4 }, () => store.operations.advance(operation.id, decideOperation)));
    expect(steps.filter((step) => step.do === 'release')).toHaveLength(1);
    expect(await store.operations.running()).toMatchObject([{ id: operation.id, held: 3, counts: { queued: 4, succeeded: 1 } }]);
  });

  it('does not hold up what else is asked of the nodes that it has not come to', async () => {
    const { store } = await withStore();
    const nodes = await nodesNamed(store, 'n1', 'n2');
    await store.operations.create(operationOf(nodes, { batch: 1 }));
    const urgent = await store.operations.create(operationOf([nodes[1]]));
    const claimed = await store.delivery.claim([nodes[1].id], 's');
    expect((await store.tasks.get(claimed[0]?.id ?? '')).operationId).toBe(urgent.id);
  });

  it('with too many failures stops, and says why on each node left out', async () => {
    const { store } = await withStore();
    const nodes = await nodesNamed(store, 'n1', 'n2', 'n3');
    const operation = await store.operations.create(operationOf(nodes, { batch: 1, maxFail: 0 }));
    const [task] = await store.delivery.claim([nodes[0].id], 's');
    await store.delivery.record(nodes[0].id, resultOf(task?.id ?? '', { outcome: 'failed', exitStatus: 1 }));
    expect(await store.operations.advance(operation.id, decideOperation)).toMatchObject({ do: 'stop' });
    expect(await statesOf(store, operation.id)).toEqual(['n1 failed', 'n2 cancelled', 'n3 cancelled']);
    expect(await store.operations.advance(operation.id, decideOperation)).toEqual({ do: 'finish', state: 'failed' });
    const { items } = await store.tasks.ofOperation(operation.id, { ...page, state: 'cancelled' });
    expect(items.map(({ message }) => message)).toEqual(Array(2).fill('Not begun: 1 failed elsewhere, and 0 were allowed to.'));
  });
});

describe('the history of a removed node', () => {
  it('stays, by its id, and what waited for it ends', async () => {
    const { store } = await withStore();
    const [node, other] = await nodesNamed(store, 'web1', 'web2');
    const done = await store.operations.create(operationOf([node]));
    const [task] = await store.delivery.claim([node.id], 's');
    await store.delivery.record(node.id, resultOf(task?.id ?? ''));
    const underWay = await store.operations.create(operationOf([node, other]));
    await store.delivery.claim([node.id], 's');
    const waiting = await store.operations.create(operationOf([node]));
    await store.nodes.remove('web1');
    expect(await store.delivery.expire()).toBe(2);
    const { items, total } = await store.tasks.ofNode(node.id, page);
    expect(total).toBe(3);
    expect(items.map(({ operationId, state, nodeName, message }) => [operationId, state, nodeName, message])).toEqual([
      [waiting.id, 'cancelled', 'web1', 'The node was removed.'],
      [underWay.id, 'unknown', 'web1', 'The node was removed.'],
      [done.id, 'succeeded', 'web1', ''],
    ]);
    expect(await statesOf(store, underWay.id)).toEqual(['web1 unknown', 'web2 queued']);
  });
});
