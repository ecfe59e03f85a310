import { describe, expect, it } from 'vitest';
import { failureOf } from '../../test/inventory-fixtures.ts';
import { splitShellWords } from './shell-words.ts';

const texts = (line: string) => splitShellWords(line).map((word) => word.text);

describe('splitShellWords', () => {
  it.each([
    ['a  b\tc', ['a', 'b', 'c']],
    ['', []],
    ['   ', []],
    ['a=1 # note', ['a=1']],
    ['pw=abc#def b=1', ['pw=abc']],
    ["pw='abc#def' b", ['pw=abc#def', 'b']],
    ['a=\'x y\' b="x y"', ['a=x y', 'b=x y']],
    ['a=x\\ y', ['a=x y']],
    ['a=C:\\temp', ['a=C:temp']],
    ['a="C:\\temp"', ['a=C:\\temp']],
    ["a='C:\\temp'", ['a=C:\\temp']],
    ['a="say \\"hi\\" \\\\"', ['a=say "hi" \\']],
    ['a="it\'s"', ["a=it's"]],
    ["''", ['']],
    ["a=''", ['a=']],
    ['\'a\'"b"c', ['abc']],
    ['; note', [';', 'note']],
    ["''#x", ['']],
    ['a\u00a0b', ['a\u00a0b']],
  ])('%s', (line, expected) => {
    expect(texts(line)).toEqual(expected);
  });

  it('tells where each word starts', () => {
    expect(splitShellWords(`  h1 'a b'=2`).map((word) => word.start)).toEqual([2, 5]);
  });

  it('names the column of a quote that is never closed', () => {
    const error = failureOf(() => splitShellWords("h1 a='open b=1"));
    expect(error).toMatchObject({ column: 6, problem: "a quote (') is opened and never closed" });
  });

  it.each(['h1 a\\', 'h1 "a\\'])('refuses a backslash at the end: %s', (line) => {
    expect(failureOf(() => splitShellWords(line)).problem).toBe('the line ends with a backslash');
  });
});
