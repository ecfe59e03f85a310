import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { newEvent, nodeCreate } from '../../test/builders.ts';
import { NodeNotFound } from '../index.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const keyA = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAaa';
const keyB = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAbb';
const reach = (hostKeys = [keyA], rest: { address?: string | null; port?: number; full?: boolean } = {}) => ({
  address: null,
  port: 22,
  full: false,
  ...rest,
  hostKeys,
});

describe('the key of the servers', () => {
  it('is none at first, and then the first that was kept, whoever comes later', async () => {
    const { store } = await withStore();
    expect(await store.agentControl.key()).toBeNull();
    const keys = ['one', 'two', 'three'].map((name) => ({ publicKey: `ssh-ed25519 ${name}`, sealedKey: bytes(`sealed ${name}`) }));
    const kept = await Promise.all(keys.map((key) => store.agentControl.saveKeyIfAbsent(key)));
    expect(new Set(kept.map(({ publicKey }) => publicKey)).size).toBe(1);
    const key = await store.agentControl.key();
    expect(key).toEqual(kept[0]);
    expect(new TextDecoder().decode(key?.sealedKey)).toBe(`sealed ${key?.publicKey.split(' ')[1]}`);
  });
});

describe('the key that is to follow', () => {
  const key = (name: string) => ({ publicKey: `ssh-ed25519 ${name}`, sealedKey: bytes(`sealed ${name}`) });

  it('needs one that it could follow', async () => {
    const { store } = await withStore();
    expect(await store.agentControl.saveNextKeyIfAbsent(key('next'))).toBeNull();
    expect(await store.agentControl.nextKey()).toBeNull();
  });

  it('is the first that was kept, and takes the place of the one before once', async () => {
    const { store } = await withStore();
    await store.agentControl.saveKeyIfAbsent(key('first'));
    const kept = await Promise.all(['one', 'two', 'three'].map((name) => store.agentControl.saveNextKeyIfAbsent(key(name))));
    const next = await store.agentControl.nextKey();
    expect(kept).toEqual([next, next, next]);
    expect(await store.agentControl.key()).toEqual(key('first'));
    expect(await store.agentControl.takeNextKey('ssh-ed25519 other')).toBe(false);
    const taken = await Promise.all([1, 2].map(() => store.agentControl.takeNextKey(next?.publicKey ?? '')));
    expect(taken.filter(Boolean)).toEqual([true]);
    expect([await store.agentControl.key(), await store.agentControl.nextKey()]).toEqual([next, null]);
  });
});

describe('how a node is reached', () => {
  it('is kept by id or by name, listed in natural order, and gone with the node', async () => {
    const { store } = await withStore();
    const [ten, nine] = [await store.nodes.add(nodeCreate('web10')), await store.nodes.add(nodeCreate('web9'))];
    expect(await store.agentControl.get(ten.id)).toBeUndefined();
    const set = await store.agentControl.set('web10', reach([keyA, keyB], { address: 'gate.example.org', port: 2222 }));
    expect(set).toMatchObject({ nodeId: ten.id, nodeName: 'web10', address: 'gate.example.org', port: 2222, hostKeys: [keyA, keyB] });
    expect(await store.agentControl.get(ten.id)).toEqual(set);
    await store.agentControl.set(nine.id, reach());
    expect((await store.agentControl.list()).map(({ nodeName }) => nodeName)).toEqual(['web9', 'web10']);
    await store.nodes.remove('web10');
    expect((await store.agentControl.list()).map(({ nodeName }) => nodeName)).toEqual(['web9']);
  });

  it('is the same after the same again, and begins anew with other keys', async () => {
    const { store } = await withStore();
    await store.nodes.add(nodeCreate('web1'));
    const first = await store.agentControl.set('web1', reach());
    expect(await store.agentControl.set('web1', reach())).toEqual(first);
    expect(await store.agentControl.set('web1', reach([keyA], { full: true }))).toEqual({ ...first, full: true });
    const other = await store.agentControl.set('web1', reach([keyB]));
    expect(other.full).toBe(false);
    expect(other.hostKeys).toEqual([keyB]);
    expect(Date.parse(other.since)).toBeGreaterThan(Date.parse(first.since));
  });

  it('can be forgotten, once', async () => {
    const { store } = await withStore();
    const { id } = await store.nodes.add(nodeCreate('web1'));
    await store.agentControl.set(id, reach());
    expect(await store.agentControl.remove('web1')).toBe(true);
    expect(await store.agentControl.remove('web1')).toBe(false);
    expect(await store.agentControl.get(id)).toBeUndefined();
  });

  it('is of nodes that exist', async () => {
    const { store } = await withStore();
    await expect(store.agentControl.set('nobody', reach())).rejects.toBeInstanceOf(NodeNotFound);
    await expect(store.agentControl.remove('nobody')).rejects.toBeInstanceOf(NodeNotFound);
  });
});

describe('a host that shows another key', () => {
  it('is an event once for each key, until the keys are pinned anew', async () => {
    const { store } = await withStore();
    const { id, name } = await store.nodes.add(nodeCreate('web1'));
    await store.agentControl.set(id, reach());
    const note = (fingerprint: string) =>
      store.agentControl.noteRefusedKey(
        id,
        fingerprint,
        newEvent(`shows ${fingerprint}`, { kind: 'host-key-changed', nodeId: id, nodeName: name }),
      );
    for (const fingerprint of ['SHA256:x', 'SHA256:x', 'SHA256:y', 'SHA256:y']) await note(fingerprint);
    const told = async () =>
      (await store.events.list({ limit: 50 })).filter(({ kind }) => kind === 'host-key-changed').map(({ message }) => message);
    expect(await told()).toEqual(['shows SHA256:y', 'shows SHA256:x']);
    expect((await store.agentControl.get(id))?.refusedKey).toBe('SHA256:y');
    await store.agentControl.set(id, reach([keyB]));
    expect((await store.agentControl.get(id))?.refusedKey).toBeNull();
    await note('SHA256:y');
    expect(await told()).toHaveLength(3);
  });

  it('is no event where nothing is kept of it', async () => {
    const { store } = await withStore();
    const { id } = await store.nodes.add(nodeCreate('web1'));
    await store.agentControl.noteRefusedKey(id, 'SHA256:x', newEvent('x', { kind: 'host-key-changed' }));
    expect((await store.events.list({ limit: 50 })).map(({ kind }) => kind)).toEqual(['node-added']);
  });
});
