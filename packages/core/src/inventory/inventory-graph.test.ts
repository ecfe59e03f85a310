import { describe, expect, it } from 'vitest';
import { failureOf, inventoryOf, listed } from '../../test/inventory-fixtures.ts';
import { InventoryGraph } from './inventory-graph.ts';

describe('depth and priority', () => {
  it('takes the longest path to a group', () => {
    const { groups } = inventoryOf('[a:children]\nb\nc\n[b:children]\nc\n[c:children]\nd\n[b]\n[c]\n[d]\nh1');
    expect(['all', 'a', 'b', 'c', 'd'].map((name) => groups.get(name)?.depth)).toEqual([0, 1, 2, 3, 4]);
  });

  it('deepens what lies below a group that gets a parent late', () => {
    const { groups } = inventoryOf('[c]\n[b]\n[b:children]\nc\n[a:children]\nb\n');
    expect(groups.get('c')?.depth).toBe(3);
  });

  it.each([
    ['10', 10],
    ['-1', -1],
    ["'7'", 7],
    ['1.9', 1],
    ['True', 1],
    ['99999999999999999999', 1e20],
  ])('reads priority %s', (text, priority) => {
    expect(inventoryOf(`[g]\n[g:vars]\nansible_group_priority=${text}`).groups.get('g')?.priority).toBe(priority);
  });

  it.each(['x', 'None', '[1]', '1e999'])('refuses priority %s', (text) => {
    const error = failureOf(() => inventoryOf(`[g]\n[g:vars]\nansible_group_priority=${text}`));
    expect(error.problem).toBe('ansible_group_priority is not a whole number');
  });

  it('takes a deeper group over one of higher priority', () => {
    const ini = '[p:children]\nc\n[c]\nh1\n[c:vars]\nv=c\n[p:vars]\nv=p\nansible_group_priority=99\n';
    expect(inventoryOf(ini).varsOf('h1').get('v')).toBe('c');
  });
});

describe('ungrouped and all', () => {
  it('moves hosts named in [all] only to ungrouped', () => {
    expect(listed('[all]\nh1')).toMatchObject({ ungrouped: { hosts: ['h1'] } });
  });

  it('takes hosts of a real group out of ungrouped', () => {
    expect(inventoryOf('h1\nh2\n[g]\nh1').hostsInGroup('ungrouped')).toEqual(['h2']);
  });

  it('keeps the variables of a host that leaves ungrouped, without those of ungrouped', () => {
    const vars = inventoryOf('h1 a=1\n[g]\nh1\n[ungrouped:vars]\nu=1\n').varsOf('h1');
    expect([...vars]).toEqual([['a', 1]]);
  });

  it('refuses a group above all', () => {
    const error = failureOf(() => inventoryOf('[x:children]\nall'));
    expect(error.problem).toBe('group x cannot be a child of all: that would be a loop');
  });

  it('gives the variables of a host to the group of its name, and warns', () => {
    const inventory = inventoryOf('[web]\nh1\n[db]\nweb a=1');
    expect(inventory.varsOf('h1').get('a')).toBe(1);
    expect([...inventory.varsOf('web')]).toEqual([]);
    expect(inventory.warnings).toEqual(['web is both a host and a group; its variables go to the group']);
  });
});

describe('InventoryGraph', () => {
  it('adds a child once', () => {
    const graph = new InventoryGraph();
    const [a, b] = [graph.addGroup('a'), graph.addGroup('b')];
    graph.addChild(a, b);
    graph.addChild(a, b);
    expect([...a.children]).toEqual([b]);
    expect(graph.addGroup('a')).toBe(a);
  });

  it('gives hosts the ancestors that their group gets later', () => {
    const graph = new InventoryGraph();
    const [a, b, c] = [graph.addGroup('a'), graph.addGroup('b'), graph.addGroup('c')];
    graph.addHost('h1', c, undefined);
    graph.addChild(b, c);
    graph.addChild(a, b);
    expect([...(graph.hosts.get('h1')?.groups ?? [])].map((group) => group.name)).toEqual(['c', 'b', 'a']);
  });

  it('stays quick with many groups and hosts', () => {
    const groups = Array.from({ length: 500 }, (_, index) => `[g${index}]\nn[1:100]\n`).join('');
    const started = performance.now();
    expect(inventoryOf(groups).hosts).toHaveLength(100);
    expect(inventoryOf('[g]\nn[1:20000]').hosts).toHaveLength(20_000);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});
