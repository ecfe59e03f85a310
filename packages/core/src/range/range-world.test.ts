import { describe, expect, it } from 'vitest';
import { WorldIndex } from './range-world.ts';
import { worldOf } from './test/range-fixtures.ts';

const world = {
  ...worldOf(['a', 'b', 'c', 'd']),
  groups: new Map([
    ['ab', ['a', 'b']],
    ['a', ['d']],
    ['broken', ['a', 'x', 'y']],
    ['none', []],
  ]),
};

describe('names found in a world', () => {
  it.each([
    ['a node', ['a'], 'a'],
    ['a group', ['ab'], 'a b'],
    ['a group for the second time', ['ab', 'ab', 'c'], 'a b c'],
    ['a group without nodes', ['none'], ''],
  ])('%s', (_, names, found) => {
    const index = new WorldIndex(world);
    const into = index.none();
    expect(names.map((name) => index.add(name, into))).toEqual(names.map(() => undefined));
    expect(into.pick(world.names).join(' ')).toBe(found);
  });

  it('tells the name that is at fault, and adds nothing then', () => {
    const index = new WorldIndex(world);
    const into = index.none();
    expect(index.add('x', into)).toBe('x');
    expect(index.add('broken', into)).toBe('x');
    expect(index.add('broken', into)).toBe('x');
    expect(into.isEmpty).toBe(true);
  });

  it('knows nodes and groups, and nothing that every object has', () => {
    const index = new WorldIndex(world);
    expect(['a', 'ab', 'none', 'x', 'constructor', '__proto__', ''].filter((name) => index.isKnown(name))).toEqual(['a', 'ab', 'none']);
    expect([...index.knownNames()]).toEqual(['ab', 'a', 'broken', 'none', 'a', 'b', 'c', 'd']);
  });

  it('has all of them', () => {
    const index = new WorldIndex(world);
    const into = index.none();
    index.addAll(into);
    expect(into.pick(world.names)).toEqual(world.names);
  });
});
