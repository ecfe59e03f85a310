import { describe, expect, it } from 'vitest';
import { failureOf, memoryFiles } from '../../test/inventory-fixtures.ts';
import { readExtraVariables } from './extra-variables.ts';
import { PythonFloat } from './inventory-value.ts';

const files = memoryFiles({ 'vars.yml': 'a: yes\nb: 1.0\n', 'list.yml': '- a\n', 'bad.yml': 'a: [' });
const read = (...options: string[]) => Object.fromEntries(readExtraVariables(options, files));

describe('extra variables', () => {
  it('are text as name=value', () => {
    expect(read('a=1 b=True c=', 'd="two words" e=\'x\'')).toEqual({ a: '1', b: 'True', c: '', d: 'two words', e: 'x' });
    expect(read('a={{ x y }} b=x=y')).toEqual({ a: '{{ x y }}', b: 'x=y' });
    expect(read(String.raw`a=x\ty b=\x41\u00e9\U0001F600 c=\q`)).toEqual({ a: 'x\ty', b: 'Aé\u{1f600}', c: String.raw`\q` });
    expect(read(String.raw`a=it\'s`, String.raw`b=\=c=d`)).toEqual({ a: "it's", b: String.raw`\=c=d` });
    expect(read('')).toEqual({});
  });

  it('are typed as JSON, YAML and in files', () => {
    expect(read('{"a": 1, "b": [true]}')).toEqual({ a: 1, b: [true] });
    expect(read('{a: yes}')).toEqual({ a: true });
    expect(read('@vars.yml')).toEqual({ a: true, b: new PythonFloat(1) });
  });

  it('win by their order', () => expect(read('a=1', '@vars.yml', 'b=2')).toEqual({ a: true, b: '2' }));

  it.each([
    ['vars.yml', '-e has a word without ='],
    ['./vars.yml', '-e takes a file only with @ before it'],
    ['/vars.yml', '-e takes a file only with @ before it'],
    ['@nope.yml', 'there is no such file'],
    ['@list.yml', 'the extra variables are not a map of names to values'],
    ['@bad.yml', 'not valid YAML'],
    ['[1]', 'the extra variables are not a map of names to values'],
    ['{"a": ', 'not valid YAML'],
    ['a="x', '-e opens a quote or braces and never closes them with "'],
    ['a={{ x', '-e opens a quote or braces and never closes them with }}'],
    ['=x', '-e has a word without ='],
  ])('%s is refused', (option, problem) => expect(failureOf(() => read(option)).problem).toContain(problem));

  it('show nothing of a word that could be the rest of a secret', () => {
    expect(failureOf(() => read('ansible_sudo_pass=correct horse')).message).not.toContain('horse');
  });
});
