import { describe, expect, it } from 'vitest';
import { MAX_RANGE_LENGTH, parseRange } from './parse-range.ts';
import { TextPattern } from './pattern/text-pattern.ts';
import type { RangeItem, RangeTerm } from './range-ast.ts';
import { rangeErrorOf } from './test/range-fixtures.ts';

/** The only term of a range. */
function termOf(text: string): RangeTerm {
  const { items } = parseRange(text);
  expect(items).toHaveLength(1);
  expect(items[0]?.terms).toHaveLength(1);
  return items[0]!.terms[0]!;
}

const sourcesOf = (text: string, items: readonly RangeItem[]): string[] =>
  items.flatMap((item) => [
    text.slice(item.offset, item.offset + item.length),
    ...item.terms.map((term) => text.slice(term.offset, term.offset + term.length)),
  ]);

describe('a range, parsed', () => {
  it('is items of terms, each with its place', () => {
    const text = ' rack1 @gpu, - node[01-02],(a , b@c) ';
    const ast = parseRange(text);
    expect(ast.source).toEqual({ text });
    expect(ast.items.map((item) => [item.excludes, item.terms.map((term) => term.kind)])).toEqual([
      [false, ['word', 'word']],
      [true, ['pattern']],
      [false, ['level']],
    ]);
    expect(sourcesOf(text, ast.items)).toEqual(['rack1 @gpu', 'rack1', 'gpu', '- node[01-02]', 'node[01-02]', '(a , b@c)', '(a , b@c)']);
    const level = ast.items[2]!.terms[0]!;
    expect(level.kind === 'level' && sourcesOf(text, level.items)).toEqual(['a', 'a', 'b@c', 'b', 'c']);
  });

  it.each([
    ['node01', { kind: 'word', word: 'node01' }],
    ['node-a-1-node-a-3', { kind: 'word', word: 'node-a-1-node-a-3' }],
    ['a.b_c', { kind: 'word', word: 'a.b_c' }],
    ['all', { kind: 'all' }],
    ['allx', { kind: 'word', word: 'allx' }],
    ['a:b', { kind: 'between', first: 'a', last: 'b' }],
    ['node08+3', { kind: 'from', first: 'node08', more: 3 }],
    ['node08+003', { kind: 'from', first: 'node08', more: 3 }],
    [
      'node[01-03,05]',
      {
        kind: 'pattern',
        parts: [
          'node',
          [
            { first: 1, last: 3, step: 1, width: 2 },
            { first: 5, last: 5, step: 1, width: 2 },
          ],
        ],
      },
    ],
    [
      '[1]-[2-8/2]x',
      { kind: 'pattern', parts: [[{ first: 1, last: 1, step: 1, width: 0 }], '-', [{ first: 2, last: 8, step: 2, width: 0 }], 'x'] },
    ],
    ['^my file', { kind: 'file', path: 'my file' }],
    ['^"a,b"', { kind: 'file', path: 'a,b' }],
    ['health=bad', { kind: 'attribute', attribute: 'health', operator: '=', value: 'bad' }],
    ['health!=bad', { kind: 'attribute', attribute: 'health', operator: '!=', value: 'bad' }],
    ['cores>=32', { kind: 'attribute', attribute: 'cores', operator: '>=', value: '32' }],
    ['cores<=32', { kind: 'attribute', attribute: 'cores', operator: '<=', value: '32' }],
    ['cores<32', { kind: 'attribute', attribute: 'cores', operator: '<', value: '32' }],
    ['cores > 32', { kind: 'attribute', attribute: 'cores', operator: '>', value: '32' }],
    ['label.a.b/c-d=x y', { kind: 'attribute', attribute: 'label.a.b/c-d', operator: '=', value: 'x y' }],
    ['a="=x"', { kind: 'attribute', attribute: 'a', operator: '=', value: '=x' }],
    ['a=b=c', { kind: 'attribute', attribute: 'a', operator: '=', value: 'b=c' }],
  ])('%s', (text, term) => {
    expect(termOf(text)).toEqual({ ...term, offset: 0, length: text.length });
  });

  it.each([
    ['/node0[1-3]', 'node0[1-3]'],
    ['/a,b', 'a'],
    [String.raw`/a\,b`, String.raw`a\,b`],
    ['/a[,@)]b', 'a[,@)]b'],
    [String.raw`/a[\],]b`, String.raw`a[\],]b`],
    ['/a(b,c)d', 'a(b,c)d'],
    ['/a{1,2}', 'a{1,2}'],
    ['/a@b', 'a'],
    ['/a b  ', 'a b'],
    ['/a\\  ', 'a\\ '],
    ['/a\\\\  ', 'a\\\\'],
    ['os=~^debian', '^debian'],
    ['os!~ a|b ', 'a|b'],
  ])('%s has the regex %s', (text, source) => {
    const term = parseRange(text).items[0]!.terms[0]!;
    expect(term.kind === 'regex' || term.kind === 'attribute' ? term.pattern : undefined).toBeInstanceOf(TextPattern);
    expect(term.kind === 'regex' || term.kind === 'attribute' ? term.pattern?.source : undefined).toBe(source);
  });

  it('goes on after a regex or a value', () => {
    const kindsOf = (text: string): string[] => parseRange(text).items.flatMap((item) => item.terms.map((term) => term.kind));
    expect(kindsOf('/a,/b@c')).toEqual(['regex', 'regex', 'word']);
    expect(kindsOf('(/a(b)),c')).toEqual(['level', 'word']);
    expect(kindsOf('os=a (b),c')).toEqual(['attribute', 'word']);
    expect(kindsOf('os="a,b@c)",c')).toEqual(['attribute', 'word']);
    expect(kindsOf('(os=~x@cores>3)@a')).toEqual(['level', 'word']);
  });
});

describe('what a range may be at most', () => {
  it('is as long as the names of a large fleet', () => {
    const name = 'a'.repeat(19);
    expect(parseRange(Array.from({ length: 100_000 }, () => name).join(',')).items).toHaveLength(100_000);
    expect(rangeErrorOf(() => parseRange('a'.repeat(MAX_RANGE_LENGTH + 1))).fault).toBe('too-large');
  });

  it('is nested a hundred times', () => {
    const nested = (depth: number): string => `${'('.repeat(depth)}a${')'.repeat(depth)}`;
    expect(parseRange(nested(100)).items).toHaveLength(1);
    expect(rangeErrorOf(() => parseRange(nested(101)))).toMatchObject({ fault: 'too-large', offset: 100, length: 1 });
  });

  it.each([
    '(',
    ')',
    '[',
    ']',
    '-',
    ',',
    '@',
    '/',
    '^',
    ':',
    '+',
    '=',
    '"',
    '\\',
    ' ',
    '1',
    'a',
    '😀',
    '/(',
    '/[',
    '/\\',
    'a=(',
    'a="\\',
    'a-',
    'a[1',
  ])('a great many %j need little time', (piece) => {
    const text = piece.repeat(200_000);
    const parsed = (): unknown => parseRange(text);
    if (['^', '1', 'a', '😀', 'a-'].includes(piece)) expect(parsed()).toHaveProperty('items.length', 1);
    else expect(rangeErrorOf(parsed).describe().length).toBeLessThan(1000);
  });
});
