import { describe, expect, it } from 'vitest';
import { errorOf } from './test/range-fixtures.ts';

/** Each mistake with all that is told of it: what is wrong, the text, the place, what to do. */
const mistakes = [
  {
    range: 'health==bad',
    fault: 'unexpected',
    says: [
      'there is no operator ==',
      '  health==bad',
      '         ^',
      'Write one of = != =~ !~ < <= > >=; put a value that begins with such a sign in quotation marks.',
    ],
    names: [],
  },
  {
    range: 'health!==bad',
    fault: 'unexpected',
    says: [
      'there is no operator !==',
      '  health!==bad',
      '          ^',
      'Write one of = != =~ !~ < <= > >=; put a value that begins with such a sign in quotation marks.',
    ],
    names: [],
  },
  {
    range: 'cores=>32',
    fault: 'unexpected',
    says: [
      'there is no operator =>',
      '  cores=>32',
      '        ^',
      'Write one of = != =~ !~ < <= > >=; put a value that begins with such a sign in quotation marks.',
    ],
    names: [],
  },
  {
    range: 'cores=<32',
    fault: 'unexpected',
    says: [
      'there is no operator =<',
      '  cores=<32',
      '        ^',
      'Write one of = != =~ !~ < <= > >=; put a value that begins with such a sign in quotation marks.',
    ],
    names: [],
  },
  {
    range: 'cores<>32',
    fault: 'unexpected',
    says: [
      'there is no operator <>',
      '  cores<>32',
      '        ^',
      'Write one of = != =~ !~ < <= > >=; put a value that begins with such a sign in quotation marks.',
    ],
    names: [],
  },
  {
    range: 'cores>=',
    fault: 'empty-term',
    says: ['no value after cores>=', '  cores>=', '  ^^^^^^^', 'Write a value after it, or "" for an empty one.'],
    names: [],
  },
  {
    range: 'cores=',
    fault: 'empty-term',
    says: ['no value after cores=', '  cores=', '  ^^^^^^', 'Write a value after it, or "" for an empty one.'],
    names: [],
  },
  {
    range: 'cores>many',
    fault: 'bad-value',
    says: ['"many" is not a number', '  cores>many', '        ^^^^', 'Compare with a number without a unit, like cores>32.'],
    names: [],
  },
  {
    range: 'cores>=64G',
    fault: 'bad-value',
    says: ['"64G" is not a number', '  cores>=64G', '         ^^^', 'Compare with a number without a unit, like cores>=32.'],
    names: [],
  },
  {
    range: 'cores>1e3',
    fault: 'bad-value',
    says: ['"1e3" is not a number', '  cores>1e3', '        ^^^', 'Compare with a number without a unit, like cores>32.'],
    names: [],
  },
  {
    range: 'health=baad',
    fault: 'bad-value',
    says: ['health is never "baad"', '  health=baad', '  ^^^^^^^^^^^', 'Did you mean bad?'],
    names: ['health'],
  },
  {
    range: 'health!=goood',
    fault: 'bad-value',
    says: ['health is never "goood"', '  health!=goood', '  ^^^^^^^^^^^^^', 'Did you mean good?'],
    names: ['health'],
  },
  {
    range: 'health=xyzzy',
    fault: 'bad-value',
    says: ['health is never "xyzzy"', '  health=xyzzy', '  ^^^^^^^^^^^^', 'It is one of good, degraded, bad, unknown.'],
    names: ['health'],
  },
  {
    range: 'coers>3',
    fault: 'unknown-attribute',
    says: ['no node has an attribute coers', '  coers>3', '  ^^^^^^^', 'Did you mean cores?'],
    names: ['coers'],
  },
  {
    range: 'label.zoen=a',
    fault: 'unknown-attribute',
    says: ['no node has an attribute label.zoen', '  label.zoen=a', '  ^^^^^^^^^^^^', 'Check its spelling; a label is written label.NAME.'],
    names: ['label.zoen'],
  },
  {
    range: 'label.zoen!=a',
    fault: 'unknown-attribute',
    says: [
      'no node has an attribute label.zoen',
      '  label.zoen!=a',
      '  ^^^^^^^^^^^^^',
      'Check its spelling; a label is written label.NAME.',
    ],
    names: ['label.zoen'],
  },
  {
    range: 'x/y=1',
    fault: 'unknown-attribute',
    says: ['no node has an attribute x/y', '  x/y=1', '  ^^^^^', 'Check its spelling; a label is written label.NAME.'],
    names: ['x/y'],
  },
  {
    range: 'cores=many',
    fault: 'bad-value',
    says: ['cores is a number (1 on node01), and never "many"', '  cores=many', '  ^^^^^^^^^^', 'Compare it with a number without a unit.'],
    names: ['node01'],
  },
  {
    range: 'label.size>3',
    fault: 'bad-value',
    says: ['label.size of node02 is "big", which is not a number', '  label.size>3', '  ^^^^^^^^^^^^', 'Compare texts with =, != or =~.'],
    names: ['node02'],
  },
  {
    range: 'os>3',
    fault: 'bad-value',
    says: ['os of node01 is "debian 12 (bookworm)", which is not a number', '  os>3', '  ^^^^', 'Compare texts with =, != or =~.'],
    names: ['node01'],
  },
  {
    range: 'os="debian',
    fault: 'unbalanced',
    says: [
      'a quotation mark that is not closed',
      '  os="debian',
      '     ^',
      'Close it with "; inside, write \\" and \\\\ for the characters themselves.',
    ],
    names: [],
  },
  {
    range: 'os="debian"x',
    fault: 'unexpected',
    says: ['"x" after a quoted text', '  os="debian"x', '             ^', 'Write , or @ between terms.'],
    names: [],
  },
  {
    range: 'os=(debian',
    fault: 'unbalanced',
    says: ['an unmatched (', '  os=(debian', '     ^', 'Close it with ), or put the text in quotation marks.'],
    names: [],
  },
];

describe('attributes that are refused', () => {
  it.each(mistakes)('$range', ({ range, fault, says, names }) => {
    const error = errorOf(range);
    expect(error.describe()).toBe(says.join('\n'));
    expect(error).toMatchObject({ name: 'NodeRangeError', fault, names, text: range });
    expect(error.message).toBe(`${error.problem}. ${error.advice}`);
    expect(errorOf(range, { allowEmpty: true }).describe()).toBe(error.describe());
  });
});
