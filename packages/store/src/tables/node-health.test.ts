import { randomUUID } from 'node:crypto';
import type { HealthReason } from '@muster/api';
import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { newEvent, nodeCreate, services, signed } from '../../test/builders.ts';

const reason = (message: string): HealthReason => ({ code: 'service-not-running', message, unit: 'ssh.service' });

describe('subjects', () => {
  it('shows everything that health is decided from', async () => {
    const { store } = await withStore();
    const node = await store.nodes.add(nodeCreate('worker1'));
    await store.nodes.add(nodeCreate('worker2'));
    const certificate = signed('01');
    await store.certificates.record({ ...certificate, nodeId: node.id, nodeName: node.name });
    await store.certificates.prove('01', { seconds: 0, longestSeconds: 0 });
    await store.presence.recordHeartbeats([{ nodeId: node.id, clockSkewMs: 0 }], 'server');
    await store.observations.saveServices(node.id, services('failed'));
    await store.health.save([{ nodeId: node.id, state: 'degraded', reasons: [reason('failed')] }]);
    const [first, second] = await store.health.subjects();
    expect(first).toMatchObject({
      nodeId: node.id,
      nodeName: 'worker1',
      registered: false,
      services: services('failed'),
      certificate: { notBeforeMs: certificate.notBefore.getTime(), notAfterMs: certificate.notAfter.getTime() },
      state: 'degraded',
      reasons: [reason('failed')],
    });
    expect(first?.heartbeatAgeMs).toBeGreaterThanOrEqual(0);
    expect(second).toMatchObject({
      nodeName: 'worker2',
      heartbeatAgeMs: null,
      services: null,
      certificate: null,
      state: 'unknown',
      reasons: [],
    });
  });
});

describe('save', () => {
  it('begins a state when it changes, not when only its reasons do', async () => {
    const { store } = await withStore();
    const { id } = await store.nodes.add(nodeCreate('worker1'));
    const health = async () => (await store.nodes.get(id)).health;
    await store.health.save([{ nodeId: id, state: 'degraded', reasons: [reason('one')] }]);
    const first = await health();
    expect(first).toMatchObject({ state: 'degraded', reasons: [reason('one')] });
    expect(first.since).not.toBeNull();
    await store.health.save([{ nodeId: id, state: 'degraded', reasons: [reason('two')] }]);
    expect(await health()).toEqual({ ...first, reasons: [reason('two')] });
    await store.health.save([{ nodeId: id, state: 'good', reasons: [] }]);
    expect(Date.parse(String((await health()).since))).toBeGreaterThan(Date.parse(String(first.since)));
  });

  it('writes only what differs, and the events of just those nodes', async () => {
    const { store } = await withStore();
    const [a, b] = [await store.nodes.add(nodeCreate('a')), await store.nodes.add(nodeCreate('b'))];
    const change = (nodeId: string) => ({ nodeId, state: 'good' as const, reasons: [] });
    const event = (nodeId: string) => newEvent(`health of ${nodeId}`, { kind: 'node-health', nodeId });
    expect(await store.health.save([change(a.id)], [event(a.id)])).toEqual([a.id]);
    const gone = randomUUID();
    expect(await store.health.save([change(a.id), change(b.id), change(gone)], [event(a.id), event(b.id), event(gone)])).toEqual([b.id]);
    expect(await store.health.save([change(a.id), change(b.id)], [event(a.id)])).toEqual([]);
    expect(await store.health.save([])).toEqual([]);
    const events = (await store.events.list({ limit: 100 })).filter((one) => one.kind === 'node-health');
    expect(events.map((one) => one.nodeId)).toEqual([b.id, a.id]);
  });

  it('lets one of two servers that decide the same write and announce it', async () => {
    const { store } = await withStore();
    const ids = await Promise.all(Array.from({ length: 10 }, async (_, i) => (await store.nodes.add(nodeCreate(`node${i}`))).id));
    const save = () =>
      store.health.save(
        ids.map((nodeId) => ({ nodeId, state: 'bad' as const, reasons: [] })),
        ids.map((nodeId) => newEvent('bad', { kind: 'node-health', nodeId })),
      );
    const written = await Promise.all([save(), save(), save()]);
    expect(written.flat().toSorted()).toEqual(ids.toSorted());
    expect((await store.events.list({ limit: 100 })).filter((event) => event.kind === 'node-health')).toHaveLength(ids.length);
  });

  it('writes neither health nor events when the events cannot be written', async () => {
    const { store } = await withStore();
    const { id } = await store.nodes.add(nodeCreate('worker1'));
    const wrong = newEvent('wrong', { nodeId: id, severity: 'loud' as 'info' });
    await expect(store.health.save([{ nodeId: id, state: 'bad', reasons: [] }], [wrong])).rejects.toThrow(/severity/u);
    expect((await store.nodes.get(id)).health.state).toBe('unknown');
  });
});
