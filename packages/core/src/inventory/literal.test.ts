import { describe, expect, it } from 'vitest';
import { PythonFloat } from './inventory-value.ts';
import { readLiteral } from './literal.ts';

const float = (value: number) => new PythonFloat(value);

describe('readLiteral', () => {
  it.each([
    ['1', 1],
    ['-5', -5],
    ['- 5', -5],
    ['+(5)', 5],
    ['1_000', 1000],
    ['0x1F', 31],
    ['0o17', 15],
    ['0b101', 5],
    ['00', 0],
    ['12345678901234567890', 12345678901234567890n],
    ['-12345678901234567890', -12345678901234567890n],
    ['True', true],
    ['False', false],
    ['None', null],
    [' 5', 5],
    ['5 ', 5],
    ['5 # five', 5],
    ["'a' # note", 'a'],
  ])('scalar %s', (text, value) => {
    expect(readLiteral(text)).toEqual({ kind: 'literal', value });
  });

  it.each([
    ['1.10', 1.1],
    ['1.', 1],
    ['.5', 0.5],
    ['1e3', 1000],
    ['1_0.5e-1_0', 10.5e-10],
    ['007.5', 7.5],
    ['-0.0', -0],
    ['1e999', Infinity],
  ])('float %s', (text, value) => {
    expect(readLiteral(text)).toEqual({ kind: 'literal', value: float(value) });
  });

  it.each([
    ["'a'", 'a'],
    [`"it's"`, "it's"],
    ["'''a'b'''", "a'b"],
    ['\'a\' "b"', 'ab'],
    ["u'a'", 'a'],
    ["r'\\n'", '\\n'],
    ["b'abc'", 'abc'],
    ["Rb'\\x'", '\\x'],
    ["b'\\xc3\\xa9'", 'é'],
    ["'\\x41\\101\\u00e9\\U0001F600'", 'AAé\u{1f600}'],
    ["'\\n\\t\\\\\\'\\q'", "\n\t\\'\\q"],
    ["''", ''],
  ])('string %s', (text, value) => {
    expect(readLiteral(text)).toEqual({ kind: 'literal', value });
  });

  it.each([
    ['1,2', [1, 2]],
    ['1,', [1]],
    ['()', []],
    ['(1,)', [1]],
    ['(1)', 1],
    ["[1, 'x', [True]]", [1, 'x', [true]]],
    ['[1,]', [1]],
    ['{1, 1, 2}', [1, 2]],
    ['set()', []],
    ['{}', new Map()],
    [
      "{'a': 1, 'b': {'c': None}}",
      new Map<string, unknown>([
        ['a', 1],
        ['b', new Map([['c', null]])],
      ]),
    ],
    [
      "{1: 'a', None: 'b', 1.5: 'c'}",
      new Map([
        ['1', 'a'],
        ['null', 'b'],
        ['1.5', 'c'],
      ]),
    ],
    ["{1: 'a', True: 'b', 1.0: 'c'}", new Map([['1', 'c']])],
    ['{(1, 2): 3}', new Map([['(1,2)', 3]])],
    ['{1e999: 1}', new Map([['Infinity', 1]])],
  ])('collection %s', (text, value) => {
    expect(readLiteral(text)).toEqual({ kind: 'literal', value });
  });

  it.each([
    ['true', 'yes', 'null', '007', '1__0', '1_', '1x', '1.2.3', '0b12', '1 2', '1+2', '--5', '-True'],
    ['[1,x]', '[,]', '[1', '1]', "{'a'}x", "{'a':1,,}", '{,}', '{**{}}', "f'a'", 'a b', "'a' b'c'"],
    ["'open", "'\\x4'", "'\\U00110000'", "b'é'", "b'\\xff'", '5\\', '5;', '...', '1j', '1+2j', ''],
    ['set', 'set(1)', '{{ x }}', '-(1,)', '١', '５', "'a\0b'", 'a=b', '# note', '-', 'lambda', '+-1'],
  ])('text stays text', (...texts) => {
    for (const text of texts) expect([text, readLiteral(text).kind]).toEqual([text, 'text']);
  });

  it.each(['{{5}}', '{[]}', '{[]: 1}', '{(1, []): 2}', '[{{1}}, x]'])('refuses %s, as Ansible does', (text) => {
    expect(readLiteral(text)).toMatchObject({ kind: 'refused' });
  });

  it('refuses a character by name rather than get it wrong', () => {
    expect(readLiteral("'\\N{BULLET}'")).toEqual({
      kind: 'refused',
      reason: 'the named character \\N{BULLET} is not supported',
    });
  });

  it('takes 200 brackets and no more', () => {
    const nested = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);
    expect(readLiteral(nested(200)).kind).toBe('literal');
    expect(readLiteral(nested(201)).kind).toBe('text');
    expect(readLiteral('('.repeat(100_000)).kind).toBe('text');
  });

  it('leaves ints of more than 4300 digits as text', () => {
    expect(readLiteral('9'.repeat(4300)).kind).toBe('literal');
    expect(readLiteral('9'.repeat(4301)).kind).toBe('text');
  });
});
