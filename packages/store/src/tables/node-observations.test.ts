import { randomUUID } from 'node:crypto';
import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { facts, nodeCreate, query, services } from '../../test/builders.ts';

describe('facts', () => {
  it('are kept as reported, and a report says whether it changed anything', async () => {
    const { store } = await withStore();
    const { id } = await store.nodes.add(nodeCreate('worker1'));
    const first = facts({
      gpus: [{ model: 'A100', memoryBytes: 85_899_345_920, uuid: 'GPU-1' }],
      addresses: [{ interface: 'eth0', address: '10.0.0.1', family: 'ipv4' }],
    });
    expect(await store.observations.saveFacts(id, first)).toBe(true);
    expect((await store.nodes.get(id)).facts).toEqual(first);
    const { hostname, ...rest } = first;
    expect(await store.observations.saveFacts(id, { ...rest, hostname })).toBe(false);
    expect(await store.observations.saveFacts(id, { ...first, cores: 9 })).toBe(true);
    expect((await store.nodes.get(id)).facts?.cores).toBe(9);
  });

  it('of a node that is gone are passed over', async () => {
    const { store } = await withStore();
    expect(await store.observations.saveFacts(randomUUID(), facts())).toBe(false);
    expect(await store.observations.saveServices(randomUUID(), services())).toBe(false);
  });

  it('may hold what PostgreSQL itself would refuse', async () => {
    const { store } = await withStore();
    const { id } = await store.nodes.add(nodeCreate('worker1'));
    await store.observations.saveFacts(id, facts({ hostname: 'a\u0000b', kernel: '\uD800', bootId: '\\u0000' }));
    expect((await store.nodes.get(id)).facts).toMatchObject({ hostname: 'a\uFFFDb', kernel: '\uFFFD', bootId: '\\u0000' });
  });

  it('do not end in an error when the node is removed at the same time', async () => {
    const { store } = await withStore();
    for (let round = 0; round < 10; round += 1) {
      const { id } = await store.nodes.add(nodeCreate(`worker${round}`));
      await Promise.all([
        store.observations.saveFacts(id, facts()),
        store.nodes.remove(id),
        store.observations.saveServices(id, services()),
      ]);
    }
    expect((await store.nodes.countByHealth()).total).toBe(0);
  });
});

describe('services', () => {
  it('are the last report, with its age', async () => {
    const { store, connection } = await withStore();
    const { id } = await store.nodes.add(nodeCreate('worker1'));
    expect(await store.observations.services(id)).toBeNull();
    expect(await store.observations.saveServices(id, services())).toBe(true);
    expect(await store.observations.saveServices(id, services('failed'))).toBe(true);
    await query(connection, "update node_services set reported_at = now() - interval '1 minute'");
    const aged = await store.observations.services(id);
    expect(aged?.report).toEqual(services('failed'));
    expect(aged?.reportAgeMs).toBeGreaterThanOrEqual(60_000);
    // The same report again is news of its age alone.
    expect(await store.observations.saveServices(id, services('failed'))).toBe(false);
    expect((await store.observations.services(id))?.reportAgeMs).toBeLessThan(30_000);
  });

  it('may be a reason why there are none', async () => {
    const { store } = await withStore();
    const { id } = await store.nodes.add(nodeCreate('worker1'));
    const report = { available: false as const, reason: 'no systemd' };
    expect(await store.observations.saveServices(id, report)).toBe(true);
    expect((await store.observations.services(id))?.report).toEqual(report);
  });
});
