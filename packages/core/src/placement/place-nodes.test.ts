import { describe, expect, it } from 'vitest';
import { type PlacedMember, type PlacedNode, type Placement, placeNodes, serversOf } from './place-nodes.ts';

const member = (id: string, rest: Partial<PlacedMember> = {}): PlacedMember => ({
  id,
  zone: null,
  state: 'active',
  addresses: [`${id}:7421`],
  ...rest,
});
const nodesNamed = (count: number, rest: Partial<PlacedNode> = {}, prefix = 'n'): PlacedNode[] =>
  Array.from({ length: count }, (_, index) => ({ id: `${prefix}${String(index).padStart(4, '0')}`, zone: null, wish: [], ...rest }));
const nothing: Placement = new Map();

function countAt(placement: Placement, place: number, nodes: readonly PlacedNode[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { id } of nodes) {
    const at = placement.get(id)?.[place] ?? 'none';
    counts[at] = (counts[at] ?? 0) + 1;
  }
  return counts;
}

const three = [member('a'), member('b'), member('c')];

describe('the places of nodes', () => {
  it('are a third on each of three members, and the next of each third is a half of each of the others', () => {
    const nodes = nodesNamed(1000);
    const placement = placeNodes({ members: three, nodes, before: nothing });
    expect(countAt(placement, 0, nodes)).toEqual({ a: 334, b: 333, c: 333 });
    const ofA = nodes.filter(({ id }) => placement.get(id)?.[0] === 'a');
    expect(countAt(placement, 1, ofA)).toEqual({ b: 167, c: 167 });
  });

  it('go to the second of each node when its member dies, and nobody else moves', () => {
    const nodes = nodesNamed(999);
    const before = placeNodes({ members: three, nodes, before: nothing });
    const after = placeNodes({ members: [member('a', { state: 'lost' }), member('b'), member('c')], nodes, before });
    const moved = nodes.filter(({ id }) => before.get(id)?.[0] !== after.get(id)?.[0]);
    expect(moved.every(({ id }) => before.get(id)?.[0] === 'a')).toBe(true);
    // Their agents have gone there by themselves already: but for the odd one nothing is left to be moved.
    expect(moved.filter(({ id }) => before.get(id)?.[1] !== after.get(id)?.[0]).length).toBeLessThanOrEqual(1);
    expect([...after.values()].every((list) => list.length === 3 && list[2] === 'a')).toBe(true);
  });

  it('prefer the zone of the node, for the first place and for the next', () => {
    const members = [member('a1', { zone: 'a' }), member('a2', { zone: 'a' }), member('b1', { zone: 'b' })];
    const nodes = [...nodesNamed(10, { zone: 'a' }, 'na'), ...nodesNamed(4, { zone: 'b' }, 'nb')];
    const placement = placeNodes({ members, nodes, before: nothing });
    const inA = nodes.slice(0, 10);
    expect(countAt(placement, 0, inA)).toEqual({ a1: 5, a2: 5 });
    expect(countAt(placement, 2, inA)).toEqual({ b1: 10 });
    expect(countAt(placement, 0, nodes.slice(10))).toEqual({ b1: 4 });
    expect(countAt(placement, 1, nodes.slice(10))).toEqual({ a1: 2, a2: 2 });
  });

  it('of a zone without members are shared out among all', () => {
    const members = [member('a1', { zone: 'a' }), member('b1', { zone: 'b' }), member('c1', { zone: 'c', state: 'lost' })];
    const nodes = nodesNamed(10, { zone: 'c' });
    expect(countAt(placeNodes({ members, nodes, before: nothing }), 0, nodes)).toEqual({ a1: 5, b1: 5 });
  });

  it('are where an administrator has pinned them, and the others make up for it', () => {
    const pinned = nodesNamed(4, { wish: ['c', 'a'] }, 'p');
    const nodes = [...pinned, ...nodesNamed(8)];
    const placement = placeNodes({ members: three, nodes, before: nothing });
    expect(pinned.map(({ id }) => placement.get(id))).toEqual(pinned.map(() => ['c', 'a', 'b']));
    expect(countAt(placement, 0, nodes)).toEqual({ a: 4, b: 4, c: 4 });
  });

  it('of a pinned node whose member is lost are its next wish, and of one with no wish left like any other', () => {
    const members = [member('a'), member('b'), member('c', { state: 'lost' })];
    const nodes = [...nodesNamed(1, { wish: ['c', 'b'] }, 'p'), ...nodesNamed(1, { wish: ['c', 'gone'] }, 'q')];
    const placement = placeNodes({ members, nodes, before: nothing });
    expect(placement.get('p0000')).toEqual(['b', 'a', 'c']);
    expect(placement.get('q0000')).toHaveLength(3);
    expect(placement.get('q0000')?.[2]).toBe('c');
  });

  it('leave a draining member, which stands behind the active ones and before the lost', () => {
    const members = [member('a', { state: 'lost' }), member('b', { state: 'draining' }), member('c'), member('d')];
    const nodes = nodesNamed(10);
    const placement = placeNodes({ members, nodes, before: nothing });
    expect(countAt(placement, 0, nodes)).toEqual({ c: 5, d: 5 });
    expect([...placement.values()].every((list) => list[2] === 'b' && list[3] === 'a')).toBe(true);
  });

  it('are somewhere as long as there is any member, and nowhere without one', () => {
    const nodes = nodesNamed(4);
    const draining = three.map((one) => ({ ...one, state: 'draining' as const }));
    expect(countAt(placeNodes({ members: draining.slice(0, 2), nodes, before: nothing }), 0, nodes)).toEqual({ a: 2, b: 2 });
    const lost = [member('a', { state: 'lost' })];
    expect(placeNodes({ members: lost, nodes, before: nothing }).get('n0000')).toEqual(['a']);
    expect(placeNodes({ members: [], nodes, before: nothing }).get('n0000')).toEqual([]);
    expect(placeNodes({ members: [member('a')], nodes, before: nothing }).get('n0000')).toEqual(['a']);
  });
});

describe('the servers of a node', () => {
  it('are the addresses of its members in its order', () => {
    const members = [member('a', { addresses: ['a:1', '[2001:db8::1]:1'] }), member('b')];
    expect(serversOf(['b', 'gone', 'a'], members)).toEqual(['b:7421', 'a:1', '[2001:db8::1]:1']);
    expect(serversOf([], members)).toEqual([]);
  });
});
