import { randomUUID } from 'node:crypto';
import { runSql, withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { nodeCreate } from '../../test/builders.ts';
import { ControllerNotFound, NodeNotFound } from '../index.ts';

const controller = (changes: object = {}) => ({
  kind: 'ipmi' as const,
  address: '10.0.0.9',
  port: 623,
  user: 'admin',
  sealedPassword: 'sealed',
  certificateSha256: null,
  hostKeys: [],
  ...changes,
});

describe('the management controller of a node', () => {
  it('is kept by id or name, replaced as a whole, and gone with the node', async () => {
    const { store } = await withStore();
    const { id } = await store.nodes.add(nodeCreate('web1'));
    expect(await store.controllers.find('web1')).toBeUndefined();
    expect(await store.controllers.set('web1', controller())).toMatchObject({ ...controller(), nodeId: id, nodeName: 'web1' });
    await store.controllers.set(id, controller({ kind: 'redfish', port: 443, hostKeys: ['ssh-ed25519 AAAA'] }));
    expect(await store.controllers.find('web1')).toMatchObject({ kind: 'redfish', port: 443, hostKeys: ['ssh-ed25519 AAAA'] });
    await store.nodes.remove('web1');
    await expect(store.controllers.find(id)).rejects.toThrow(NodeNotFound);
  });

  it('is forgotten once; then there is none', async () => {
    const { store } = await withStore();
    await store.nodes.add(nodeCreate('web2'));
    await store.controllers.set('web2', controller());
    await store.controllers.remove('web2');
    expect(await store.controllers.find('web2')).toBeUndefined();
    await expect(store.controllers.remove('web2')).rejects.toThrow(ControllerNotFound);
    await expect(store.controllers.set('nobody', controller())).rejects.toThrow(NodeNotFound);
  });
});

describe('an open console', () => {
  const server = (serverId: string) => ({ serverId, run: randomUUID() });
  async function open() {
    const { store, connection } = await withStore();
    const { id } = await store.nodes.add(nodeCreate('web3'));
    const holdOf = async (holder: ReturnType<typeof server>, seconds = 60) => store.consoles.take(id, holder, 'ipmi', seconds);
    return { store, id, holdOf, runOut: () => runSql(connection, `update console_holds set expires_at = now() - interval '1 s'`) };
  }

  it('is held by one server, and others are told by which', async () => {
    const { store, id, holdOf } = await open();
    const taken = await holdOf(server('one'));
    expect(taken).toMatchObject({ hold: { nodeId: id, token: 1 } });
    expect(await holdOf(server('two'))).toMatchObject({ heldBy: { nodeName: 'web3', serverId: 'one', serverName: 'one', kind: 'ipmi' } });
    if (!('hold' in taken)) throw new Error('not held');
    expect(await store.consoles.renew(taken.hold, 3, 60)).toBe(true);
    expect(await store.consoles.list()).toMatchObject([{ nodeId: id, viewers: 3 }]);
    await store.consoles.release(taken.hold);
    expect([await store.consoles.list(), await store.consoles.find(id)]).toEqual([[], undefined]);
    expect(await holdOf(server('two'))).toHaveProperty('hold');
  });

  it('is taken by another once it has run out, and then not prolonged nor given back by the one before', async () => {
    const { store, id, holdOf, runOut } = await open();
    const before = await holdOf(server('one'));
    await runOut();
    expect(await store.consoles.find(id)).toBeUndefined();
    expect(await holdOf(server('two'))).toMatchObject({ hold: { token: 2 } });
    if (!('hold' in before)) throw new Error('not held');
    expect(await store.consoles.renew(before.hold, 1, 60)).toBe(false);
    await store.consoles.release(before.hold);
    expect(await store.consoles.find(id)).toMatchObject({ serverId: 'two' });
  });

  it('passes to the next process of the same server at once, and is taken by one of several that ask together', async () => {
    const { store, id, holdOf } = await open();
    await holdOf(server('one'));
    expect(await holdOf(server('one'))).toMatchObject({ hold: { token: 2 } });
    await store.nodes.remove(id);
    const { id: other } = await store.nodes.add(nodeCreate('web4'));
    const all = await Promise.all(['one', 'two', 'three'].map((name) => store.consoles.take(other, server(name), 'ssh', 60)));
    expect(all.filter((one) => 'hold' in one)).toHaveLength(1);
  });
});
