import type { TaskState } from '@muster/api';
import { nextTaskState, type TaskOutcome, type TaskSignal } from '@muster/core';
import { withStore } from '@muster/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodesNamed, operationOf, resultOf } from '../../test/operation-builders.ts';
import { query } from '../../test/builders.ts';

describe('a task', () => {
  it('goes from an operation to the node and back', async () => {
    const { store } = await withStore();
    const [node] = await nodesNamed(store, 'web1');
    const operation = await store.operations.create(operationOf([node]));
    expect(operation).toMatchObject({ state: 'running', total: 1, counts: { queued: 1 }, title: 'restart ssh.service' });
    const [sent, ...others] = await store.delivery.claim([node.id], 'server1');
    expect(others).toEqual([]);
    expect(sent).toMatchObject({ nodeId: node.id, lane: 'control', work: { kind: 'service', action: 'restart', unit: 'ssh.service' } });
    expect(sent?.beginWithinSeconds).toBeGreaterThan(3500);
    await store.delivery.taken(node.id, sent?.id ?? '');
    expect(await store.delivery.record(node.id, resultOf(sent?.id ?? ''))).toBe('recorded');
    const { items } = await store.tasks.ofOperation(operation.id, { limit: 10, offset: 0 });
    expect(items).toMatchObject([{ state: 'succeeded', nodeName: 'web1', exitStatus: 0, outputBytes: 3 }]);
    expect(await store.tasks.output(items[0]?.id ?? '')).toEqual({ output: 'ok\n', truncated: false });
    expect(await store.tasks.results(operation.id)).toMatchObject([{ names: ['web1'], state: 'succeeded', output: 'ok\n' }]);
  });

  it('is one at a time for each node and lane, in the order of the operations', async () => {
    const { store } = await withStore();
    const nodes = await nodesNamed(store, 'web1', 'web2');
    const ids = nodes.map((node) => node.id);
    const first = await store.operations.create(operationOf(nodes));
    const second = await store.operations.create(operationOf(nodes));
    const other = await store.operations.create(operationOf(nodes, { plan: { ...operationOf(nodes).plan, lane: 'environment' } }));
    const claimed = await store.delivery.claim(ids, 's');
    expect(claimed.map((task) => `${task.nodeName} ${task.lane}`).sort()).toEqual([
      'web1 control',
      'web1 environment',
      'web2 control',
      'web2 environment',
    ]);
    expect(await store.delivery.claim(ids, 's')).toEqual([]);
    const one = claimed.find((task) => task.nodeName === 'web1' && task.lane === 'control');
    await store.delivery.record(nodes[0].id, resultOf(one?.id ?? ''));
    const next = await store.delivery.claim(ids, 's');
    expect(next).toMatchObject([{ nodeName: 'web1', lane: 'control' }]);
    const states = async (id: string) => (await store.tasks.ofOperation(id, { limit: 9, offset: 0 })).items.map((task) => task.state);
    expect(await states(first.id)).toEqual(['succeeded', 'sent']);
    expect(await states(second.id)).toEqual(['sent', 'queued']);
    expect(await states(other.id)).toEqual(['sent', 'sent']);
  });

  it('is claimed once by servers that claim at the same moment', async () => {
    const { store } = await withStore();
    const nodes = await nodesNamed(store, ...Array.from({ length: 20 }, (_, index) => `n${index}`));
    await store.operations.create(operationOf(nodes));
    const ids = nodes.map((node) => node.id);
    const claimed = await Promise.all(['a', 'b', 'c', 'd'].map((server) => store.delivery.claim(ids, server)));
    expect(claimed.flat()).toHaveLength(20);
    expect(new Set(claimed.flat().map((task) => task.id)).size).toBe(20);
  });
});

describe('what a node says of tasks', () => {
  it('counts only for its own', async () => {
    const { store } = await withStore();
    const [mine, other] = await nodesNamed(store, 'web1', 'web2');
    const operation = await store.operations.create(operationOf([mine]));
    const [task] = await store.delivery.claim([mine.id], 's');
    await store.delivery.taken(other.id, task?.id ?? '');
    expect(await store.delivery.record(other.id, resultOf(task?.id ?? ''))).toBe('not-theirs');
    expect(await store.delivery.record(mine.id, resultOf(operation.id))).toBe('not-theirs');
    expect((await store.operations.get(operation.id)).counts).toMatchObject({ sent: 1, succeeded: 0 });
  });

  it('a second time changes nothing, and `unknown` gives way to what is true', async () => {
    const { store, connection } = await withStore();
    const [node] = await nodesNamed(store, 'web1');
    const operation = await store.operations.create(operationOf([node]));
    const [task] = await store.delivery.claim([node.id], 's');
    const id = task?.id ?? '';
    await store.delivery.taken(node.id, id);
    await query(connection, `update tasks set lost_at = now() - interval '1 second'`);
    expect(await store.delivery.expire()).toBe(1);
    await store.operations.advance(operation.id, () => ({ do: 'finish', state: 'failed' }));
    expect(await store.operations.get(operation.id)).toMatchObject({ state: 'failed', counts: { unknown: 1 } });
    expect(await store.delivery.record(node.id, resultOf(id))).toBe('recorded');
    expect(await store.operations.get(operation.id)).toMatchObject({ state: 'succeeded', counts: { unknown: 0, succeeded: 1 } });
    expect(await store.delivery.record(node.id, { ...resultOf(id), outcome: 'failed' })).toBe('ignored');
    await store.delivery.taken(node.id, id);
    expect((await store.tasks.get(id)).state).toBe('succeeded');
  });

  it('`expired` of a task that it had taken means that nobody knows', async () => {
    const { store } = await withStore();
    const [node] = await nodesNamed(store, 'web1');
    await store.operations.create(operationOf([node]));
    const [task] = await store.delivery.claim([node.id], 's');
    const id = task?.id ?? '';
    await store.delivery.taken(node.id, id);
    await store.delivery.record(node.id, { ...resultOf(id), outcome: 'expired' });
    expect((await store.tasks.get(id)).state).toBe('unknown');
  });
});

const age = (seconds: number) => `update tasks set queued_at = queued_at - make_interval(secs => ${seconds}),
  sent_at = sent_at - make_interval(secs => ${seconds}), expires_at = expires_at - make_interval(secs => ${seconds}),
  lost_at = lost_at - make_interval(secs => ${seconds})`;

describe('time, by the clock of the database,', () => {
  it('ends what was never begun, so that an offline node does not collect a pile', async () => {
    const { store, connection } = await withStore();
    const [node, other] = await nodesNamed(store, 'web1', 'web2');
    await store.operations.create(operationOf([node, other], { batch: 1, expiresInSeconds: 60 }));
    const second = await store.operations.create(operationOf([node], { expiresInSeconds: 3600 }));
    expect(await store.delivery.expire()).toBe(0);
    await query(connection, age(61));
    expect(await store.delivery.claim([other.id], 's')).toEqual([]);
    expect(await store.delivery.expire()).toBe(2);
    const tasks = await query(connection, 'select node_name, state, message from tasks order by position');
    expect(tasks).toEqual([
      { node_name: 'web1', state: 'expired', message: 'Not begun in time: the node was not there, or had other things to do.' },
      { node_name: 'web2', state: 'expired', message: 'Not begun in time: its batch had not come to it.' },
      { node_name: 'web1', state: 'queued', message: '' },
    ]);
    const [next] = await store.delivery.claim([node.id], 's');
    expect((await store.tasks.get(next?.id ?? '')).operationId).toBe(second.id);
  });

  it('lets no overdue task stand in the way of the next, even before it is ended', async () => {
    const { store, connection } = await withStore();
    const [node] = await nodesNamed(store, 'web1');
    await store.operations.create(operationOf([node], { expiresInSeconds: 60 }));
    const second = await store.operations.create(operationOf([node], { expiresInSeconds: 3600 }));
    await query(connection, age(61));
    const [next] = await store.delivery.claim([node.id], 's');
    expect((await store.tasks.get(next?.id ?? '')).operationId).toBe(second.id);
  });

  it('makes unknown what the node never answered, and lets the next one go', async () => {
    const { store, connection } = await withStore();
    const [node] = await nodesNamed(store, 'web1');
    const first = await store.operations.create(operationOf([node], { expiresInSeconds: 60 }));
    await store.operations.create(operationOf([node], { expiresInSeconds: 86_400 }));
    await store.delivery.claim([node.id], 's');
    await query(connection, age(60 + 50));
    expect(await store.delivery.expire()).toBe(0);
    await query(connection, age(11));
    expect(await store.delivery.expire()).toBe(1);
    expect((await store.operations.get(first.id)).counts.unknown).toBe(1);
    const [next] = await store.delivery.claim([node.id], 's');
    // One that the node has taken is waited for as long as it may run.
    await store.delivery.taken(node.id, next?.id ?? '');
    await query(connection, age(100));
    expect(await store.delivery.expire()).toBe(0);
    await query(connection, age(100));
    expect(await store.delivery.expire()).toBe(1);
  });

  it('is told to whoever gets the task, and one that was taken is only asked after', async () => {
    const { store, connection } = await withStore();
    const [node] = await nodesNamed(store, 'web1');
    await store.operations.create(operationOf([node], { expiresInSeconds: 60 }));
    const [task] = await store.delivery.claim([node.id], 's');
    expect(await store.delivery.underWay([node.id], 15)).toEqual([]);
    await query(connection, age(20));
    const [again] = await store.delivery.underWay([node.id], 15);
    expect(again?.id).toBe(task?.id);
    expect(again?.beginWithinSeconds).toBeGreaterThan(35);
    expect(again?.beginWithinSeconds).toBeLessThan(41);
    await store.delivery.taken(node.id, task?.id ?? '');
    expect(await store.delivery.underWay([node.id], 15)).toEqual([]);
    expect(await store.delivery.underWay([node.id])).toMatchObject([{ id: task?.id, beginWithinSeconds: 0 }]);
    expect([await store.delivery.underWay([]), await store.delivery.claim([], 's')]).toEqual([[], []]);
  });
});

describe('what the server does itself', () => {
  it('is claimed by one server, and never given to an agent', async () => {
    const { store } = await withStore();
    const nodes = await nodesNamed(store, 'web1', 'web2', 'web3');
    await store.operations.create(operationOf(nodes, { spec: { kind: 'agent', action: 'restart' } }));
    expect(await store.delivery.claim([nodes[0].id], 's')).toEqual([]);
    const claimed = await Promise.all(['a', 'b'].map((server) => store.delivery.claimForServer('agent', server, 2)));
    expect(claimed.flat()).toHaveLength(3);
    expect(await store.delivery.claimForServer('agent', 'c', 5)).toEqual([]);
    const [task] = claimed.flat();
    expect(await store.delivery.record(task?.nodeId ?? '', resultOf(task?.id ?? ''))).toBe('recorded');
  });
});

describe('a result', () => {
  it('is one event of its node, with a severity that fits', async () => {
    const { store } = await withStore();
    const nodes = await nodesNamed(store, 'web1', 'web2');
    await store.operations.create(operationOf(nodes));
    for (const { nodeId, nodeName, id } of await store.delivery.claim(
      nodes.map((node) => node.id),
      's',
    ))
      await store.delivery.record(
        nodeId,
        resultOf(id, nodeName === 'web2' ? { outcome: 'failed', exitStatus: 3, message: 'It\u0000 broke.' } : {}),
      );
    const events = (await store.events.list({ limit: 9, after: 0 })).filter(({ kind }) => kind === 'task-changed');
    expect(events.map(({ nodeName, severity, message }) => `${nodeName} ${severity} ${message}`).sort()).toEqual([
      'web1 info restart ssh.service on web1: succeeded.',
      'web2 warning restart ssh.service on web2: failed. It\uFFFD broke.',
    ]);
  });

  it('is folded with all that are the same', async () => {
    const { store } = await withStore();
    const nodes = await nodesNamed(store, 'n1', 'n2', 'n3', 'n4', 'n5');
    const operation = await store.operations.create(operationOf(nodes));
    const claimed = await store.delivery.claim(
      nodes.slice(0, 4).map((node) => node.id),
      's',
    );
    for (const { nodeId, nodeName, id } of claimed)
      await store.delivery.record(
        nodeId,
        resultOf(id, nodeName === 'n2' ? { output: 'other\n' } : nodeName === 'n4' ? { exitStatus: 1 } : {}),
      );
    const results = await store.tasks.results(operation.id);
    expect(results.map(({ names, state, output, exitStatus }) => [names.join(), state, output, exitStatus])).toEqual([
      ['n1,n3', 'succeeded', 'ok\n', 0],
      ['n2', 'succeeded', 'other\n', 0],
      ['n4', 'succeeded', 'ok\n', 1],
      ['n5', 'queued', '', null],
    ]);
  });
});

/** Everything that can happen to the one task of a test, each as often and in whatever order. */
type Step = { readonly signal: TaskSignal; readonly outcome: TaskOutcome };
const steps = fc.array(
  fc.record({
    signal: fc.constantFrom<TaskSignal>('send', 'take', 'result', 'expire', 'cancel', 'lose'),
    outcome: fc.constantFrom<TaskOutcome>('succeeded', 'failed', 'cancelled', 'expired', 'unknown'),
  }),
  { maxLength: 8 },
);

describe('whatever happens to a task, in whatever order and however often,', () => {
  it('the database says what the table of states says: none is lost and none is doubled', async () => {
    const { store, connection } = await withStore();
    const [node] = await nodesNamed(store, 'web1');
    await fc.assert(
      fc.asyncProperty(steps, async (messages) => {
        const operation = await store.operations.create(operationOf([node], { expiresInSeconds: 86_400 }));
        const { items } = await store.tasks.ofOperation(operation.id, { limit: 1, offset: 0 });
        const id = items[0]?.id ?? '';
        let expected: TaskState = 'queued';
        for (const step of messages) {
          await happen(store, connection, node.id, operation.id, id, step);
          expected = expectedAfter(expected, step);
          expect((await store.tasks.get(id)).state).toBe(expected);
        }
        const ended = (await store.events.list({ limit: 1000, after: 0 })).filter(({ data }) => data['taskId'] === id);
        expect(ended.length).toBeLessThanOrEqual(2);
        await query(connection, 'delete from operations');
      }),
      { numRuns: 40 },
    );
  }, 120_000);
});

const expectedAfter = (state: TaskState, { signal, outcome }: Step): TaskState =>
  nextTaskState(state, signal, state === 'running' && outcome === 'expired' ? 'unknown' : outcome);

async function happen(
  store: Awaited<ReturnType<typeof withStore>>['store'],
  connection: Awaited<ReturnType<typeof withStore>>['connection'],
  nodeId: string,
  operationId: string,
  id: string,
  { signal, outcome }: Step,
): Promise<void> {
  if (signal === 'send') await store.delivery.claim([nodeId], 's');
  else if (signal === 'take') await store.delivery.taken(nodeId, id);
  else if (signal === 'result') await store.delivery.record(nodeId, resultOf(id, { outcome }));
  else if (signal === 'cancel') {
    await store.operations.cancel(operationId, 'x');
    // So that it can be cancelled anew.
    await query(connection, 'update operations set cancelled_at = null');
  } else {
    const overdue = signal === 'expire' ? 'expires_at' : 'lost_at';
    const [before] = await query(connection, `select ${overdue} as at from tasks`);
    await query(
      connection,
      `update tasks set ${overdue} = now() - interval '1 s' where state ${signal === 'expire' ? '=' : '<>'} 'queued'`,
    );
    await store.delivery.expire();
    await query(connection, `update tasks set ${overdue} = $1`, [before?.['at']]);
  }
}
