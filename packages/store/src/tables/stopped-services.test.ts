import type { ServicesReport } from '@muster/api';
import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { query } from '../../test/builders.ts';
import type { Store } from '../store.ts';
import { nodesNamed, operationOf, resultOf } from '../../test/operation-builders.ts';

const unit = 'cron.service';
const report = (state: 'running' | 'stopped'): ServicesReport => ({
  available: true,
  services: [{ unit, state, detail: '', since: null }],
});

/** Has the node do it, with this outcome. */
async function done(store: Store, nodeId: string, action: 'start' | 'stop' | 'restart', outcome: 'succeeded' | 'failed' = 'succeeded') {
  const node = await store.nodes.get(nodeId);
  await store.operations.create(operationOf([node], { spec: { kind: 'service', action, unit }, requestedBy: 'alice' }));
  const [task] = await store.delivery.claim([nodeId], 's');
  await store.delivery.record(nodeId, resultOf(task?.id ?? '', { outcome }));
}

const stoppedOn = async (store: Store, nodeId: string) =>
  (await store.stoppedServices.ofNode(nodeId)).map((one) => `${one.unit} ${one.by}`);

describe('a unit that was stopped on purpose', () => {
  it('is remembered once the node has stopped it, announced, and told to whoever decides health', async () => {
    const { store } = await withStore();
    const [node, other] = await nodesNamed(store, 'web1', 'web2');
    await done(store, node.id, 'stop');
    await done(store, node.id, 'stop');
    expect(await store.stoppedServices.ofNode(node.id)).toMatchObject([
      { unit, by: 'alice', at: expect.stringMatching(/^\d{4}-.*Z$/u) as unknown },
    ]);
    expect(await stoppedOn(store, other.id)).toEqual([]);
    const events = (await store.events.list({ limit: 50, after: 0 })).filter(({ kind }) => kind === 'service-stopped-on-purpose');
    expect(events[0]).toMatchObject({
      nodeId: node.id,
      message: expect.stringContaining('cron.service on web1 was stopped on purpose by alice') as unknown,
    });
    const subjects = await store.health.subjects();
    expect(subjects.map(({ stoppedServices }) => stoppedServices)).toEqual([[{ unit, by: 'alice' }], []]);
  });

  it('is not one where the stop failed', async () => {
    const { store } = await withStore();
    const [node] = await nodesNamed(store, 'web1');
    await done(store, node.id, 'stop', 'failed');
    expect(await stoppedOn(store, node.id)).toEqual([]);
  });

  it.each(['start', 'restart'] as const)('is forgotten by a %s, from the moment that it is asked for', async (action) => {
    const { store } = await withStore();
    const [node] = await nodesNamed(store, 'web1');
    await done(store, node.id, 'stop');
    await store.operations.create(operationOf([node], { spec: { kind: 'service', action, unit: 'other.service' } }));
    expect(await stoppedOn(store, node.id)).toEqual(['cron.service alice']);
    await store.operations.create(operationOf([node], { spec: { kind: 'service', action, unit } }));
    expect(await stoppedOn(store, node.id)).toEqual([]);
  });

  it('is forgotten by a start that was asked for before the stop took place', async () => {
    const { store } = await withStore();
    const [node] = await nodesNamed(store, 'web1');
    await store.operations.create(operationOf([node], { spec: { kind: 'service', action: 'stop', unit } }));
    await store.operations.create(operationOf([node], { spec: { kind: 'service', action: 'start', unit } }));
    for (const expected of [['cron.service tester'], []]) {
      const [task] = await store.delivery.claim([node.id], 's');
      await store.delivery.record(node.id, resultOf(task?.id ?? ''));
      expect(await stoppedOn(store, node.id)).toEqual(expected);
    }
  });

  it('is forgotten when it is reported to run, but not by a report from before the stop', async () => {
    const { store, connection } = await withStore();
    const [node] = await nodesNamed(store, 'web1');
    await done(store, node.id, 'stop');
    await store.observations.saveServices(node.id, report('running'));
    expect(await stoppedOn(store, node.id)).toHaveLength(1);
    await query(connection, `update stopped_services set stopped_at = now() - interval '20 s'`);
    await store.observations.saveServices(node.id, report('stopped'));
    expect(await stoppedOn(store, node.id)).toHaveLength(1);
    await store.observations.saveServices(node.id, report('running'));
    expect(await stoppedOn(store, node.id)).toEqual([]);
  });

  it('goes with its node', async () => {
    const { store, connection } = await withStore();
    const [node] = await nodesNamed(store, 'web1');
    await done(store, node.id, 'stop');
    await store.operations.create(operationOf([node], { spec: { kind: 'service', action: 'stop', unit } }));
    const [task] = await store.delivery.claim([node.id], 's');
    await store.nodes.remove('web1');
    expect(await store.delivery.record(node.id, resultOf(task?.id ?? ''))).toBe('recorded');
    expect(await query(connection, 'select count(*)::int as count from stopped_services')).toEqual([{ count: 0 }]);
  });
});
