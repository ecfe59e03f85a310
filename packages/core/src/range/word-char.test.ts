import { describe, expect, it } from 'vitest';
import { parseRange } from './parse-range.ts';
import { attempt } from './test/range-fixtures.ts';
import { isPlainWord, isWordChar } from './word-char.ts';

describe('a character of a name', () => {
  it('is, in ASCII, a letter, a digit, a dot, an underscore or a hyphen', () => {
    const ascii = Array.from({ length: 128 }, (_, code) => code).filter((code) => isWordChar(code));
    expect(String.fromCharCode(...ascii)).toBe('-.0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz');
  });

  it.each([
    ['é', true],
    ['ノ', true],
    ['\uD83D', true],
    ['\u00A0', false],
    ['\u2003', false],
    ['\u2028', false],
    ['\uFEFF', false],
  ])('is %j beyond ASCII: %s', (char, expected) => {
    expect(isWordChar(char.charCodeAt(0))).toBe(expected);
  });
});

describe('a name that can stand plainly', () => {
  it.each([
    ['node01', true],
    ['a.b-c_d', true],
    ['a-', true],
    ['7', true],
    ['alle', true],
    ['all', false],
    ['-a', false],
    ['', false],
    ['a b', false],
    ['a,b', false],
    ['a@b', false],
    ['a+1', false],
    ['a:b', false],
    ['a/b', false],
    ['a=b', false],
    ['^a', false],
    ['a[1]', false],
  ])('%j: %s, and is read as one word just then', (name, expected) => {
    expect(isPlainWord(name)).toBe(expected);
    const items = attempt(() => parseRange(name))?.items;
    const isOneWord = items?.length === 1 && items[0]?.excludes === false && items[0].terms.map((term) => term.kind).join() === 'word';
    expect(isOneWord).toBe(expected);
  });
});
