import { describe, expect, it } from 'vitest';
import { errorOf } from './test/range-fixtures.ts';

/** Each mistake with all that is told of it: what is wrong, the text, the place, what to do. */
const mistakes = [
  {
    range: 'node05-node01',
    fault: 'reversed',
    says: ['node05 and node01 make no range: 05 is more than 01', '  node05-node01', '  ^^^^^^^^^^^^^', 'Write the smaller number first.'],
    names: ['node05', 'node01'],
  },
  {
    range: 'node05:node01',
    fault: 'reversed',
    says: ['node05 and node01 make no range: 05 is more than 01', '  node05:node01', '  ^^^^^^^^^^^^^', 'Write the smaller number first.'],
    names: ['node05', 'node01'],
  },
  {
    range: 'rack2-rack1',
    fault: 'reversed',
    says: ['rack2 and rack1 make no range: 2 is more than 1', '  rack2-rack1', '  ^^^^^^^^^^^', 'Write the smaller number first.'],
    names: ['rack2', 'rack1'],
  },
  {
    range: 'node98-node101',
    fault: 'unknown-name',
    says: [
      'no node or group is named node[98-99]',
      '  node98-node101',
      '  ^^^^^^^^^^^^^^',
      'Name only what exists, such as "node[100-101]".',
    ],
    names: ['node98', 'node99'],
  },
  {
    range: 'n9-n012',
    fault: 'mixed-width',
    says: [
      'n9 and n012 make no range: 9 and 012 differ in width',
      '  n9-n012',
      '  ^^^^^^^',
      'Write both ends with the same number of digits, as the nodes have them: 009 and 012.',
    ],
    names: ['n9', 'n012'],
  },
  {
    range: 'node01-f1n1',
    fault: 'not-a-sequence',
    says: ['node01 and f1n1 differ in more than a number', '  node01-f1n1', '  ^^^^^^^^^^^', 'Name the nodes one by one, or by a group.'],
    names: ['node01', 'f1n1'],
  },
  {
    range: 'f1n1-f2n3',
    fault: 'not-a-sequence',
    says: ['f1n1 and f2n3 differ in several numbers', '  f1n1-f2n3', '  ^^^^^^^^^', 'Write each in brackets, like f[1-2]n[1-3].'],
    names: ['f1n1', 'f2n3'],
  },
  {
    range: 'rack1-gpu',
    fault: 'not-a-sequence',
    says: ['rack1 and gpu differ in more than a number', '  rack1-gpu', '  ^^^^^^^^^', 'Name the nodes one by one, or by a group.'],
    names: ['rack1', 'gpu'],
  },
  {
    range: 'node01:gpu',
    fault: 'not-a-sequence',
    says: ['node01 and gpu differ in more than a number', '  node01:gpu', '  ^^^^^^^^^^', 'Name the nodes one by one, or by a group.'],
    names: ['node01', 'gpu'],
  },
  {
    range: 'dash+2',
    fault: 'not-a-sequence',
    says: ['dash has no number', '  dash+2', '  ^^^^^^', 'Write the number to count in brackets, like node[08-11].'],
    names: ['dash'],
  },
  {
    range: 'gpu1.site2.example+1',
    fault: 'not-a-sequence',
    says: [
      'gpu1.site2.example has several numbers, none of them at its end',
      '  gpu1.site2.example+1',
      '  ^^^^^^^^^^^^^^^^^^^^',
      'Write the number to count in brackets, like node[08-11].',
    ],
    names: ['gpu1.site2.example'],
  },
  {
    range: 'nosuch',
    fault: 'unknown-name',
    says: ['no node or group is named nosuch', '  nosuch', '  ^^^^^^', 'See which nodes and groups there are, and name only those.'],
    names: ['nosuch'],
  },
  {
    range: 'nod05',
    fault: 'unknown-name',
    says: ['no node or group is named nod05', '  nod05', '  ^^^^^', 'Did you mean node05?'],
    names: ['nod05'],
  },
  {
    range: 'noed05,rack1',
    fault: 'unknown-name',
    says: ['no node or group is named noed05', '  noed05,rack1', '  ^^^^^^', 'Did you mean node05?'],
    names: ['noed05'],
  },
  {
    range: 'rack1,rackk2',
    fault: 'unknown-name',
    says: ['no node or group is named rackk2', '  rack1,rackk2', '        ^^^^^^', 'Did you mean rack2?'],
    names: ['rackk2'],
  },
  {
    range: 'node01,nosuch',
    fault: 'unknown-name',
    says: [
      'no node or group is named nosuch',
      '  node01,nosuch',
      '         ^^^^^^',
      'See which nodes and groups there are, and name only those.',
    ],
    names: ['nosuch'],
  },
  {
    range: '-nosuch,rack1',
    fault: 'unknown-name',
    says: [
      'no node or group is named nosuch',
      '  -nosuch,rack1',
      '   ^^^^^^',
      'See which nodes and groups there are, and name only those.',
    ],
    names: ['nosuch'],
  },
  {
    range: 'rack1@nosuch',
    fault: 'unknown-name',
    says: [
      'no node or group is named nosuch',
      '  rack1@nosuch',
      '        ^^^^^^',
      'See which nodes and groups there are, and name only those.',
    ],
    names: ['nosuch'],
  },
  {
    range: 'all,-nosuch',
    fault: 'unknown-name',
    says: [
      'no node or group is named nosuch',
      '  all,-nosuch',
      '       ^^^^^^',
      'See which nodes and groups there are, and name only those.',
    ],
    names: ['nosuch'],
  },
  {
    range: 'rack9',
    fault: 'unknown-name',
    says: ['no node or group is named rack9', '  rack9', '  ^^^^^', 'Did you mean rack1?'],
    names: ['rack9'],
  },
  {
    range: 'Node01',
    fault: 'unknown-name',
    says: ['no node or group is named Node01', '  Node01', '  ^^^^^^', 'Did you mean node01?'],
    names: ['Node01'],
  },
  {
    range: 'node19-node22',
    fault: 'unknown-name',
    says: ['no node or group is named node[21-22]', '  node19-node22', '  ^^^^^^^^^^^^^', 'Name only what exists, such as "node[19-20]".'],
    names: ['node21', 'node22'],
  },
  {
    range: 'node19:node22',
    fault: 'unknown-name',
    says: ['no node or group is named node[21-22]', '  node19:node22', '  ^^^^^^^^^^^^^', 'Name only what exists, such as "node[19-20]".'],
    names: ['node21', 'node22'],
  },
  {
    range: 'node[19-22]',
    fault: 'unknown-name',
    says: ['no node or group is named node[21-22]', '  node[19-22]', '  ^^^^^^^^^^^', 'Name only what exists, such as "node[19-20]".'],
    names: ['node21', 'node22'],
  },
  {
    range: 'node19+3',
    fault: 'unknown-name',
    says: ['no node or group is named node[21-22]', '  node19+3', '  ^^^^^^^^', 'Name only what exists, such as "node[19-20]".'],
    names: ['node21', 'node22'],
  },
  {
    range: 'web[001-020]',
    fault: 'unknown-name',
    says: ['no node or group is named web[011-020]', '  web[001-020]', '  ^^^^^^^^^^^^', 'Name only what exists, such as "web[001-010]".'],
    names: ['web011', 'web012', 'web013', 'web014', 'web015', 'web016', 'web017', 'web018', 'web019', 'web020'],
  },
  {
    range: 'x[1-99]',
    fault: 'unknown-name',
    says: [
      'no node or group is named x[1-20] and more',
      '  x[1-99]',
      '  ^^^^^^^',
      'See which nodes and groups there are, and name only those.',
    ],
    names: [
      'x1',
      'x2',
      'x3',
      'x4',
      'x5',
      'x6',
      'x7',
      'x8',
      'x9',
      'x10',
      'x11',
      'x12',
      'x13',
      'x14',
      'x15',
      'x16',
      'x17',
      'x18',
      'x19',
      'x20',
    ],
  },
  {
    range: 'rack1-rack9',
    fault: 'unknown-name',
    says: ['no node or group is named rack[4-9]', '  rack1-rack9', '  ^^^^^^^^^^^', 'Name only what exists, such as "rack[1-3]".'],
    names: ['rack4', 'rack5', 'rack6', 'rack7', 'rack8', 'rack9'],
  },
  {
    range: 'node01-nodf05',
    fault: 'unknown-name',
    says: ['no node or group is named nodf05', '  node01-nodf05', '  ^^^^^^^^^^^^^', 'Did you mean node05?'],
    names: ['nodf05'],
  },
  {
    range: 'node-a-1-node-a-9',
    fault: 'unknown-name',
    says: [
      'no node or group is named node-a-[4-9]',
      '  node-a-1-node-a-9',
      '  ^^^^^^^^^^^^^^^^^',
      'Name only what exists, such as "node-a-[1-3]".',
    ],
    names: ['node-a-4', 'node-a-5', 'node-a-6', 'node-a-7', 'node-a-8', 'node-a-9'],
  },
  {
    range: 'node01-web-x',
    fault: 'unknown-name',
    says: [
      'no node or group is named node01-web-x',
      '  node01-web-x',
      '  ^^^^^^^^^^^^',
      'See which nodes and groups there are, and name only those.',
    ],
    names: ['node01-web-x'],
  },
  {
    range: 'a-b-c',
    fault: 'unknown-name',
    says: ['no node or group is named a-b-c', '  a-b-c', '  ^^^^^', 'See which nodes and groups there are, and name only those.'],
    names: ['a-b-c'],
  },
  {
    range: 'node01:nosuch',
    fault: 'unknown-name',
    says: ['no node or group is named nosuch', '  node01:nosuch', '  ^^^^^^^^^^^^^', 'Name only what exists, such as "node01".'],
    names: ['nosuch'],
  },
  {
    range: 'node01-',
    fault: 'unknown-name',
    says: ['no node or group is named node01-', '  node01-', '  ^^^^^^^', 'Did you mean node01?'],
    names: ['node01-'],
  },
  {
    range: 'node21',
    fault: 'unknown-name',
    says: ['no node or group is named node21', '  node21', '  ^^^^^^', 'Did you mean node01?'],
    names: ['node21'],
  },
];

describe('names that do not exist or make no sequence', () => {
  it.each(mistakes)('$range', ({ range, fault, says, names }) => {
    const error = errorOf(range);
    expect(error.describe()).toBe(says.join('\n'));
    expect(error).toMatchObject({ name: 'NodeRangeError', fault, names, text: range });
    expect(error.message).toBe(`${error.problem}. ${error.advice}`);
    expect(errorOf(range, { allowEmpty: true }).describe()).toBe(error.describe());
  });
});
