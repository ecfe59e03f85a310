import { randomUUID } from 'node:crypto';
import { Node } from '@muster/api';
import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { facts, nodeCreate, query, services, sha256, signed } from '../../test/builders.ts';
import { AddressTaken, NodeExists, NodeNotFound, RevisionConflict } from '../errors.ts';

describe('add and get', () => {
  it('gives back what was decided, in the shape of the API, and announces it', async () => {
    const { store } = await withStore();
    const create = nodeCreate('worker1', {
      privateIp: '10.0.0.1',
      publicIp: '2001:db8::1',
      labels: { rack: 'a', 'muster.io/zone': 'north' },
      groups: ['worker', 'gpu'],
      environments: 'off',
      notes: 'the "first" one',
    });
    const added = await store.nodes.add(create);
    expect(added).toMatchObject(create);
    expect(Node.parse(added)).toEqual(added);
    expect(added).toMatchObject({
      registration: 'pending',
      revision: 1,
      health: { state: 'unknown', reasons: [], since: null },
      connected: false,
      heartbeatAgeSeconds: null,
      clockSkewSeconds: null,
      facts: null,
      certificateSerial: null,
    });
    expect(await store.nodes.get('worker1')).toEqual(added);
    expect(await store.nodes.get(added.id)).toEqual(added);
    expect(await store.events.list({ limit: 10 })).toMatchObject([{ kind: 'node-added', nodeId: added.id, nodeName: 'worker1' }]);
  });

  it('refuses a name or an address that is taken, as private or as public one, and says by whom', async () => {
    const { store } = await withStore();
    await store.nodes.add(nodeCreate('worker1', { privateIp: '10.0.0.1', publicIp: '192.0.2.1' }));
    const sameName = store.nodes.add(nodeCreate('worker1'));
    await expect(sameName).rejects.toThrow(NodeExists);
    await expect(sameName).rejects.toThrow(/worker1/u);
    for (const addresses of [{ privateIp: '10.0.0.1' }, { publicIp: '10.0.0.1' }, { publicIp: '192.0.2.1' }, { privateIp: '192.0.2.1' }]) {
      const taken = store.nodes.add(nodeCreate('worker2', { privateIp: '10.0.0.2', ...addresses }));
      await expect(taken).rejects.toThrow(AddressTaken);
      await expect(taken).rejects.toThrow(/worker2 cannot have the address (10\.0\.0\.1|192\.0\.2\.1): worker1 has it/u);
    }
    expect(await store.events.list({ limit: 10 })).toHaveLength(1);
  });

  it('knows an IPv6 address by each of its spellings, and lets a node have one address twice', async () => {
    const { store } = await withStore();
    const node = await store.nodes.add(nodeCreate('worker1', { privateIp: '2001:DB8:0::1', publicIp: '2001:db8::1' }));
    expect([node.privateIp, node.publicIp]).toEqual(['2001:db8::1', '2001:db8::1']);
    await expect(store.nodes.add(nodeCreate('worker2', { privateIp: '2001:db8:0:0:0:0:0:1' }))).rejects.toThrow(AddressTaken);
  });

  it('gives one of two that ask for an address at the same moment, and frees it with its node', async () => {
    const { store } = await withStore();
    const asked = Array.from({ length: 8 }, (_, i) =>
      store.nodes.add(nodeCreate(`worker${i}`, i % 2 === 0 ? { privateIp: '10.0.0.1' } : { publicIp: '10.0.0.1' })),
    );
    const settled = await Promise.allSettled(asked);
    const failures = settled.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []));
    expect(failures).toHaveLength(7);
    expect(failures.every((failure) => failure instanceof AddressTaken)).toBe(true);
    const [owner] = (await store.nodes.list({ sort: [], filters: [], limit: 9, offset: 0 })).items;
    await store.nodes.remove(owner!.id);
    await store.nodes.add(nodeCreate('heir', { privateIp: '10.0.0.1' }));
    const heir = await store.nodes.get('heir');
    await store.nodes.replace('heir', { ...heir, privateIp: '10.0.0.2' });
    await store.nodes.add(nodeCreate('third', { publicIp: '10.0.0.1' }));
  });

  it('keeps who said what, member by member, and takes the agent’s word where nobody said', async () => {
    const { store } = await withStore();
    const node = await store.nodes.add(nodeCreate('worker1', { privateIp: '10.0.0.1' }), 'inventory');
    expect(node.sources).toEqual({ name: 'inventory', privateIp: 'inventory', publicIp: null });
    const moved = await store.nodes.replace(node.id, { ...node, publicIp: '192.0.2.1' });
    expect(moved.sources).toEqual({ name: 'inventory', privateIp: 'inventory', publicIp: 'administrator' });
    const again = await store.nodes.replace(node.id, { ...moved, privateIp: '10.0.0.9', notes: 'x' }, 'administrator');
    expect(again.sources).toEqual({ name: 'inventory', privateIp: 'administrator', publicIp: 'administrator' });
    const open = await store.nodes.replace(node.id, { ...again, privateIp: null });
    expect(open).toMatchObject({ sources: { privateIp: null }, privateIp: null, reportedIp: null });
    await store.observations.saveFacts(node.id, facts({ addresses: [{ interface: 'eth0', address: 'FD00:0::1', family: 'ipv6' }] }));
    const heard = await store.nodes.get(node.id);
    expect(heard).toMatchObject({ sources: { privateIp: 'agent' }, privateIp: null, reportedIp: 'fd00::1' });
    // What GET gives, PUT takes back unchanged: the agent's word does not become a decision by it.
    expect(await store.nodes.replace(node.id, heard)).toEqual(heard);
  });

  it('shows what a machine reports otherwise than was decided, with both values', async () => {
    const { store } = await withStore();
    const node = await store.nodes.add(nodeCreate('worker1', { privateIp: '10.0.0.1' }));
    const address = (text: string) => ({ interface: 'eth0', address: text, family: 'ipv4' as const });
    await store.observations.saveFacts(node.id, facts({ hostname: 'worker1.example.org', addresses: [address('10.0.0.1')] }));
    expect((await store.nodes.get('worker1')).mismatches).toEqual([]);
    await store.observations.saveFacts(node.id, facts({ hostname: 'template', addresses: [address('10.0.0.7')] }));
    expect((await store.nodes.get('worker1')).mismatches).toEqual([
      { member: 'hostname', decided: 'worker1', reported: 'template' },
      { member: 'privateIp', decided: '10.0.0.1', reported: '10.0.0.7' },
    ]);
  });

  it('finds a node whose name looks like an id, but an id counts first', async () => {
    const { store } = await withStore();
    const other = await store.nodes.add(nodeCreate('worker1'));
    const odd = await store.nodes.add(nodeCreate(randomUUID()));
    const sly = await store.nodes.add(nodeCreate(other.id));
    expect((await store.nodes.get(odd.name)).id).toBe(odd.id);
    expect((await store.nodes.get(other.id)).name).toBe('worker1');
    expect((await store.nodes.get(sly.id)).name).toBe(other.id);
  });

  it('says that there is no such node, whatever is asked for', async () => {
    const { store } = await withStore();
    for (const asked of ['nobody', randomUUID(), '', 'a\u0000b', '\uD800', "'; drop table nodes; --"]) {
      await expect(store.nodes.get(asked)).rejects.toThrow(NodeNotFound);
    }
    await expect(store.nodes.replace('nobody', nodeCreate('nobody'))).rejects.toThrow(NodeNotFound);
    await expect(store.nodes.remove('nobody')).rejects.toThrow(NodeNotFound);
  });

  it('keeps text that PostgreSQL itself would refuse', async () => {
    const { store } = await withStore();
    const node = await store.nodes.add(nodeCreate('worker1', { notes: 'a\u0000b\uD800', labels: { key: '\u0000' }, groups: ['x'] }));
    expect(node).toMatchObject({ notes: 'a\uFFFDb\uFFFD', labels: { key: '\uFFFD' } });
  });
});

describe('replace', () => {
  it('takes back what get gives and changes nothing by it', async () => {
    const { store } = await withStore();
    const node = await store.nodes.add(nodeCreate('worker1', { privateIp: '10.0.0.1', labels: { b: '1', a: '2' }, groups: ['x', 'y'] }));
    await store.observations.saveFacts(node.id, facts());
    const got = await store.nodes.get('worker1');
    expect(await store.nodes.replace('worker1', got)).toEqual(got);
    expect((await store.events.list({ limit: 10 })).map((event) => event.kind)).toEqual(['node-added']);
  });

  it('changes each member a person decides, once, and nothing that was observed', async () => {
    const { store } = await withStore();
    const node = await store.nodes.add(nodeCreate('worker1', { privateIp: '10.0.0.1' }));
    const wanted = nodeCreate('worker9', {
      privateIp: null,
      publicIp: '192.0.2.9',
      labels: { a: 'b' },
      groups: ['g'],
      environments: 'off',
      notes: 'n',
    });
    const replaced = await store.nodes.replace(node.id, { ...wanted, connected: true, registration: 'registered' });
    expect(replaced).toMatchObject({ ...wanted, id: node.id, revision: 2, connected: false, registration: 'pending' });
    expect(Date.parse(replaced.updatedAt)).toBeGreaterThanOrEqual(Date.parse(node.updatedAt));
    const [event] = await store.events.list({ limit: 1 });
    expect(event).toMatchObject({ kind: 'node-changed', nodeName: 'worker9', data: { revision: 2 } });
    expect(event?.message).toContain('worker1');
  });

  it('refuses a revision that is not the present one, names the present one, and changes nothing', async () => {
    const { store } = await withStore();
    const node = await store.nodes.add(nodeCreate('worker1'));
    await store.nodes.replace('worker1', { ...node, notes: 'second' });
    const late = store.nodes.replace('worker1', { ...node, notes: 'third' });
    await expect(late).rejects.toThrow(RevisionConflict);
    await expect(late).rejects.toMatchObject({ currentRevision: 2 });
    expect((await store.nodes.get('worker1')).notes).toBe('second');
  });

  it('lets one of two that change the same revision win', async () => {
    const { store } = await withStore();
    const node = await store.nodes.add(nodeCreate('worker1'));
    const outcomes = await Promise.allSettled(
      Array.from({ length: 8 }, (_, i) => store.nodes.replace('worker1', { ...node, notes: `from ${i}` })),
    );
    expect(outcomes.filter((outcome) => outcome.status === 'fulfilled')).toHaveLength(1);
    expect((await store.nodes.get('worker1')).revision).toBe(2);
  });

  it('refuses a name or an address of another node', async () => {
    const { store } = await withStore();
    await store.nodes.add(nodeCreate('worker1', { privateIp: '10.0.0.1' }));
    const node = await store.nodes.add(nodeCreate('worker2'));
    await expect(store.nodes.replace(node.id, nodeCreate('worker1'))).rejects.toThrow(NodeExists);
    await expect(store.nodes.replace(node.id, nodeCreate('worker2', { privateIp: '10.0.0.1' }))).rejects.toThrow(AddressTaken);
    expect(await store.nodes.get(node.id)).toEqual(node);
  });
});

describe('remove', () => {
  it('removes all that was observed, revokes the certificates in the same step, keeps the history', async () => {
    const { store, connection } = await withStore();
    const node = await store.nodes.add(nodeCreate('worker1'));
    await store.observations.saveFacts(node.id, facts());
    await store.observations.saveServices(node.id, services());
    await store.enrolment.makeToken(node.id, sha256('token'), 60);
    await store.certificates.record({ ...signed('01'), nodeId: node.id, nodeName: node.name });
    await store.certificates.record({ ...signed('02'), nodeId: node.id, nodeName: node.name });
    await store.certificates.revoke('01', 'lost');
    expect(await store.nodes.remove('worker1')).toEqual({ id: node.id, name: 'worker1', serials: ['02'] });
    await expect(store.nodes.get(node.id)).rejects.toThrow(NodeNotFound);
    for (const table of ['node_health', 'node_presence', 'node_facts', 'node_services', 'join_tokens']) {
      expect(await query(connection, `select from ${table}`), table).toEqual([]);
    }
    expect(await store.certificates.status('01')).toMatchObject({ revoked: true, reason: 'lost', nodeExists: false });
    expect(await store.certificates.status('02')).toMatchObject({ revoked: true, reason: 'node-removed', nodeName: 'worker1' });
    const [event] = await store.events.list({ nodeId: node.id, limit: 1 });
    expect(event).toMatchObject({ kind: 'node-removed', nodeName: 'worker1', data: { serials: ['02'] } });
  });

  it('gives name and address free for another node, with another id', async () => {
    const { store } = await withStore();
    const first = await store.nodes.add(nodeCreate('worker1', { privateIp: '10.0.0.1' }));
    await store.nodes.remove('worker1');
    const second = await store.nodes.add(nodeCreate('worker1', { privateIp: '10.0.0.1' }));
    expect(second.id).not.toBe(first.id);
  });

  it('never leaves a valid certificate when a renewal comes at the same time', async () => {
    const { store } = await withStore();
    for (let round = 0; round < 10; round += 1) {
      const node = await store.nodes.add(nodeCreate(`worker${round}`));
      const serial = `serial${round}`;
      const [, recorded] = await Promise.allSettled([
        store.nodes.remove(node.id),
        store.certificates.record({ ...signed(serial), nodeId: node.id, nodeName: node.name }),
      ]);
      const status = await store.certificates.status(serial);
      expect(recorded.status === 'rejected' ? status : status?.revoked).toBe(recorded.status === 'rejected' ? undefined : true);
    }
  });
});

describe('countByHealth', () => {
  it('counts every node once, also the states nobody is in', async () => {
    const { store } = await withStore();
    expect(await store.nodes.countByHealth()).toEqual({ total: 0, byHealth: { good: 0, degraded: 0, bad: 0, unknown: 0 } });
    const nodes = await Promise.all(['a', 'b', 'c'].map((name) => store.nodes.add(nodeCreate(name))));
    await store.health.save(nodes.slice(0, 2).map(({ id }) => ({ nodeId: id, state: 'good', reasons: [] })));
    expect(await store.nodes.countByHealth()).toEqual({ total: 3, byHealth: { good: 2, degraded: 0, bad: 0, unknown: 1 } });
  });
});
