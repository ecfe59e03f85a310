import { describe, expect, it } from 'vitest';
import { expandRange } from './expand-range.ts';
import { clusterNames, clusterWorld, errorOf, expanded, numbered, worldOf } from './test/range-fixtures.ts';

describe('what a range names', () => {
  describe('names, runs and patterns', () => {
    it.each([
      ['node01', 'node01'],
      ['node01,node01', 'node01'],
      ['node01-node05', 'node01 node02 node03 node04 node05'],
      ['node[01-05]', 'node01 node02 node03 node04 node05'],
      ['node01:node05', 'node01 node02 node03 node04 node05'],
      ['node[01:05]', 'node01 node02 node03 node04 node05'],
      ['node[01,03,05-06]', 'node01 node03 node05 node06'],
      ['node[01-03,05]', 'node01 node02 node03 node05'],
      ['f[1-2]n[1-3]', 'f1n1 f1n2 f1n3 f2n1 f2n2 f2n3'],
      ['f[1,2]n[1,3]', 'f1n1 f1n3 f2n1 f2n3'],
      ['f1n1-f1n3', 'f1n1 f1n2 f1n3'],
      ['node08+3', 'node08 node09 node10 node11'],
      ['node08+0', 'node08'],
      ['n9+3', 'n9 n10 n11 n12'],
      ['n10+1', 'n10 n11'],
      ['n9-n12', 'n9 n10 n11 n12'],
      ['n[9-11]', 'n9 n10 n11'],
      ['node[098-101]', 'node098 node099 node100 node101'],
      ['node098+3', 'node098 node099 node100 node101'],
      ['node098-node101', 'node098 node099 node100 node101'],
      ['web[001-010/3]', 'web001 web004 web007 web010'],
      ['web[001-010/4,002]', 'web001 web002 web005 web009'],
      ['web001-web003', 'web001 web002 web003'],
      ['n9', 'n9'],
    ])('%s', (range, nodes) => {
      expect(expanded(range)).toBe(nodes);
    });
  });

  describe('groups', () => {
    it.each([
      ['rack1', 'node01 node02 node03 node04 node05 node06 node07 node08 node09 node10'],
      [
        'rack1-rack3',
        'node01 node02 node03 node04 node05 node06 node07 node08 node09 node10 node11 node12 node13 node14 node15 node16 node17 node18 node19 node20 web001 web002',
      ],
      [
        'rack1:rack2',
        'node01 node02 node03 node04 node05 node06 node07 node08 node09 node10 node11 node12 node13 node14 node15 node16 node17 node18 node19 node20',
      ],
      [
        'rack1+1',
        'node01 node02 node03 node04 node05 node06 node07 node08 node09 node10 node11 node12 node13 node14 node15 node16 node17 node18 node19 node20',
      ],
      ['row-1-row-2', 'node01 node02 node11 node12'],
      ['dash', 'node-a-1 node-a-2 node-a-3'],
      ['empty,node01', 'node01'],
    ])('%s', (range, nodes) => {
      expect(expanded(range)).toBe(nodes);
    });
  });

  describe('exclusions', () => {
    it.each([
      [
        'rack1,rack2,-gpu',
        'node01 node02 node03 node04 node06 node07 node08 node09 node10 node11 node12 node13 node14 node16 node17 node18 node19 node20',
      ],
      ['rack1,-node01-node08', 'node09 node10'],
      ['-node01-node08,rack1', 'node09 node10'],
      ['rack1,-node03-node05,node04', 'node01 node02 node06 node07 node08 node09 node10'],
    ])('%s', (range, nodes) => {
      expect(expanded(range)).toBe(nodes);
    });
  });

  describe('intersections', () => {
    it.each([
      ['rack1@gpu', 'node05'],
      ['gpu@rack1', 'node05'],
      ['rack1@gpu,node20', 'node05 node20'],
      ['node20,rack1@gpu', 'node05 node20'],
      ['rack1,-gpu@rack2', 'node01 node02 node03 node04 node05 node06 node07 node08 node09 node10'],
      ['rack1,-gpu@rack1', 'node01 node02 node03 node04 node06 node07 node08 node09 node10'],
      ['all@gpu', 'node05 node15'],
    ])('%s', (range, nodes) => {
      expect(expanded(range)).toBe(nodes);
    });
  });

  describe('parentheses', () => {
    it.each([
      ['(rack1,rack2)@gpu', 'node05 node15'],
      ['rack1@(rack2,gpu)', 'node05'],
      ['rack1,-(node01-node08)', 'node09 node10'],
      ['rack3,(node11,node12)', 'node11 node12 web001 web002'],
      [
        'all,-(rack1,rack2),-f[1-2]n[1-3],-web[001-010]',
        'c1-ib0 c2-ib0 c3-ib0 gpu1.site.example gpu2.site.example n9 n10 n11 n12 node-a-1 node-a-2 node-a-3 node098 node099 node100 node101 rack01-unit34',
      ],
      ['(rack1,-node[01-08]),node01', 'node01 node09 node10'],
      ['(((rack3)))', 'web001 web002'],
      ['rack1@(rack1,-node[02-10])', 'node01'],
    ])('%s', (range, nodes) => {
      expect(expanded(range)).toBe(nodes);
    });
  });

  describe('regexes', () => {
    it.each([
      ['/node0[1-3]', 'node01 node02 node03'],
      ['/rack.*', 'rack01-unit34'],
      ['-/node0.*,rack1', 'node10'],
      ['/f.*n1', 'f1n1 f2n1'],
      ['/f(1|2)n[12],-/.*2', 'f1n1 f2n1'],
      ['/node\\d{3}', 'node098 node099 node100 node101'],
      ['/n\\d+', 'n9 n10 n11 n12'],
    ])('%s', (range, nodes) => {
      expect(expanded(range)).toBe(nodes);
    });
  });

  describe('hyphens and dots in names', () => {
    it.each([
      ['node-a-1', 'node-a-1'],
      ['node-a-1-node-a-3', 'node-a-1 node-a-2 node-a-3'],
      ['node-a-1:node-a-3', 'node-a-1 node-a-2 node-a-3'],
      ['node-a-[1-3]', 'node-a-1 node-a-2 node-a-3'],
      ['node-a-1+1', 'node-a-1 node-a-2'],
      ['node-a-1-node-a-1', 'node-a-1'],
      ['c1-ib0-c3-ib0', 'c1-ib0 c2-ib0 c3-ib0'],
      ['c[1-3]-ib0', 'c1-ib0 c2-ib0 c3-ib0'],
      ['c1-ib0+0', 'c1-ib0'],
      ['rack01-unit34', 'rack01-unit34'],
      ['gpu1.site.example-gpu2.site.example', 'gpu1.site.example gpu2.site.example'],
      ['gpu1.site.example+1', 'gpu1.site.example gpu2.site.example'],
      ['gpu[1-2].site.example', 'gpu1.site.example gpu2.site.example'],
    ])('%s', (range, nodes) => {
      expect(expanded(range)).toBe(nodes);
    });
  });

  describe('blanks', () => {
    it.each([
      ['node[ 01-03 , 05 ]', 'node01 node02 node03 node05'],
      ['  rack3  ,  node01  ', 'node01 web001 web002'],
      [' ( node01 , node02 ) @ rack1 ', 'node01 node02'],
      ['rack1 @ gpu', 'node05'],
      ['rack1,- gpu,-node01', 'node02 node03 node04 node06 node07 node08 node09 node10'],
    ])('%s', (range, nodes) => {
      expect(expanded(range)).toBe(nodes);
    });
  });

  it('is in natural order, whatever the order of the world', () => {
    expect(expandRange('all', worldOf(['n10', 'n9', 'n1', 'n09', 'a2', 'a10']))).toEqual(['a2', 'a10', 'n1', 'n09', 'n9', 'n10']);
  });

  it('holds each node once', () => {
    expect(expanded('node01,node[01-02],rack1@node02,all@node01')).toBe('node01 node02');
    expect(expandRange('all', worldOf(['b', 'a', 'b']))).toEqual(['a', 'b']);
  });

  it('all is every node, also where a group or a node is called so', () => {
    expect(expandRange('all', clusterWorld())).toHaveLength(clusterNames.length);
    const world = { ...worldOf(['all', 'node1']), groups: new Map([['all', ['node1']]]) };
    expect(expandRange('all', world)).toEqual(['all', 'node1']);
    expect(expandRange('/all', world)).toEqual(['all']);
  });
});

describe('names that could be several things', () => {
  const world = {
    ...worldOf(['n1', 'n2', 'n3', 'n1-n3', 'rack1', 'a-1', 'a-2', 'a-1-a-2', 'x1-y', 'x2-y', '7', '8', 'n01', 'n001']),
    groups: new Map([
      ['rack1', ['n1', 'n2']],
      ['rack2', ['n3']],
      ['n2-n3', ['n1']],
    ]),
  };
  it.each([
    ['n1-n3', 'n1-n3'],
    ['n1:n3', 'n1 n2 n3'],
    ['n2-n3', 'n1'],
    ['n2:n3', 'n2 n3'],
    ['n1-n2', 'n1 n2'],
    ['rack1', 'rack1'],
    ['rack1-rack2', 'n3 rack1'],
    ['a-1-a-2', 'a-1-a-2'],
    ['a-1:a-2', 'a-1 a-2'],
    ['x1-y-x2-y', 'x1-y x2-y'],
    ['7', '7'],
    ['7-8', '7 8'],
    ['[7-8]', '7 8'],
    ['n[1,01,001]', 'n001 n01 n1'],
  ])('%s', (range, nodes) => {
    expect(expanded(range, {}, world)).toBe(nodes);
  });
});

describe('a range that matches nothing', () => {
  it.each([
    {
      range: 'rack1@rack2',
      fault: 'matches-nothing',
      says: [
        'the range matches no node',
        '  rack1@rack2',
        '  ^^^^^^^^^^^',
        'Check what it asks for, intersects and excludes; if it may be empty, say --allow-empty.',
      ],
      names: [],
    },
    {
      range: 'empty',
      fault: 'matches-nothing',
      says: [
        'the range matches no node',
        '  empty',
        '  ^^^^^',
        'Check what it asks for, intersects and excludes; if it may be empty, say --allow-empty.',
      ],
      names: [],
    },
    {
      range: '-node01',
      fault: 'matches-nothing',
      says: ['this only excludes', '  -node01', '  ^^^^^^^', 'Write what to exclude it from, like all,-node01.'],
      names: [],
    },
    {
      range: '-node01,-node02',
      fault: 'matches-nothing',
      says: ['this only excludes', '  -node01,-node02', '  ^^^^^^^^^^^^^^^', 'Write what to exclude it from, like all,-node01.'],
      names: [],
    },
    {
      range: 'rack1@(-node05)',
      fault: 'matches-nothing',
      says: ['this only excludes', '  rack1@(-node05)', '        ^^^^^^^^^', 'Write what to exclude it from, like all,-node01.'],
      names: [],
    },
    {
      range: 'rack1,(-node05)',
      fault: 'matches-nothing',
      says: ['this only excludes', '  rack1,(-node05)', '        ^^^^^^^^^', 'Write what to exclude it from, like all,-node01.'],
      names: [],
    },
    {
      range: 'all,-all',
      fault: 'matches-nothing',
      says: [
        'the range matches no node',
        '  all,-all',
        '  ^^^^^^^^',
        'Check what it asks for, intersects and excludes; if it may be empty, say --allow-empty.',
      ],
      names: [],
    },
    {
      range: '/nothing.*',
      fault: 'matches-nothing',
      says: [
        'the range matches no node',
        '  /nothing.*',
        '  ^^^^^^^^^^',
        'Check what it asks for, intersects and excludes; if it may be empty, say --allow-empty.',
      ],
      names: [],
    },
    {
      range: 'label.zone=c',
      fault: 'matches-nothing',
      says: [
        'the range matches no node',
        '  label.zone=c',
        '  ^^^^^^^^^^^^',
        'Check what it asks for, intersects and excludes; if it may be empty, say --allow-empty.',
      ],
      names: [],
    },
  ])('$range', ({ range, fault, says }) => {
    const error = errorOf(range);
    expect(error.fault).toBe(fault);
    expect(error.describe()).toBe(says.join('\n'));
  });

  it.each([
    ['rack1@rack2', ''],
    ['empty', ''],
    ['-node01', ''],
    ['all,-all', ''],
    ['/nothing.*', ''],
    ['label.zone=c', ''],
    ['rack1@(-node05)', ''],
    ['rack3,(-node05)', 'web001 web002'],
    ['node01', 'node01'],
  ])('%s may do so when that is allowed', (range, nodes) => {
    expect(expanded(range, { allowEmpty: true })).toBe(nodes);
  });

  it('says so when there are no nodes at all', () => {
    expect(errorOf('all', {}, worldOf([])).problem).toBe('there are no nodes yet');
    expect(expandRange('all', worldOf([]), { allowEmpty: true })).toEqual([]);
  });

  it('is no mistake in a part of a range: a fleet may have no bad node today', () => {
    expect(expanded('node01,health=degraded')).toBe('node01');
    expect(expanded('rack3,-health=degraded')).toBe('web001 web002');
    expect(expanded('rack3,rack1@rack2,/nothing.*')).toBe('web001 web002');
  });
});

describe('groups that name what does not exist', () => {
  const world = clusterWorld({ groups: new Map([['old', ['node01', 'node99']]]) });

  it('are refused, alone and in a sequence', () => {
    const error = errorOf('node02,old', {}, world);
    expect(error).toMatchObject({ fault: 'unknown-name', names: ['node99'], offset: 7, length: 3 });
    expect(error.message).toBe('the group old has a node node99, which does not exist. Remove it from the group, or add the node.');
    expect(errorOf('old:old', {}, world).names).toEqual(['node99']);
  });
});

describe('what a range may cost', () => {
  const world = worldOf(numbered('n', 1, 1000));

  it.each([
    'n[1-999999999999999]',
    'n1+999999999999999',
    'n1-n999999999999999',
    'n[1-9999][1-9999][1-9999]',
    Array.from({ length: 3000 }, () => 'n[1-1000]').join(),
    Array.from({ length: 10_000 }, (_, at) => `/(.?[0-9]){1,300}${at}`).join(),
    Array.from({ length: 20_000 }, (_, at) => `x!=${at}`).join(),
  ])('is bounded (%#)', (range) => {
    const counted = { ...world, attributeOf: () => 'v' };
    expect(errorOf(range, {}, counted).fault).toBe('too-large');
  });

  it('does not grow with repeated names', () => {
    expect(expandRange(Array.from({ length: 50_000 }, () => 'n7').join(), world)).toEqual(['n7']);
    expect(expandRange(Array.from({ length: 50_000 }, () => 'all').join(), world)).toHaveLength(1000);
  });

  it('tells of the first of many unknown names', () => {
    const error = errorOf('n[1-20000]', {}, world);
    expect(error.names).toEqual(numbered('n', 1001, 1020));
    expect(error.problem).toBe('no node or group is named n[1001-1020] and more');
  });
});
