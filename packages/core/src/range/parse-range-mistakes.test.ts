import { describe, expect, it } from 'vitest';
import { errorOf } from './test/range-fixtures.ts';

/** Each mistake with all that is told of it: what is wrong, the text, the place, what to do. */
const mistakes = [
  {
    range: '',
    fault: 'empty-term',
    says: ['the range is empty', '  ', '  ^', 'Write all for all nodes.'],
    names: [],
  },
  {
    range: '   ',
    fault: 'empty-term',
    says: ['the range is empty', '     ', '  ^', 'Write all for all nodes.'],
    names: [],
  },
  {
    range: ',',
    fault: 'empty-term',
    says: ['nothing is named before ","', '  ,', '  ^', 'Write a node, a group or a range there, or remove the sign next to it.'],
    names: [],
  },
  {
    range: 'a,,b',
    fault: 'empty-term',
    says: ['nothing is named before ","', '  a,,b', '    ^', 'Write a node, a group or a range there, or remove the sign next to it.'],
    names: [],
  },
  {
    range: 'node01,',
    fault: 'empty-term',
    says: [
      'nothing is named at the end',
      '  node01,',
      '         ^',
      'Write a node, a group or a range there, or remove the sign next to it.',
    ],
    names: [],
  },
  {
    range: ',node01',
    fault: 'empty-term',
    says: ['nothing is named before ","', '  ,node01', '  ^', 'Write a node, a group or a range there, or remove the sign next to it.'],
    names: [],
  },
  {
    range: 'node01,,node02',
    fault: 'empty-term',
    says: [
      'nothing is named before ","',
      '  node01,,node02',
      '         ^',
      'Write a node, a group or a range there, or remove the sign next to it.',
    ],
    names: [],
  },
  {
    range: 'rack1@',
    fault: 'empty-term',
    says: [
      'nothing is named at the end',
      '  rack1@',
      '        ^',
      'Write a node, a group or a range there, or remove the sign next to it.',
    ],
    names: [],
  },
  {
    range: '@gpu',
    fault: 'empty-term',
    says: ['nothing is named before "@"', '  @gpu', '  ^', 'Write a node, a group or a range there, or remove the sign next to it.'],
    names: [],
  },
  {
    range: 'rack1@@gpu',
    fault: 'empty-term',
    says: [
      'nothing is named before "@"',
      '  rack1@@gpu',
      '        ^',
      'Write a node, a group or a range there, or remove the sign next to it.',
    ],
    names: [],
  },
  {
    range: 'rack1@,node01',
    fault: 'empty-term',
    says: [
      'nothing is named before ","',
      '  rack1@,node01',
      '        ^',
      'Write a node, a group or a range there, or remove the sign next to it.',
    ],
    names: [],
  },
  {
    range: '()',
    fault: 'empty-term',
    says: ['nothing is named before ")"', '  ()', '   ^', 'Write a node, a group or a range there, or remove the sign next to it.'],
    names: [],
  },
  {
    range: 'rack1,()',
    fault: 'empty-term',
    says: [
      'nothing is named before ")"',
      '  rack1,()',
      '         ^',
      'Write a node, a group or a range there, or remove the sign next to it.',
    ],
    names: [],
  },
  {
    range: '(node01,)',
    fault: 'empty-term',
    says: [
      'nothing is named before ")"',
      '  (node01,)',
      '          ^',
      'Write a node, a group or a range there, or remove the sign next to it.',
    ],
    names: [],
  },
  {
    range: '-',
    fault: 'empty-term',
    says: ['nothing is named at the end', '  -', '   ^', 'Write a node, a group or a range there, or remove the sign next to it.'],
    names: [],
  },
  {
    range: 'rack1,-',
    fault: 'empty-term',
    says: [
      'nothing is named at the end',
      '  rack1,-',
      '         ^',
      'Write a node, a group or a range there, or remove the sign next to it.',
    ],
    names: [],
  },
  {
    range: 'rack1@-gpu',
    fault: 'unexpected',
    says: ['- after @ excludes nothing', '  rack1@-gpu', '        ^', 'Exclude with a comma before: rack1,-gpu.'],
    names: [],
  },
  {
    range: 'rack1@ -gpu',
    fault: 'unexpected',
    says: ['- after @ excludes nothing', '  rack1@ -gpu', '         ^', 'Exclude with a comma before: rack1,-gpu.'],
    names: [],
  },
  {
    range: '--node01',
    fault: 'unexpected',
    says: ['a second -', '  --node01', '   ^', 'Write one - before what is excluded; names begin with no hyphen.'],
    names: [],
  },
  {
    range: '(node01',
    fault: 'unbalanced',
    says: ['an unmatched (', '  (node01', '  ^', 'Close it with ).'],
    names: [],
  },
  {
    range: '(rack1,(node01)',
    fault: 'unbalanced',
    says: ['an unmatched (', '  (rack1,(node01)', '  ^', 'Close it with ).'],
    names: [],
  },
  {
    range: 'node01)',
    fault: 'unbalanced',
    says: ['an unmatched )', '  node01)', '        ^', 'Remove it, or open it with ( before.'],
    names: [],
  },
  {
    range: 'node01,)',
    fault: 'unbalanced',
    says: ['an unmatched )', '  node01,)', '         ^', 'Remove it, or open it with ( before.'],
    names: [],
  },
  {
    range: ')',
    fault: 'unbalanced',
    says: ['an unmatched )', '  )', '  ^', 'Remove it, or open it with ( before.'],
    names: [],
  },
  {
    range: 'node01:',
    fault: 'empty-term',
    says: ['no name after node01:', '  node01:', '         ^', 'Write the last node or group there.'],
    names: [],
  },
  {
    range: 'node01:node02:node03',
    fault: 'unexpected',
    says: [
      'unexpected ":"',
      '  node01:node02:node03',
      '               ^',
      'Write , between nodes, @ for those in both, and no blanks within a term.',
    ],
    names: [],
  },
  {
    range: 'node01 node02',
    fault: 'unexpected',
    says: ['unexpected "n"', '  node01 node02', '         ^', 'Write , between nodes, @ for those in both, and no blanks within a term.'],
    names: [],
  },
  {
    range: 'node01 - node02',
    fault: 'unexpected',
    says: ['unexpected "-"', '  node01 - node02', '         ^', 'Write , between nodes, @ for those in both, and no blanks within a term.'],
    names: [],
  },
  {
    range: 'rack1 gpu',
    fault: 'unexpected',
    says: ['unexpected "g"', '  rack1 gpu', '        ^', 'Write , between nodes, @ for those in both, and no blanks within a term.'],
    names: [],
  },
  {
    range: 'node01;node02',
    fault: 'unexpected',
    says: ['unexpected ";"', '  node01;node02', '        ^', 'Write , between nodes, @ for those in both, and no blanks within a term.'],
    names: [],
  },
  {
    range: 'node01*',
    fault: 'unexpected',
    says: ['unexpected "*"', '  node01*', '        ^', 'Write , between nodes, @ for those in both, and no blanks within a term.'],
    names: [],
  },
  {
    range: 'node?1',
    fault: 'unexpected',
    says: ['unexpected "?"', '  node?1', '      ^', 'Write , between nodes, @ for those in both, and no blanks within a term.'],
    names: [],
  },
  {
    range: '!gpu',
    fault: 'unexpected',
    says: ['unexpected "!"', '  !gpu', '  ^', 'Names have letters, digits, hyphens, dots and underscores; / begins a regex.'],
    names: [],
  },
  {
    range: 'node01\tx',
    fault: 'unexpected',
    says: ['unexpected "x"', '  node01 x', '         ^', 'Write , between nodes, @ for those in both, and no blanks within a term.'],
    names: [],
  },
  {
    range: '"node01"',
    fault: 'unexpected',
    says: ['unexpected """', '  "node01"', '  ^', 'Names have letters, digits, hyphens, dots and underscores; / begins a regex.'],
    names: [],
  },
  {
    range: '~x',
    fault: 'unexpected',
    says: ['unexpected "~"', '  ~x', '  ^', 'Names have letters, digits, hyphens, dots and underscores; / begins a regex.'],
    names: [],
  },
  {
    range: 'node(01)',
    fault: 'unexpected',
    says: ['unexpected "("', '  node(01)', '      ^', 'Write , between nodes, @ for those in both, and no blanks within a term.'],
    names: [],
  },
  {
    range: '(node01)node02',
    fault: 'unexpected',
    says: ['unexpected "n"', '  (node01)node02', '          ^', 'Write , between nodes, @ for those in both, and no blanks within a term.'],
    names: [],
  },
  {
    range: `'node01'`,
    fault: 'unexpected',
    says: [`unexpected "'"`, `  'node01'`, '  ^', 'Names have letters, digits, hyphens, dots and underscores; / begins a regex.'],
    names: [],
  },
  {
    range: '^',
    fault: 'empty-term',
    says: ['^ without a file', '  ^', '  ^', 'Write the path of a file after it.'],
    names: [],
  },
  {
    range: '^"hosts',
    fault: 'unbalanced',
    says: [
      'a quotation mark that is not closed',
      '  ^"hosts',
      '   ^',
      'Close it with "; inside, write \\" and \\\\ for the characters themselves.',
    ],
    names: [],
  },
  {
    range: '^(hosts',
    fault: 'unbalanced',
    says: ['an unmatched (', '  ^(hosts', '   ^', 'Close it with ), or put the text in quotation marks.'],
    names: [],
  },
];

describe('ranges that cannot be read', () => {
  it.each(mistakes)('$range', ({ range, fault, says, names }) => {
    const error = errorOf(range);
    expect(error.describe()).toBe(says.join('\n'));
    expect(error).toMatchObject({ name: 'NodeRangeError', fault, names, text: range });
    expect(error.message).toBe(`${error.problem}. ${error.advice}`);
    expect(errorOf(range, { allowEmpty: true }).describe()).toBe(error.describe());
  });
});
