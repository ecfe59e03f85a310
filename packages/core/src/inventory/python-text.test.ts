import { describe, expect, it } from 'vitest';
import { compareCodePoints, leadingBlanks, parsePythonInt, splitPythonLines, stripPython } from './python-text.ts';

describe('stripPython', () => {
  it.each([
    ['  a b\t', 'a b'],
    ['\u00a0\u2003a\u3000', 'a'],
    ['\x1ca\x1f', 'a'],
    ['\ufeffa', '\ufeffa'],
    ['\u200ba', '\u200ba'],
    ['   ', ''],
  ])('%j', (text, stripped) => {
    expect(stripPython(text)).toBe(stripped);
  });

  it('counts what it takes from the front', () => {
    expect(leadingBlanks(' \t\u00a0a ')).toBe(3);
  });

  it('stays quick on long runs of blanks', () => {
    const started = performance.now();
    stripPython(`a${' '.repeat(200_000)}b${' '.repeat(200_000)}`);
    expect(performance.now() - started).toBeLessThan(1000);
  });
});

describe('splitPythonLines', () => {
  it.each([
    ['a\nb\r\nc\rd', ['a', 'b', 'c', 'd']],
    ['a\n', ['a']],
    ['a\n\n', ['a', '']],
    ['', []],
    ['a\vb\fc\x85d\u2028e', ['a', 'b', 'c', 'd', 'e']],
  ])('%j', (text, lines) => {
    expect(splitPythonLines(text)).toEqual(lines);
  });
});

describe('parsePythonInt', () => {
  it.each([
    ['5', 5n],
    ['-3', -3n],
    [' +1_0 ', 10n],
    ['007', 7n],
    ['', undefined],
    ['1__0', undefined],
    ['0x1', undefined],
    ['1.0', undefined],
  ])('%j', (text, value) => {
    expect(parsePythonInt(text)).toBe(value);
  });
});

describe('compareCodePoints', () => {
  it('sorts characters beyond U+FFFF after all others', () => {
    const sorted = ['\u{1f600}', '\ufb01', 'b', 'a', 'ab', ''].toSorted(compareCodePoints);
    expect(sorted).toEqual(['', 'a', 'ab', 'b', '\ufb01', '\u{1f600}']);
  });
});
