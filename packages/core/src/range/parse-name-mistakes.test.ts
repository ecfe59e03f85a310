import { describe, expect, it } from 'vitest';
import { errorOf } from './test/range-fixtures.ts';

/** Each mistake with all that is told of it: what is wrong, the text, the place, what to do. */
const mistakes = [
  {
    range: 'node[01-05',
    fault: 'unbalanced',
    says: ['an unmatched [', '  node[01-05', '      ^', 'Close it with ].'],
    names: [],
  },
  {
    range: 'node[01-05,rack1',
    fault: 'unbalanced',
    says: ['an unmatched [', '  node[01-05,rack1', '      ^', 'Close it with ].'],
    names: [],
  },
  {
    range: 'node[01-05,web[1-2]',
    fault: 'unbalanced',
    says: ['an unmatched [', '  node[01-05,web[1-2]', '      ^', 'Close it with ].'],
    names: [],
  },
  {
    range: 'node]',
    fault: 'unbalanced',
    says: ['an unmatched ]', '  node]', '      ^', 'Remove it, or open it with [ before.'],
    names: [],
  },
  {
    range: 'node[01]]',
    fault: 'unbalanced',
    says: ['an unmatched ]', '  node[01]]', '          ^', 'Remove it, or open it with [ before.'],
    names: [],
  },
  {
    range: 'node[]',
    fault: 'empty-term',
    says: ['no number between the brackets or commas', '  node[]', '       ^', 'Write numbers like [01-03,05].'],
    names: [],
  },
  {
    range: 'node[01,]',
    fault: 'empty-term',
    says: ['no number between the brackets or commas', '  node[01,]', '          ^', 'Write numbers like [01-03,05].'],
    names: [],
  },
  {
    range: 'node[01,,02]',
    fault: 'empty-term',
    says: ['no number between the brackets or commas', '  node[01,,02]', '          ^', 'Write numbers like [01-03,05].'],
    names: [],
  },
  {
    range: 'node[a-c]',
    fault: 'bad-number',
    says: ['"a-c" is not a number or a run of numbers', '  node[a-c]', '       ^^^', 'Write numbers like [01-03,05] or [001-010/3].'],
    names: [],
  },
  {
    range: 'node[01-]',
    fault: 'bad-number',
    says: ['"01-" is not a number or a run of numbers', '  node[01-]', '       ^^^', 'Write numbers like [01-03,05] or [001-010/3].'],
    names: [],
  },
  {
    range: 'node[-3-5]',
    fault: 'bad-number',
    says: ['"-3-5" is not a number or a run of numbers', '  node[-3-5]', '       ^^^^', 'Write numbers like [01-03,05] or [001-010/3].'],
    names: [],
  },
  {
    range: 'node[1-2-3]',
    fault: 'bad-number',
    says: ['"1-2-3" is not a number or a run of numbers', '  node[1-2-3]', '       ^^^^^', 'Write numbers like [01-03,05] or [001-010/3].'],
    names: [],
  },
  {
    range: 'node[01/2]',
    fault: 'bad-number',
    says: ['"01/2" is not a number or a run of numbers', '  node[01/2]', '       ^^^^', 'Write numbers like [01-03,05] or [001-010/3].'],
    names: [],
  },
  {
    range: 'node[01-05/0]',
    fault: 'bad-number',
    says: ['the step is 0', '  node[01-05/0]', '       ^^^^^^^', 'Write 1 or more after the /.'],
    names: [],
  },
  {
    range: 'node[1-9:2]',
    fault: 'bad-number',
    says: ['"1-9:2" is not a number or a run of numbers', '  node[1-9:2]', '       ^^^^^', 'Write numbers like [01-03,05] or [001-010/3].'],
    names: [],
  },
  {
    range: 'node[1234567890123456]',
    fault: 'bad-number',
    says: [
      'the number 123456789012345... is too long',
      '  node[1234567890123456]',
      '       ^^^^^^^^^^^^^^^^',
      'Numbers in a range have at most 15 digits.',
    ],
    names: [],
  },
  {
    range: 'node[05-01]',
    fault: 'reversed',
    says: ['05 is more than 01', '  node[05-01]', '       ^^^^^', 'Write the smaller number first.'],
    names: [],
  },
  {
    range: 'node[01,05-03]',
    fault: 'reversed',
    says: ['05 is more than 03', '  node[01,05-03]', '          ^^^^^', 'Write the smaller number first.'],
    names: [],
  },
  {
    range: 'node[01-3]',
    fault: 'mixed-width',
    says: [
      '01 and 3 differ in width',
      '  node[01-3]',
      '       ^^^^',
      'Write both ends with the same number of digits, as the nodes have them: 01 and 03.',
    ],
    names: [],
  },
  {
    range: 'node[9-010]',
    fault: 'mixed-width',
    says: [
      '9 and 010 differ in width',
      '  node[9-010]',
      '       ^^^^^',
      'Write both ends with the same number of digits, as the nodes have them: 009 and 010.',
    ],
    names: [],
  },
  {
    range: 'n[001-1]',
    fault: 'mixed-width',
    says: [
      '001 and 1 differ in width',
      '  n[001-1]',
      '    ^^^^^',
      'Write both ends with the same number of digits, as the nodes have them: 001 and 001.',
    ],
    names: [],
  },
  {
    range: 'c1-ib0+99999999999999999',
    fault: 'bad-number',
    says: [
      'the number after + is too long',
      '  c1-ib0+99999999999999999',
      '         ^^^^^^^^^^^^^^^^^',
      'Write how many nodes follow the first, like node08+3.',
    ],
    names: [],
  },
  {
    range: 'node01+',
    fault: 'bad-number',
    says: ['no number after +', '  node01+', '         ^', 'Write how many nodes follow the first, like node08+3.'],
    names: [],
  },
  {
    range: 'node01+x',
    fault: 'bad-number',
    says: ['no number after +', '  node01+x', '         ^', 'Write how many nodes follow the first, like node08+3.'],
    names: [],
  },
  {
    range: 'node[01-02]+3',
    fault: 'unexpected',
    says: ['+ after a name with brackets', '  node[01-02]+3', '             ^', 'Write all numbers in brackets, or two whole names.'],
    names: [],
  },
  {
    range: 'node[01-02]:node05',
    fault: 'unexpected',
    says: [': after a name with brackets', '  node[01-02]:node05', '             ^', 'Write all numbers in brackets, or two whole names.'],
    names: [],
  },
];

describe('brackets and numbers that are refused', () => {
  it.each(mistakes)('$range', ({ range, fault, says, names }) => {
    const error = errorOf(range);
    expect(error.describe()).toBe(says.join('\n'));
    expect(error).toMatchObject({ name: 'NodeRangeError', fault, names, text: range });
    expect(error.message).toBe(`${error.problem}. ${error.advice}`);
    expect(errorOf(range, { allowEmpty: true }).describe()).toBe(error.describe());
  });
});
