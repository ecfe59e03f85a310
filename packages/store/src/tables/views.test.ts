import { randomUUID } from 'node:crypto';
import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { nodeCreate } from '../../test/builders.ts';
import { ViewExists, ViewNotFound } from '../errors.ts';

const query = { sort: '-cores', filter: ['health:bad'], range: 'rack1', columns: null };

describe('views', () => {
  it('are their owner’s, and everyone’s where shared, by name', async () => {
    const { store } = await withStore();
    await store.views.add('ada@x', 'Ada', { name: 'bad 10', shared: false, query });
    await store.views.add('ada@x', 'Ada', { name: 'bad 9', shared: false, query });
    const shared = await store.views.add('ada@x', 'Ada', { name: 'all of us', shared: true, query });
    await store.views.add('bob@x', 'Bob', { name: 'bad 9', shared: false, query: { ...query, filter: [] } });
    expect((await store.views.list('ada@x')).map(({ name }) => name)).toEqual(['all of us', 'bad 9', 'bad 10']);
    expect((await store.views.list('bob@x')).map(({ name, owner }) => [name, owner])).toEqual([
      ['all of us', 'ada@x'],
      ['bad 9', 'bob@x'],
    ]);
    expect(await store.views.get(shared.id)).toEqual(shared);
    expect(shared).toMatchObject({ owner: 'ada@x', ownerName: 'Ada', name: 'all of us', shared: true, query });
  });

  it('have a name once for each owner, and once among the shared', async () => {
    const { store } = await withStore();
    await store.views.add('ada@x', 'Ada', { name: 'v', shared: false, query });
    const twice = store.views.add('ada@x', 'Ada', { name: 'v', shared: false, query });
    await expect(twice).rejects.toThrow(ViewExists);
    await expect(twice).rejects.toThrow('A view of yours is named "v" already.');
    const shared = await store.views.add('ada@x', 'Ada', { name: 'v', shared: true, query });
    await expect(store.views.add('bob@x', 'Bob', { name: 'v', shared: true, query })).rejects.toThrow(
      'A shared view is named "v" already.',
    );
    await expect(store.views.replace(shared.id, { name: 'v', shared: false, query })).rejects.toThrow(ViewExists);
    const settled = await Promise.allSettled(
      Array.from({ length: 5 }, () => store.views.add('eve@x', 'Eve', { name: 'w', shared: false, query })),
    );
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  it('are replaced and removed, and then are gone', async () => {
    const { store } = await withStore();
    const view = await store.views.add('ada@x', 'Ada', { name: 'v\u0000', shared: false, query });
    expect(view.name).toBe('v\uFFFD');
    const replaced = await store.views.replace(view.id, { name: 'w', shared: true, query: { ...query, range: null } });
    expect(replaced).toMatchObject({ id: view.id, name: 'w', shared: true, owner: 'ada@x', query: { range: null } });
    await store.views.remove(view.id);
    await expect(store.views.get(view.id)).rejects.toThrow(ViewNotFound);
    await expect(store.views.remove(view.id)).rejects.toThrow(ViewNotFound);
    await expect(store.views.replace(randomUUID(), replaced)).rejects.toThrow(ViewNotFound);
  });
});

describe('names for completion', () => {
  it('are those that begin so, in their order, of each kind so many', async () => {
    const { store } = await withStore();
    for (const name of ['web10', 'web9', 'db1']) {
      const { id } = await store.nodes.add(
        nodeCreate(name, { groups: [`g-${name}`, 'web-all'], labels: { rack: 'a', 'example.org/x': '1' } }),
      );
      await store.observations.saveServices(id, {
        available: true,
        services: [`${name}.service`, 'ssh.service'].map((unit) => ({ unit, state: 'running', detail: '', since: null })),
      });
    }
    const { id } = await store.nodes.add(nodeCreate('bare'));
    await store.observations.saveServices(id, { available: false, reason: 'no systemd' });
    expect(await store.names.beginningWith('', 100)).toEqual({
      nodes: ['bare', 'db1', 'web9', 'web10'],
      groups: ['g-db1', 'g-web10', 'g-web9', 'web-all'],
      labels: ['example.org/x', 'rack'],
      units: ['db1.service', 'ssh.service', 'web10.service', 'web9.service'],
    });
    expect(await store.names.beginningWith('web', 1)).toEqual({
      nodes: ['web9'],
      groups: ['web-all'],
      labels: [],
      units: ['web10.service'],
    });
    expect(await store.names.beginningWith('%', 5)).toEqual({ nodes: [], groups: [], labels: [], units: [] });
  });
});
