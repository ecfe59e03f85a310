import { describe, expect, it } from 'vitest';
import { expandRange } from './expand-range.ts';
import { foldNames } from './fold-names.ts';
import { clusterNames, numbered, worldOf } from './test/range-fixtures.ts';

describe('names folded to a range', () => {
  it.each([
    ['', ''],
    ['web1', 'web1'],
    ['web1 web1', 'web1'],
    ['node01 node02 node03 node05 web1', 'node[01-03,05],web1'],
    ['web1 node05 node03 node01 node02', 'node[01-03,05],web1'],
    ['n1 n2', 'n[1-2]'],
    ['n1 n3', 'n[1,3]'],
    ['n9 n10 n11', 'n[9-11]'],
    ['n09 n10 n11', 'n[09-11]'],
    ['n8 n9 n10 n99 n100', 'n[8-10,99-100]'],
    ['node098 node099 node100 node101', 'node[098-101]'],
    ['n0 n1 n00 n01', 'n[00-01,0-1]'],
    ['n1 n01 n001', 'n[001,01,1]'],
    ['n8 n9 n10 n11 n09', 'n[8-11,09]'],
    ['n07 n08 n09 n10 n9', 'n[07-10,9]'],
    ['1 2 3', '[1-3]'],
    ['1a 2a', '[1-2]a'],
    ['10.0.0.1 10.0.0.2', '10.0.0.[1-2]'],
    ['c1-ib0 c2-ib0 c3-ib0', 'c[1-3]-ib0'],
    ['node-a-1 node-a-2', 'node-a-[1-2]'],
    ['gpu1.site.example gpu2.site.example', 'gpu[1-2].site.example'],
    ['b a', 'a,b'],
    ['web web1 web2 we', 'we,web,web[1-2]'],
    ['a_1 a_2 a.1 a.2', 'a.[1-2],a_[1-2]'],
    ['x12y3 x12y4', 'x12y[3-4]'],
    ['x1y3 x2y3', 'x[1-2]y3'],
    ['x1y1 x2y2', 'x1y1,x2y2'],
    ['n01x n1x n02x n2x', 'n[01-02,1-2]x'],
  ])('%s: %s', (names, range) => {
    expect(foldNames(names.split(' ').filter((name) => name !== ''))).toBe(range);
  });

  it.each([
    ['n[1,3,5,7]', 'n[1-7/2]'],
    ['n[1,3,5]', 'n[1,3,5]'],
    ['n[0001,0003,0005]', 'n[0001-0005/2]'],
    ['n[1-2,10-50/10,51]', 'n[1-2,10-50/10,51]'],
    ['web[001-010/3]', 'web[001-010/3]'],
    ['n[1-5,7,9,11,13]', 'n[1-5,7-13/2]'],
    ['n[1-100/2]', 'n[1-99/2]'],
    ['n[1-10,12,20]', 'n[1-10,12,20]'],
    ['n[100-900/100]', 'n[100-900/100]'],
    ['n[100,200,300]', 'n[100,200,300]'],
  ])('%s with steps where they save something: %s', (range, folded) => {
    const world = worldOf([...numbered('n', 0, 1000), ...numbered('n', 0, 1000, 4), ...numbered('web', 1, 20, 3)]);
    expect(foldNames(expandRange(range, world))).toBe(folded);
  });

  it.each([
    ['f[1-2]n[1-3]', 'f[1-2]n[1-3]'],
    ['f[1-2]n[1-3],f3n1', 'f[1-2]n[1-3],f3n1'],
    ['f[1-3]n[1-2],f1n3', 'f[1-3]n[1-2],f1n3'],
    ['f[1-9]n[1-9],-f5n5', 'f[1-4,6-9]n[1-9],f5n[1-4,6-9]'],
    ['r[01-03]u[1-9]b[1-2]', 'r[01-03]u[1-9]b[1-2]'],
    ['r[01-03]u[1-9]b[1-2],-r02u3b1', 'r[01,03]u[1-9]b[1-2],r02u[1-2,4-9]b[1-2],r02u3b2'],
    ['f[1-9]n1,f1n[1-9]', 'f1n[1-9],f[2-9]n1'],
  ])('%s as products: %s', (range, folded) => {
    const pairs = numbered('f', 1, 9).flatMap((frame) => numbered(`${frame}n`, 1, 9));
    const triples = numbered('r', 1, 3, 2).flatMap((rack) => numbered(`${rack}u`, 1, 9).flatMap((unit) => numbered(`${unit}b`, 1, 2)));
    const world = worldOf([...pairs, ...triples]);
    expect(foldNames(expandRange(range, world))).toBe(folded);
  });

  it('names of all kinds come back', () => {
    const folded = foldNames(clusterNames);
    expect(folded).toBe(
      'c[1-3]-ib0,f[1-2]n[1-3],gpu[1-2].site.example,n[9-12],node-a-[1-3],node[01-20,098-101],rack01-unit34,web[001-010]',
    );
    expect(expandRange(folded, worldOf(clusterNames))).toEqual(expandRange('all', worldOf(clusterNames)));
  });

  it('numbers too long to count are text', () => {
    const names = [
      'n1234567890123456',
      'n1234567890123457',
      'n123456789012345',
      'n123456789012346',
      'n1234567890123456x1',
      'n1234567890123456x2',
    ];
    const folded = foldNames(names);
    expect(folded).toBe('n[123456789012345-123456789012346],n1234567890123456,n1234567890123456x[1-2],n1234567890123457');
    expect(expandRange(folded, worldOf(names))).toEqual(expandRange('all', worldOf(names)));
  });
});

describe('names that cannot stand plainly', () => {
  it.each([
    ['all', '/all'],
    ['-n1', '/-n1'],
    ['a,b', String.raw`/a\,b`],
    ['a b', String.raw`/a\ b`],
    ['a ', String.raw`/a\ `],
    ['a@b', String.raw`/a\@b`],
    ['[1-2]', String.raw`/\[1-2\]`],
    ['a/', String.raw`/a\/`],
    ['a\\', '/a\\\\'],
    ['(a', String.raw`/\(a`],
    ['x=1', String.raw`/x\=1`],
    ['a+1', String.raw`/a\+1`],
    ['fe80::1', String.raw`/fe80\:\:1`],
    ['a.b,c', String.raw`/a\.b\,c`],
    ['', '/()'],
    ['a\nb', '/a\\\nb'],
    ['😀 1', '/\\😀\\ 1'],
  ])('%j as a regex: %s', (name, range) => {
    expect(foldNames([name])).toBe(range);
    expect(expandRange(`${range}, node1`, worldOf([name, 'node1', 'axb', 'a.bxc']))).toEqual(expect.arrayContaining([name, 'node1']));
    expect(expandRange(range, worldOf([name, 'node1', 'axb', 'a.bxc']))).toEqual([name]);
  });

  it('beyond ASCII they can', () => {
    expect(foldNames(['müller1', 'müller2', 'ノード1'])).toBe('müller[1-2],ノード1');
    expect(expandRange('müller[1-2],ノード1', worldOf(['müller1', 'müller2', 'ノード1']))).toHaveLength(3);
  });
});

describe('a hundred thousand nodes', () => {
  it.each([
    ['node[000001-100000]', numbered('node', 1, 100_000, 6)],
    ['n[1-100000]', numbered('n', 1, 100_000)],
    ['r[1-100]n[0001-1000]', numbered('r', 1, 100).flatMap((rack) => numbered(`${rack}n`, 1, 1000, 4))],
  ])('%s goes there and back', (range, names) => {
    expect(foldNames(names)).toBe(range);
    expect(expandRange(range, worldOf(names))).toEqual(names);
  });
});
