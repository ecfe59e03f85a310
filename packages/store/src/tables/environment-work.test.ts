import type { EnvironmentsReport } from '@muster/api';
import { afterTask, type WorkChange } from '@muster/core';
import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { newEvent, nodeCreate, query, sha256 } from '../../test/builders.ts';
import type { Store } from '../index.ts';

async function fixture(names = ['n1', 'n2']) {
  const { store, connection } = await withStore();
  await store.artifacts.add({ sha256: sha256('a'), name: 'a', sizeBytes: 1 }, 'ada');
  const definition = {
    definition: { kind: 'archive', sha256: sha256('a') },
    definitionSha256: sha256('d'),
    recipe: { kind: 'archive' },
  } as const;
  const environment = await store.environments.create(
    'ml',
    { ...definition, artifacts: [sha256('a')], selector: null, description: '' },
    'ada',
  );
  const nodes = [];
  for (const name of names) nodes.push(await store.nodes.add(nodeCreate(name)));
  return { store, connection, environment, nodes };
}

type Written = Exclude<WorkChange['to'], 'forget'>;
const offered: Written = { action: 'create', version: 1, state: 'new', message: '', attempts: 0, taskId: null, retryInSeconds: null };

const workOf = async (store: Store) => (await store.environmentWork.picture()).work;
const offer = (store: Store, nodeId: string, environmentId: string, to: Partial<Written> = {}) =>
  store.environmentWork.save([{ nodeId, environmentId, from: undefined, to: { ...offered, ...to } }]);

describe('work about an environment', () => {
  it('is written, changed and forgotten', async () => {
    const { store, environment, nodes } = await fixture();
    const [n1] = nodes;
    expect(await offer(store, n1!.id, environment.id)).toBe(1);
    const [first] = await workOf(store);
    expect(first).toMatchObject({
      nodeId: n1!.id,
      action: 'create',
      version: 1,
      state: 'new',
      revision: 1,
      retryDue: false,
      reportedSince: false,
    });
    await store.environmentWork.save([
      {
        nodeId: n1!.id,
        environmentId: environment.id,
        from: first,
        to: { ...offered, state: 'failed', message: 'no \u0000 disk', retryInSeconds: 0 },
      },
    ]);
    const [second] = await workOf(store);
    expect(second).toMatchObject({ state: 'failed', message: 'no \uFFFD disk', revision: 2, retryDue: true });
    await store.environmentWork.save([{ nodeId: n1!.id, environmentId: environment.id, from: second, to: 'forget' }]);
    expect(await workOf(store)).toEqual([]);
  });

  it('is written only where what was seen still holds, and its event with it', async () => {
    const { store, environment, nodes } = await fixture();
    const [n1, n2] = nodes;
    await offer(store, n1!.id, environment.id);
    const [seen] = await workOf(store);
    const change = (state: Written['state']): WorkChange => ({
      nodeId: n1!.id,
      environmentId: environment.id,
      from: seen,
      to: { ...offered, state },
    });
    expect(await store.environmentWork.save([change('success')], [newEvent('first')])).toBe(1);
    expect(await store.environmentWork.save([change('failed')], [newEvent('second')])).toBe(0);
    expect(await offer(store, n1!.id, environment.id)).toBe(0);
    expect(
      await store.environmentWork.save([change('failed'), { ...change('new'), nodeId: n2!.id, from: undefined }], [newEvent('third')]),
    ).toBe(1);
    expect((await workOf(store)).map(({ state }) => state).toSorted()).toEqual(['new', 'success']);
    expect((await store.events.list({ limit: 10 })).map(({ message }) => message).filter((one) => /first|second|third/u.test(one))).toEqual(
      ['third', 'first'],
    );
  });

  it('of many servers that decide the same is written once', async () => {
    const { store, environment, nodes } = await fixture();
    const written = await Promise.all(Array.from({ length: 8 }, () => offer(store, nodes[0]!.id, environment.id)));
    expect(written.reduce((sum, one) => sum + one, 0)).toBe(1);
  });

  it('of a node that was removed is gone, and is not written again', async () => {
    const { store, environment, nodes } = await fixture();
    await offer(store, nodes[0]!.id, environment.id);
    await store.nodes.remove('n1');
    expect(await workOf(store)).toEqual([]);
    expect(await offer(store, nodes[0]!.id, environment.id)).toBe(0);
  });

  it('knows whether the node has reported since it changed', async () => {
    const { store, environment, nodes } = await fixture();
    const report: EnvironmentsReport = { available: true, items: [], truncated: false };
    expect(await store.observations.saveEnvironments(nodes[0]!.id, report)).toBe(true);
    await offer(store, nodes[0]!.id, environment.id);
    expect(await workOf(store)).toMatchObject([{ reportedSince: false }]);
    expect(await store.observations.saveEnvironments(nodes[0]!.id, report)).toBe(false);
    expect(await workOf(store)).toMatchObject([{ reportedSince: true }]);
    expect((await store.environmentWork.picture()).nodes).toMatchObject([
      { name: 'n1', report, connected: false, registered: false },
      { name: 'n2', report: null },
    ]);
  });
});

describe('work that begins', () => {
  const begin = async (store: Store) => {
    const works = (await workOf(store)).filter(({ state }) => state === 'new');
    const task = { kind: 'environment', action: 'remove', name: 'ml', force: false } as const;
    const spec = { kind: 'environment', action: 'create', environment: 'ml', version: 1 } as const;
    return store.environmentWork.begin({ environment: 'ml', spec, task, timeoutSeconds: 600, works });
  };

  it('is a task for each node, of one operation that no list of operations shows', async () => {
    const { store, environment, nodes } = await fixture();
    for (const { id } of nodes) await offer(store, id, environment.id);
    expect(await begin(store)).toBe(2);
    const works = await workOf(store);
    expect(works.map(({ state, attempts }) => [state, attempts])).toEqual([
      ['ongoing', 1],
      ['ongoing', 1],
    ]);
    const { items } = await store.tasks.ofNode(nodes[0]!.id, { limit: 10, offset: 0 });
    expect(items).toMatchObject([
      { id: works.find(({ nodeId }) => nodeId === nodes[0]!.id)?.taskId, kind: 'environment', state: 'queued' },
    ]);
    expect(await store.operations.list({ limit: 10, offset: 0 })).toEqual({ items: [], total: 0 });
    expect((await store.operations.list({ node: 'n1', limit: 10, offset: 0 })).items).toMatchObject([
      { title: 'create ml (version 1)', total: 2 },
    ]);
    const claimed = await store.delivery.claim([nodes[0]!.id], 'server');
    expect(claimed).toMatchObject([
      { lane: 'environment', timeoutSeconds: 600, work: { kind: 'environment', action: 'remove', name: 'ml' } },
    ]);
  });

  it('of two servers begins once', async () => {
    const { store, environment, nodes } = await fixture();
    for (const { id } of nodes) await offer(store, id, environment.id);
    const begun = await Promise.all([begin(store), begin(store), begin(store)]);
    expect(begun.reduce((sum, one) => sum + one, 0)).toBe(2);
    expect((await store.tasks.ofNode(nodes[0]!.id, { limit: 10, offset: 0 })).total).toBe(1);
  });

  it('has ended when its task has, and goes on from there', async () => {
    const { store, environment, nodes } = await fixture();
    for (const { id } of nodes) await offer(store, id, environment.id);
    await begin(store);
    expect(await store.environmentWork.finished()).toEqual([]);
    const [task] = await store.delivery.claim([nodes[0]!.id], 'server');
    await store.delivery.taken(nodes[0]!.id, task!.id);
    const result = {
      id: task!.id,
      outcome: 'failed',
      exitStatus: 75,
      message: 'no disk',
      output: 'text',
      truncated: false,
      durationMs: 1,
    } as const;
    await store.delivery.record(nodes[0]!.id, result);
    const finished = await store.environmentWork.finished();
    expect(finished).toMatchObject([
      { nodeName: 'n1', environment: 'ml', output: 'text', ended: { state: 'failed', exitStatus: 75, message: 'no disk' } },
    ]);
    await store.environmentWork.save(finished.map(({ work, ended }) => afterTask(work, ended)));
    expect(await store.environmentWork.finished()).toEqual([]);
    expect((await workOf(store)).find(({ nodeId }) => nodeId === nodes[0]!.id)).toMatchObject({
      state: 'failed',
      attempts: 1,
      retryAt: expect.any(String),
    });
  });

  it('whose task is not known any more is unknown, and not lost', async () => {
    const { store, connection, environment, nodes } = await fixture(['n1']);
    await offer(store, nodes[0]!.id, environment.id);
    await begin(store);
    await query(connection, 'delete from operations');
    expect(await store.environmentWork.finished()).toMatchObject([{ ended: { state: 'unknown' } }]);
  });

  it('does not begin for a node that was removed meanwhile', async () => {
    const { store, environment, nodes } = await fixture();
    for (const { id } of nodes) await offer(store, id, environment.id);
    const works = await workOf(store);
    await store.nodes.remove('n1');
    const task = { kind: 'environment', action: 'remove', name: 'ml', force: false } as const;
    const spec = { kind: 'environment', action: 'remove', environment: 'ml', version: null } as const;
    expect(await store.environmentWork.begin({ environment: 'ml', spec, task, timeoutSeconds: 600, works })).toBe(1);
  });
});
