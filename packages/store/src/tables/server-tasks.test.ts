import { OperationSpec } from '@muster/api';
import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { nodesNamed, operationOf, resultOf } from '../../test/operation-builders.ts';
import { query } from '../../test/builders.ts';
import type { ServerTask } from '../index.ts';

const agent = (action: 'start' | 'stop' | 'restart') => ({ spec: OperationSpec.parse({ kind: 'agent', action }) });
const said = (tasks: readonly ServerTask[]): string[] =>
  tasks.map(({ work, nodeName }) => `${String(work['action'])} ${nodeName}`).toSorted();

describe('tasks that the server does itself', () => {
  it('are claimed once, with who asked for them, and never given to an agent', async () => {
    const { store } = await withStore();
    const nodes = await nodesNamed(store, 'web1', 'web2', 'web3');
    await store.operations.create(operationOf(nodes, { ...agent('restart'), requestedBy: 'alice' }));
    expect(
      await store.delivery.claim(
        nodes.map(({ id }) => id),
        'server',
      ),
    ).toEqual([]);
    const claimed = (await Promise.all(['a', 'b', 'c'].map((server) => store.delivery.claimForServer('agent', server, 2)))).flat();
    expect(said(claimed)).toEqual(['restart web1', 'restart web2', 'restart web3']);
    expect(new Set(claimed.map(({ requestedBy }) => requestedBy))).toEqual(new Set(['alice']));
    expect(await store.delivery.claimForServer('agent', 'a', 10)).toEqual([]);
    expect(await store.delivery.claimForServer('other', 'a', 10)).toEqual([]);
  });

  it('follow each other on one node, in the order in which they were asked for', async () => {
    const { store } = await withStore();
    const [web1, web2] = await nodesNamed(store, 'web1', 'web2');
    await store.operations.create(operationOf([web1, web2], agent('stop')));
    await store.operations.create(operationOf([web1], agent('start')));
    const first = await store.delivery.claimForServer('agent', 's', 10);
    expect(said(first)).toEqual(['stop web1', 'stop web2']);
    expect(await store.delivery.claimForServer('agent', 'other', 10)).toEqual([]);
    const stop = first.find(({ nodeName }) => nodeName === 'web1');
    await store.delivery.record(web1.id, resultOf(stop?.id ?? ''));
    expect(said(await store.delivery.claimForServer('agent', 'other', 10))).toEqual(['start web1']);
  });

  it('that wait for their batch or are past their time hold up nobody', async () => {
    const { store, connection } = await withStore();
    const [web1, web2] = await nodesNamed(store, 'web1', 'web2');
    await store.operations.create(operationOf([web1, web2], { ...agent('stop'), batch: 1 }));
    await store.operations.create(operationOf([web2], agent('restart')));
    expect(said(await store.delivery.claimForServer('agent', 's', 10))).toEqual(['restart web2', 'stop web1']);
    await query(connection, "update tasks set held = false, expires_at = now() - interval '1 second' where state = 'queued'");
    expect(await store.delivery.claimForServer('agent', 's', 10)).toEqual([]);
  });

  it('of a server that died with them end as unknown, and are not done again', async () => {
    const { store, connection } = await withStore();
    const [web1] = await nodesNamed(store, 'web1');
    const operation = await store.operations.create(operationOf([web1], agent('restart')));
    await store.delivery.claimForServer('agent', 's', 10);
    expect(await store.delivery.expire()).toBe(0);
    await query(connection, "update tasks set lost_at = now() - interval '1 second'");
    expect(await store.delivery.expire()).toBe(1);
    expect((await store.tasks.ofOperation(operation.id, { limit: 9, offset: 0 })).items).toMatchObject([{ state: 'unknown' }]);
    expect(await store.delivery.claimForServer('agent', 's', 10)).toEqual([]);
  });
});
