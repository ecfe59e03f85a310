import { describe, expect, it } from 'vitest';
import { cut, NodeRangeError, quoted, type RangeSource } from './node-range-error.ts';

const problem = { fault: 'unexpected', problem: 'a problem', advice: 'Do this.' } as const;
const described = (source: RangeSource, offset: number, length: number): string[] =>
  new NodeRangeError(source, { offset, length }, problem).describe().split('\n');

describe('an error of a range', () => {
  it('says what is wrong and what to do, and keeps the cause', () => {
    const cause = new Error('why');
    const error = new NodeRangeError({ text: 'a,b' }, { offset: 2, length: 1 }, { ...problem, names: ['b'] }, { cause });
    expect(error.message).toBe('a problem. Do this.');
    expect(error).toMatchObject({ name: 'NodeRangeError', fault: 'unexpected', text: 'a,b', offset: 2, length: 1, names: ['b'], cause });
    expect(error).toBeInstanceOf(Error);
    expect('file' in error).toBe(false);
  });

  it('names the line of a file', () => {
    const error = new NodeRangeError({ text: 'a,b', file: 'hosts', line: 7 }, { offset: 2, length: 1 }, problem);
    expect(error.message).toBe('hosts:7: a problem. Do this.');
    expect(error).toMatchObject({ file: 'hosts', line: 7, names: [] });
    expect(error.describe()).toBe('hosts:7: a problem\n  a,b\n    ^\nDo this.');
  });

  it.each([
    ['at the beginning', 'abc', 0, 1, '  abc', '  ^'],
    ['over several characters', 'abc', 1, 2, '  abc', '   ^^'],
    ['at the end', 'abc', 3, 1, '  abc', '     ^'],
    ['beyond the end', 'abc', 1, 9, '  abc', '   ^^'],
    ['of nothing', '', 0, 1, '  ', '  ^'],
    ['after a tab', 'a\tb', 2, 1, '  a b', '    ^'],
    ['after characters of two code units', '😀😀b', 4, 1, '  😀😀b', '    ^'],
    ['under a character of two code units', 'a😀b', 1, 2, '  a😀b', '   ^'],
  ])('marks the place %s', (_, text, offset, length, line, marks) => {
    expect(described({ text }, offset, length)).toEqual(['a problem', line, marks, 'Do this.']);
  });

  it('shows what lies around the place in a long text', () => {
    const text = `${'a'.repeat(500)}b${'c'.repeat(500)}`;
    const [, line, marks] = described({ text }, 500, 1);
    expect(line).toBe(`  ...${'a'.repeat(60)}b${'c'.repeat(39)}...`);
    expect(marks).toBe(`${' '.repeat(65)}^`);
    expect(described({ text }, 0, 1001)[1]).toBe(`  ${'a'.repeat(100)}...`);
    expect(described({ text }, 0, 1001)[2]).toBe(`  ${'^'.repeat(100)}`);
    expect(described({ text }, 1001, 1)[1]).toBe(`  ...${'c'.repeat(60)}`);
    expect(described({ text }, 1001, 1)[2]).toBe(`${' '.repeat(65)}^`);
  });

  it('shows nothing that could move the cursor or turn the text round', () => {
    const [, line] = described({ text: 'a\u001B[2Jb\nc\u202Ed\u2028e' }, 0, 1);
    expect(line).toBe('  a [2Jb c d e');
    expect(new NodeRangeError({ text: 'a', file: 'x\ny', line: 1 }, { offset: 0, length: 1 }, problem).message).toContain('x y:1:');
  });
});

describe('text in an error', () => {
  it.each([
    ['abc', 'abc'],
    ['a'.repeat(80), 'a'.repeat(80)],
    ['a'.repeat(81), `${'a'.repeat(80)}...`],
    ['a\u0007b', 'a b'],
  ])('%j is cut and cleaned', (text, shown) => {
    expect(cut(text)).toBe(shown);
    expect(quoted(text)).toBe(`"${shown}"`);
  });
});
