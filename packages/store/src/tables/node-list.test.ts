import { type NodeSortKey, nodeSortKeys } from '@muster/api';
import { type NodeFilter, parseNodeQuery } from '@muster/core';
import { withStore } from '@muster/testkit';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { facts, nodeCreate, query } from '../../test/builders.ts';
import type { Store } from '../store.ts';

/** Filters as a person writes them. */
const filtersOf = (...texts: string[]): readonly NodeFilter[] => {
  const parsed = parseNodeQuery('name', texts);
  if (!parsed.ok) throw new Error(parsed.errors.map(({ message }) => message).join('; '));
  return parsed.filters;
};

const names = (items: readonly { name: string }[]): string[] => items.map((item) => item.name);

describe('order', () => {
  it('puts names in natural order', async () => {
    const { store } = await withStore();
    const wanted = [
      'node',
      'node-1',
      'node.a',
      'node1',
      'node01',
      'node2',
      'node9',
      'node9a',
      'node10',
      'node100',
      'nodes',
      'rack2-node10',
      'rack10-node2',
    ];
    await Promise.all(wanted.toReversed().map((name) => store.nodes.add(nodeCreate(name))));
    const { items } = await store.nodes.list({ sort: [{ key: 'name', descending: false }], filters: [], limit: 100, offset: 0 });
    // node1 and node01 are the same number; then the text decides.
    expect(names(items)).toEqual(wanted.map((name) => (name === 'node1' ? 'node01' : name === 'node01' ? 'node1' : name)));
    const down = await store.nodes.list({ sort: [{ key: 'name', descending: true }], filters: [], limit: 100, offset: 0 });
    expect(down.items.at(0)?.name).toBe('rack10-node2');
  });

  it('puts numbers in the order that a reader expects, however long they are', async () => {
    const { connection } = await withStore();
    const number = fc.bigInt({ min: 0n, max: 10n ** 40n });
    const pairs = fc.sample(fc.tuple(fc.constantFrom('n', 'node-', ''), number, fc.oneof(number, fc.bigInt({ min: 0n, max: 20n }))), 200);
    const rows = await query(
      connection,
      'select natural_sort_key(a) collate "C" < natural_sort_key(b) collate "C" as less from unnest($1::text[], $2::text[]) as given (a, b)',
      [pairs.map(([prefix, a]) => `${prefix}${a}x`), pairs.map(([prefix, , b]) => `${prefix}${b}x`)],
    );
    expect(rows.map((row) => row['less'])).toEqual(pairs.map(([, a, b]) => a < b));
  });

  it('puts nodes without a value last in either direction, and nodes of one value in the order of their names', async () => {
    const { store } = await withStore();
    const cores: Record<string, number | undefined> = { node10: 8, node9: 8, node1: 64, node2: undefined, node3: 1 };
    for (const [name, count] of Object.entries(cores)) {
      const { id } = await store.nodes.add(nodeCreate(name));
      if (count !== undefined) await store.observations.saveFacts(id, facts({ cores: count }));
    }
    const list = async (descending: boolean) =>
      names((await store.nodes.list({ sort: [{ key: 'cores', descending }], filters: [], limit: 10, offset: 0 })).items);
    expect(await list(false)).toEqual(['node3', 'node9', 'node10', 'node1', 'node2']);
    expect(await list(true)).toEqual(['node1', 'node9', 'node10', 'node3', 'node2']);
  });

  it('orders addresses as numbers, health by need, several keys one after the other', async () => {
    const { store } = await withStore();
    const a = await store.nodes.add(nodeCreate('a', { privateIp: '10.0.0.10' }));
    const b = await store.nodes.add(nodeCreate('b', { privateIp: '10.0.0.9', environments: 'off' }));
    const c = await store.nodes.add(nodeCreate('c', { privateIp: 'fd00::1' }));
    await store.health.save([
      { nodeId: a.id, state: 'good', reasons: [] },
      { nodeId: b.id, state: 'bad', reasons: [] },
    ]);
    const by = async (...keys: NodeSortKey[]) =>
      names((await store.nodes.list({ sort: keys.map((key) => ({ key, descending: false })), filters: [], limit: 10, offset: 0 })).items);
    expect(await by('privateIp')).toEqual(['b', 'a', 'c']);
    expect(await by('health')).toEqual(['b', 'c', 'a']);
    expect(await by('environments', 'health')).toEqual(['b', 'c', 'a']);
    expect([c.name, ...(await by('createdAt'))]).toEqual(['c', 'a', 'b', 'c']);
  });
});

describe('filters', () => {
  let store: Store;
  beforeAll(async () => {
    ({ store } = await withStore());
    const one = await store.nodes.add(
      nodeCreate('rack1-node1', { privateIp: '10.0.1.1', publicIp: '2001:db8::a1', groups: ['worker', 'gpu'] }),
    );
    await store.nodes.add(nodeCreate('rack1-node2', { privateIp: '10.0.1.2', groups: ['worker'], environments: 'off' }));
    await store.nodes.add(nodeCreate('rack2-node1', { privateIp: '10.0.2.1' }));
    await store.health.save([{ nodeId: one.id, state: 'good', reasons: [] }]);
    await store.presence.setConnected(one.id, 'server', true);
  });

  const cases = [
    ['name', 'rack1', 2],
    ['name', 'NODE1', 2],
    ['name', '%', 0],
    ['name', '_', 0],
    ['privateIp', '10.0.1.', 2],
    ['publicIp', '2001:DB8', 1],
    ['privateIp', '/32', 0],
    ['registration', 'pending', 3],
    ['registration', 'registered', 0],
    ['health', 'good', 1],
    ['health', 'unknown', 2],
    ['environments', 'off', 1],
    ['group', 'worker', 2],
    ['group', 'work', 0],
    ['connected', 'true', 1],
    ['connected', 'false', 2],
    ['name', "'; drop table nodes; --\u0000", 0],
  ] as const;

  it.each(cases)('%s:%s matches %i', async (key, value, count) => {
    const found = await store.nodes.list({ sort: [], filters: filtersOf(`${key}:${value}`), limit: 10, offset: 0 });
    expect([found.total, found.items.length]).toEqual([count, count]);
  });

  it('lets all of several hold', async () => {
    const filters = filtersOf('name:node1', 'group:gpu');
    expect((await store.nodes.list({ sort: [], filters, limit: 10, offset: 0 })).total).toBe(1);
  });
});

describe('pages', () => {
  let store: Store;
  const count = 37;
  beforeAll(async () => {
    ({ store } = await withStore());
    for (let number = 0; number < count; number += 1) {
      const { id } = await store.nodes.add(
        nodeCreate(`node${number}`, { environments: number % 2 === 0 ? 'on' : 'off', groups: number < 20 ? ['first'] : [] }),
      );
      if (number % 3 === 0) await store.observations.saveFacts(id, facts({ cores: number % 4 }));
    }
  });

  it('together are the whole list, each node once, whatever the order, filter and size', async () => {
    const sorts = fc.array(fc.record({ key: fc.constantFrom(...nodeSortKeys), descending: fc.boolean() }), { maxLength: 3 });
    const filters = fc.array(fc.constantFrom('group:first', 'environments:on'), { maxLength: 2 }).map((texts) => filtersOf(...texts));
    await fc.assert(
      fc.asyncProperty(sorts, filters, fc.integer({ min: 1, max: 40 }), async (sort, filters, limit) => {
        const whole = await store.nodes.list({ sort, filters, limit: 1000, offset: 0 });
        expect(whole.items).toHaveLength(whole.total);
        const pages: string[] = [];
        for (let offset = 0; offset < whole.total; offset += limit) {
          const page = await store.nodes.list({ sort, filters, limit, offset });
          expect(page.total).toBe(whole.total);
          pages.push(...names(page.items));
        }
        expect(pages).toEqual(names(whole.items));
        expect(new Set(pages).size).toBe(pages.length);
      }),
      { numRuns: 40 },
    );
  });

  it('keep the total when they are empty', async () => {
    expect(await store.nodes.list({ sort: [], filters: [], limit: 10, offset: 1000 })).toEqual({ items: [], total: count });
    expect(await store.nodes.list({ sort: [], filters: filtersOf('name:nothing'), limit: 10, offset: 0 })).toEqual({
      items: [],
      total: 0,
    });
  });

  it('hold whole nodes', async () => {
    const { items } = await store.nodes.list({ sort: [], filters: [], limit: 1, offset: 9 });
    const [item] = items;
    expect(item?.name).toBe('node9');
    expect(item).toEqual(await store.nodes.get('node9'));
  });
});
