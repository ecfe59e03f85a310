import { describe, expect, it } from 'vitest';
import { shareOut } from './share-out.ts';

const seekers = (...lists: string[][]) => lists.map((wishes, index) => ({ id: `s${index}`, wishes }));
const members = ['a', 'b', 'c'];

describe('sharing out', () => {
  it('lets everyone keep a place within the shares', () => {
    expect([...shareOut({ seekers: seekers(['c'], ['b'], ['a']), members }).values()]).toEqual(expect.arrayContaining(['a', 'b', 'c']));
    expect(shareOut({ seekers: seekers(['c'], ['b'], ['a']), members })).toEqual(
      new Map([
        ['s0', 'c'],
        ['s1', 'b'],
        ['s2', 'a'],
      ]),
    );
  });

  it('gives the odd place to who holds it already, then to who has less besides', () => {
    expect([...shareOut({ seekers: seekers(['c'], ['c']), members }).values()].toSorted()).toEqual(['a', 'c']);
    expect([
      ...shareOut({
        seekers: seekers([]),
        members,
        load: new Map([
          ['a', 2],
          ['b', 1],
          ['c', 1],
        ]),
      }).values(),
    ]).toEqual(['b']);
  });

  it('makes up for what is taken', () => {
    const given = shareOut({ seekers: seekers([], [], []), members, taken: new Map([['a', 5]]) });
    expect([...given.values()].toSorted()).toEqual(['b', 'b', 'c']);
  });

  it('takes the last of a member that holds too many, and follows the next wishes of those', () => {
    const given = shareOut({ seekers: seekers(['a'], ['a', 'c'], ['a', 'c'], ['b']), members });
    expect(given).toEqual(
      new Map([
        ['s0', 'a'],
        ['s1', 'a'],
        ['s2', 'c'],
        ['s3', 'b'],
      ]),
    );
  });
});
