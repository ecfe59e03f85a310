import { describe, expect, it } from 'vitest';
import { failureOf } from '../../test/inventory-fixtures.ts';
import { PythonFloat, TaggedText } from './inventory-value.ts';
import { readVariablesDocument } from './variables-document.ts';

const read = (text: string) => readVariablesDocument('vars.yml', text);
const entries = (text: string) => [...read(text)];

describe('YAML', () => {
  it('types plain values, and leaves quoted and block text alone', () => {
    expect(entries('a: 1\nb: \'1\'\nc: yes\nd: "no"\ne:\nf: |\n  two\n  lines\ng: 1.0\n')).toEqual([
      ['a', 1],
      ['b', '1'],
      ['c', true],
      ['d', 'no'],
      ['e', null],
      ['f', 'two\nlines\n'],
      ['g', new PythonFloat(1)],
    ]);
  });

  it('writes keys as JSON would', () => {
    expect(entries('2: a\nyes: b\n~: c\n1.5: d\n=: e\n')).toEqual([
      ['2', 'a'],
      ['true', 'b'],
      ['null', 'c'],
      ['1.5', 'd'],
      ['=', 'e'],
    ]);
  });

  it('holds 1 and true for one key, as Python does', () => {
    expect(entries('1: a\ntrue: b\n')).toEqual([['1', 'b']]);
  });

  it('takes the last of two equal keys', () => {
    expect(entries('a: 1\na: 2\n')).toEqual([['a', 2]]);
  });

  it('follows anchors and merges', () => {
    const text = 'base: &b {p: 1, q: 1}\none: {<<: *b, q: 2}\ntwo: {<<: [{r: 1}, {r: 2, s: 2}], s: 3}\nlist: [*b]\n';
    const map = read(text);
    expect(map.get('one')).toEqual(
      new Map([
        ['p', 1],
        ['q', 2],
      ]),
    );
    expect(map.get('two')).toEqual(
      new Map([
        ['r', 1],
        ['s', 3],
      ]),
    );
    expect(map.get('list')).toEqual([
      new Map([
        ['p', 1],
        ['q', 1],
      ]),
    ]);
  });

  it("knows Ansible's tags and YAML's own", () => {
    const text = "a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  61\nb: !unsafe '{{ x }}'\nc: !!str 5\nd: !!int '7'\ne: ! 8\nf: !\n";
    expect(entries(text)).toEqual([
      ['a', new TaggedText('vault', '$ANSIBLE_VAULT;1.1;AES256\n61\n')],
      ['b', new TaggedText('unsafe', '{{ x }}')],
      ['c', '5'],
      ['d', 7],
      ['e', 8],
      ['f', ''],
    ]);
  });

  it.each(['', '---\n', '# note\n', '{}', '[]', 'false', '0', "''", '~', '0.0'])('takes %j as nothing', (text) => {
    expect(entries(text)).toEqual([]);
  });
});

describe('JSON', () => {
  it('keeps ints and floats apart, and big ints whole', () => {
    expect(entries('{"a": 1, "b": 1.0, "c": 12345678901234567890, "d": [1e3, null], "e": {"__proto__": 1}}')).toEqual([
      ['a', 1],
      ['b', new PythonFloat(1)],
      ['c', 12345678901234567890n],
      ['d', [new PythonFloat(1000), null]],
      ['e', new Map([['__proto__', 1]])],
    ]);
  });

  it('is read before YAML, so that text like yes stays text', () => {
    expect(entries('{"a":\t"yes"}')).toEqual([['a', 'yes']]);
  });

  it('knows encrypted and unsafe text', () => {
    expect(read('{"a": {"__ansible_vault": "x"}, "b": {"__ansible_unsafe": "y"}}').get('a')).toEqual(new TaggedText('vault', 'x'));
  });
});

describe('a block at the end of a file', () => {
  it.each([
    ['a: |\n  x', 'x'],
    ['a: |\n  x\n', 'x\n'],
    ['a: |+\n  x', 'x'],
    ['a: |\n  x\n\n  ', 'x\n'],
    ['a: |-\n  x\n', 'x'],
    ['a: >\n  x\n  y', 'x y'],
    ['a: |\n  x\nb: 1', 'x\n'],
  ])('ends as it is written: %j', (text, value) => expect(readVariablesDocument('x.yml', text).get('a')).toBe(value));
});

describe('complaints', () => {
  it.each([
    ['a: [', 1, 5, 'not valid YAML'],
    ['a: 1\n b: 2\n', 1, 4, 'not valid YAML'],
    ['a: 1\n---\nb: 2\n', 2, 1, 'not valid YAML'],
    ['a: 1\nb: =\n', 2, 4, 'a plain value is not valid'],
    ['d: 2024-13-01\n', 1, 4, 'a plain value is not valid'],
    ['a: !!int x\n', 1, 10, 'the tag tag:yaml.org,2002:int does not fit here'],
    ['a: !custom x\n', 1, 12, 'the tag !custom does not fit here'],
    ['a: !!set {x}\n', 1, 10, 'the tag tag:yaml.org,2002:set does not fit here'],
    ['a: [:]\n', 1, 5, 'a colon has no key before it'],
    ['[a]: 1\n', 1, 1, 'a list cannot be a key'],
    ['a: *x\n', 1, 4, 'an alias names no anchor'],
    ['<<: 5\n', 1, 5, '<< takes a map or a list of maps'],
    ['<<: [5]\n', 1, 6, '<< takes a map or a list of maps'],
    ['a: &x 1\nb: &x 2\n', 2, 7, 'the anchor &x is not valid or set twice'],
    ['- a\n', 1, 1, 'not a map of names to values'],
    ['just text\n', 1, 1, 'not a map of names to values'],
  ])('%j', (text, line, column, problem) => {
    const error = failureOf(() => read(text));
    expect([error.file, error.line, error.column]).toEqual(['vars.yml', line, column]);
    expect(error.problem).toContain(problem);
  });

  it('never quotes the file, which may hold secrets', () => {
    const error = failureOf(() => read('api_password: hunter2\n bad: [hunter2\n'));
    expect(error.message).not.toContain('hunter2');
  });

  it('stops at aliases that multiply, nest without end or lead back to themselves', () => {
    const layers = Array.from({ length: 9 }, (_, index) => `a${index + 1}: &a${index + 1} [${`*a${index},`.repeat(10)}]`);
    const bomb = ['a0: &a0 [x]', ...layers].join('\n');
    expect(failureOf(() => read(bomb)).problem).toContain('too many values');
    expect(failureOf(() => read('a: &a [*a]\n')).problem).toContain('lead back to themselves');
    expect(failureOf(() => read('a: &a {<<: *a}\n')).problem).toContain('leads back to itself');
    expect(failureOf(() => read(`a: ${'['.repeat(50_000)}`)).name).toBe('InventoryError');
  });
});
