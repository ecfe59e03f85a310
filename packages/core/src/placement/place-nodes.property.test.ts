import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type PlacedMember, type PlacedNode, type Placement, placeNodes } from './place-nodes.ts';

const RUNS = { numRuns: 150 };
const zone = fc.constantFrom(null, 'x', 'y');
const state = fc.constantFrom('active' as const, 'active' as const, 'active' as const, 'draining' as const, 'lost' as const);

const membersWith = (zones: fc.Arbitrary<string | null>, states: fc.Arbitrary<PlacedMember['state']>) =>
  fc
    .array(fc.record({ zone: zones, state: states }), { minLength: 1, maxLength: 6 })
    .map((list): PlacedMember[] => list.map((one, index) => ({ ...one, id: `m${index}`, addresses: [`m${index}:1`] })));
const nodesWith = (zones: fc.Arbitrary<string | null>, wishes: fc.Arbitrary<string[]>) =>
  fc
    .array(fc.record({ zone: zones, wish: wishes }), { maxLength: 60 })
    .map((list): PlacedNode[] => list.map((one, index) => ({ ...one, id: `n${index}` })));

const wish = fc.oneof({ weight: 4, arbitrary: fc.constant([] as string[]) }, fc.array(fc.constantFrom('m0', 'm1', 'm9'), { maxLength: 3 }));
const anyMembers = membersWith(zone, state);
const anyNodes = nodesWith(zone, wish);
const freeNodes = nodesWith(zone, fc.constant([]));
const activeMembers = membersWith(zone, fc.constant('active' as const));
const nothing: Placement = new Map();

/** A picture that has seen other days: placed once for other members, and then for these. */
const grown = (others: readonly PlacedMember[], nodes: readonly PlacedNode[]): Placement =>
  placeNodes({ members: others, nodes: nodes.slice(0, Math.ceil(nodes.length / 2)), before: nothing });

const spread = (numbers: readonly number[]): number => Math.max(...numbers) - Math.min(...numbers);
const firstOf = (placement: Placement, { id }: PlacedNode): string | undefined => placement.get(id)?.[0];
const countWhere = (nodes: readonly PlacedNode[], holds: (node: PlacedNode) => boolean): number => nodes.filter(holds).length;

describe('placed nodes', () => {
  it('have every member once, those that can be used first', () => {
    fc.assert(
      fc.property(anyMembers, anyMembers, anyNodes, (members, others, nodes) => {
        const placement = placeNodes({ members, nodes, before: grown(others, nodes) });
        const actives = members.filter((one) => one.state === 'active').length;
        for (const node of nodes) {
          const list = placement.get(node.id) ?? [];
          expect(list.toSorted()).toEqual(members.map(({ id }) => id).toSorted());
          const states = list.map((id) => members.find((one) => one.id === id)?.state);
          expect(states.slice(0, actives).every((one) => one === 'active')).toBe(true);
        }
        expect(placement.size).toBe(nodes.length);
      }),
      RUNS,
    );
  });

  it('are spread evenly over the members of their zone, whatever was before', () => {
    fc.assert(
      fc.property(activeMembers, anyMembers, freeNodes, (members, others, nodes) => {
        const placement = placeNodes({ members, nodes, before: grown(others, nodes) });
        for (const where of ['x', 'y']) {
          const [own, there] = [members.filter((one) => one.zone === where), nodes.filter((node) => node.zone === where)];
          if (own.length === 0) continue;
          expect(spread(own.map(({ id }) => countWhere(there, (node) => firstOf(placement, node) === id)))).toBeLessThanOrEqual(1);
        }
        const rest = nodes.filter((node) => node.zone === null || !members.some((one) => one.zone === node.zone));
        expect(spread(members.map(({ id }) => countWhere(rest, (node) => firstOf(placement, node) === id)))).toBeLessThanOrEqual(1);
      }),
      RUNS,
    );
  });

  it('would go to all others alike if their member died', () => {
    const flat = membersWith(fc.constant(null), fc.constant('active' as const));
    fc.assert(
      fc.property(flat, flat, nodesWith(fc.constant(null), fc.constant([])), (members, others, nodes) => {
        const placement = placeNodes({ members, nodes, before: grown(others, nodes) });
        for (const { id } of members) {
          const own = nodes.filter((node) => firstOf(placement, node) === id);
          const seconds = members
            .filter((one) => one.id !== id)
            .map((one) => countWhere(own, (node) => placement.get(node.id)?.[1] === one.id));
          if (seconds.length > 0) expect(spread(seconds)).toBeLessThanOrEqual(1);
        }
      }),
      RUNS,
    );
  });

  it('stay where they are while nothing changes, and do not depend on the order of what is given', () => {
    fc.assert(
      fc.property(anyMembers, anyMembers, anyNodes, (members, others, nodes) => {
        const placement = placeNodes({ members, nodes, before: grown(others, nodes) });
        expect(placeNodes({ members, nodes, before: placement })).toEqual(placement);
        const turned = placeNodes({ members: members.toReversed(), nodes: nodes.toReversed(), before: grown(others, nodes) });
        expect(Object.fromEntries(turned)).toEqual(Object.fromEntries(placement));
      }),
      RUNS,
    );
  });

  it('move only where their own member is gone', () => {
    fc.assert(
      fc.property(activeMembers, anyNodes, fc.nat(), (members, nodes, chosen) => {
        const before = placeNodes({ members, nodes, before: nothing });
        const gone = members[chosen % members.length]!;
        for (const left of [
          members.filter((one) => one !== gone),
          members.map((one) => (one === gone ? { ...one, state: 'lost' as const } : one)),
        ]) {
          if (!left.some((one) => one.state === 'active')) continue;
          const after = placeNodes({ members: left, nodes, before });
          for (const node of nodes)
            if (firstOf(before, node) !== gone.id) expect([node.id, firstOf(after, node)]).toEqual([node.id, firstOf(before, node)]);
        }
      }),
      RUNS,
    );
  });

  it('move to a new member of their zone alone, no more of them than its share', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 5 }), nodesWith(fc.constant(null), fc.constant([])), (count, nodes) => {
        const member = (index: number): PlacedMember => ({ id: `m${index}`, zone: null, state: 'active', addresses: [] });
        const members = Array.from({ length: count }, (_, index) => member(index + 1));
        const before = placeNodes({ members, nodes, before: nothing });
        // Also when its name comes before all others.
        const after = placeNodes({ members: [member(0), ...members], nodes, before });
        const moved = nodes.filter((node) => firstOf(before, node) !== firstOf(after, node));
        expect(moved.every((node) => firstOf(after, node) === 'm0')).toBe(true);
        expect(moved.length).toBeLessThanOrEqual(Math.ceil(nodes.length / (count + 1)));
      }),
      RUNS,
    );
  });
});
