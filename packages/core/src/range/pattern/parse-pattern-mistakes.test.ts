import { describe, expect, it } from 'vitest';
import { errorOf } from '../test/range-fixtures.ts';

/** Each mistake with all that is told of it: what is wrong, the text, the place, what to do. */
const mistakes = [
  {
    range: '/',
    fault: 'bad-regex',
    says: ['no regex after /', '  /', '  ^', 'Write one, like node0[1-3]; put \\ before a sign that is meant as it is.'],
    names: [],
  },
  {
    range: '/,node01',
    fault: 'bad-regex',
    says: ['no regex after /', '  /,node01', '  ^', 'Write one, like node0[1-3]; put \\ before a sign that is meant as it is.'],
    names: [],
  },
  {
    range: '/node(',
    fault: 'bad-regex',
    says: ['an unmatched ( in the regex', '  /node(', '       ^', 'Close it with ).'],
    names: [],
  },
  {
    range: '/node[01',
    fault: 'bad-regex',
    says: ['an unmatched [ in the regex', '  /node[01', '       ^', 'Close it with ].'],
    names: [],
  },
  {
    range: '/node0[1-3]/',
    fault: 'bad-regex',
    says: ['a / at the end of the regex', '  /node0[1-3]/', '             ^', 'Remove it: the regex ends with the term.'],
    names: [],
  },
  {
    range: '/node)',
    fault: 'unbalanced',
    says: ['an unmatched )', '  /node)', '       ^', 'Remove it, or open it with ( before.'],
    names: [],
  },
  {
    range: '/*',
    fault: 'bad-regex',
    says: ['nothing to repeat in the regex', '  /*', '   ^', 'Write something before *, or \\* for the character itself.'],
    names: [],
  },
  {
    range: '/a**',
    fault: 'bad-regex',
    says: ['nothing to repeat in the regex', '  /a**', '     ^', 'Write something before *, or \\* for the character itself.'],
    names: [],
  },
  {
    range: '/a{3,1}',
    fault: 'bad-regex',
    says: ['a reversed repetition in the regex', '  /a{3,1}', '    ^^^^^', 'Write the smaller number first.'],
    names: [],
  },
  {
    range: '/a{2000}',
    fault: 'bad-regex',
    says: ['the regex repeats too much', '  /a{2000}', '    ^^^^^^', 'Repeat 1000 times at most.'],
    names: [],
  },
  {
    range: '/(a{500}){500}',
    fault: 'bad-regex',
    says: ['the regex repeats too much', '  /(a{500}){500}', '           ^^^^^', 'Written out, it may have 2000 states.'],
    names: [],
  },
  {
    range: '/a{',
    fault: 'bad-regex',
    says: ['{ does not begin a repetition in the regex', '  /a{', '    ^', 'Write {3}, {1,3} or {1,}, or \\{.'],
    names: [],
  },
  {
    range: '/a{x}',
    fault: 'bad-regex',
    says: ['{ does not begin a repetition in the regex', '  /a{x}', '    ^', 'Write {3}, {1,3} or {1,}, or \\{.'],
    names: [],
  },
  {
    range: '/a}',
    fault: 'bad-regex',
    says: ['an unmatched } in the regex', '  /a}', '    ^', 'Write \\} for the character itself.'],
    names: [],
  },
  {
    range: '/[]',
    fault: 'bad-regex',
    says: ['an empty class in the regex', '  /[]', '   ^^', 'Write \\] for the character itself.'],
    names: [],
  },
  {
    range: '/[b-a]',
    fault: 'bad-regex',
    says: ['a reversed range of characters in the regex', '  /[b-a]', '    ^^^', 'Write the smaller one first.'],
    names: [],
  },
  {
    range: '/[\\d-x]',
    fault: 'bad-regex',
    says: ['a class of characters cannot be the end of a range', '  /[\\d-x]', '    ^^^^', 'Write - last for the character itself.'],
    names: [],
  },
  {
    range: '/(a)\\1',
    fault: 'bad-regex',
    says: ['the regex has no backreferences', '  /(a)\\1', '      ^^', 'Say the rest with @ and - in the range.'],
    names: [],
  },
  {
    range: '/\\bnode',
    fault: 'bad-regex',
    says: ['\\b means nothing in the regex', '  /\\bnode', '   ^^', 'Known are \\d \\w \\s \\D \\W \\S \\t \\n, and \\ before a sign.'],
    names: [],
  },
  {
    range: '/(?=node)',
    fault: 'bad-regex',
    says: [
      'the regex has no look-around and no named groups',
      '  /(?=node)',
      '   ^',
      'Only ( ) and (?: ) group; say the rest with @ and - in the range.',
    ],
    names: [],
  },
  {
    range: '/(?<!x)node',
    fault: 'bad-regex',
    says: [
      'the regex has no look-around and no named groups',
      '  /(?<!x)node',
      '   ^',
      'Only ( ) and (?: ) group; say the rest with @ and - in the range.',
    ],
    names: [],
  },
  {
    range: '/(?<n>x)',
    fault: 'bad-regex',
    says: [
      'the regex has no look-around and no named groups',
      '  /(?<n>x)',
      '   ^',
      'Only ( ) and (?: ) group; say the rest with @ and - in the range.',
    ],
    names: [],
  },
  {
    range: '/node\\',
    fault: 'bad-regex',
    says: ['the regex ends in a backslash', '  /node\\', '       ^', 'Write \\\\ for the character itself.'],
    names: [],
  },
  {
    range: '/\\p{L}',
    fault: 'bad-regex',
    says: ['\\p means nothing in the regex', '  /\\p{L}', '   ^^', 'Known are \\d \\w \\s \\D \\W \\S \\t \\n, and \\ before a sign.'],
    names: [],
  },
  {
    range: '/^*a',
    fault: 'bad-regex',
    says: ['nothing to repeat in the regex', '  /^*a', '    ^', 'Remove it.'],
    names: [],
  },
  {
    range: 'os=~',
    fault: 'bad-regex',
    says: ['no regex after =~', '  os=~', '    ^^', 'Write one, like node0[1-3]; put \\ before a sign that is meant as it is.'],
    names: [],
  },
  {
    range: 'os=~(',
    fault: 'bad-regex',
    says: ['an unmatched ( in the regex', '  os=~(', '      ^', 'Close it with ).'],
    names: [],
  },
  {
    range: 'os!~[',
    fault: 'bad-regex',
    says: ['an unmatched [ in the regex', '  os!~[', '      ^', 'Close it with ].'],
    names: [],
  },
  {
    range: '/a)b',
    fault: 'unbalanced',
    says: ['an unmatched )', '  /a)b', '    ^', 'Remove it, or open it with ( before.'],
    names: [],
  },
  {
    range: '/x{99999999999}',
    fault: 'bad-regex',
    says: ['{ does not begin a repetition in the regex', '  /x{99999999999}', '    ^', 'Write {3}, {1,3} or {1,}, or \\{.'],
    names: [],
  },
  {
    range: '/a?+',
    fault: 'bad-regex',
    says: ['nothing to repeat in the regex', '  /a?+', '     ^', 'Write something before +, or \\+ for the character itself.'],
    names: [],
  },
  {
    range: '/[a',
    fault: 'bad-regex',
    says: ['an unmatched [ in the regex', '  /[a', '   ^', 'Close it with ].'],
    names: [],
  },
  {
    range: '(/a',
    fault: 'unbalanced',
    says: ['an unmatched (', '  (/a', '  ^', 'Close it with ).'],
    names: [],
  },
];

describe('regexes that are refused', () => {
  it.each(mistakes)('$range', ({ range, fault, says, names }) => {
    const error = errorOf(range);
    expect(error.describe()).toBe(says.join('\n'));
    expect(error).toMatchObject({ name: 'NodeRangeError', fault, names, text: range });
    expect(error.message).toBe(`${error.problem}. ${error.advice}`);
    expect(errorOf(range, { allowEmpty: true }).describe()).toBe(error.describe());
  });
});
