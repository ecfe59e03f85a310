import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NodeSet } from './node-set.ts';

const setOf = (size: number, indices: readonly number[]): NodeSet => {
  const set = new NodeSet(size);
  for (const index of indices) set.add(index);
  return set;
};
const everyIndex = (size: number): number[] => Array.from({ length: size }, (_, index) => index);

describe('a set of nodes', () => {
  it('picks what is at its indices', () => {
    expect(setOf(70, [69, 0, 31, 32, 63, 64, 0]).pick(everyIndex(70))).toEqual([0, 31, 32, 63, 64, 69]);
    expect(setOf(3, [1]).pick(['a', 'b', 'c'])).toEqual(['b']);
    expect(new NodeSet(0).pick([])).toEqual([]);
  });

  it.each([0, 1, 31, 32, 33, 64, 100])('can hold all of %i and no more', (size) => {
    const set = new NodeSet(size);
    expect(set.isEmpty).toBe(true);
    set.addAll(size);
    expect(set.pick(everyIndex(size + 40))).toEqual(everyIndex(size));
    expect(set.isEmpty).toBe(size === 0);
    expect(set.wordCount).toBe(Math.ceil(size / 32));
  });

  it('unites, intersects and subtracts as sets do', () => {
    const indices = fc.array(fc.nat(99));
    fc.assert(
      fc.property(indices, indices, (a, b) => {
        const all = everyIndex(100);
        const [united, common, rest] = [setOf(100, a), setOf(100, a), setOf(100, a)];
        united.unite(setOf(100, b));
        common.intersect(setOf(100, b));
        rest.subtract(setOf(100, b));
        expect(united.pick(all)).toEqual(all.filter((index) => a.includes(index) || b.includes(index)));
        expect(common.pick(all)).toEqual(all.filter((index) => a.includes(index) && b.includes(index)));
        expect(rest.pick(all)).toEqual(all.filter((index) => a.includes(index) && !b.includes(index)));
        expect(rest.isEmpty).toBe(a.every((index) => b.includes(index)));
      }),
    );
  });
});
