import { describe, expect, it } from 'vitest';
import { TextPattern } from './text-pattern.ts';

const refuse = (offset: number, length: number, problem: string): Error => new Error(`${offset}+${length}: ${problem}`);
const whole = (source: string) => new TextPattern(source, 'whole', refuse).matcher();
const part = (source: string) => new TextPattern(source, 'part', refuse).matcher();

describe('what a pattern matches as a whole', () => {
  it.each([
    ['abc', ['abc'], ['ab', 'abcd', 'xabc', '']],
    ['a.c', ['abc', 'a.c', 'a c'], ['ac', 'a\nc', 'abbc']],
    ['a*', ['', 'a', 'aaaa'], ['b', 'ab']],
    ['a+', ['a', 'aa'], ['', 'b']],
    ['a?b', ['b', 'ab'], ['aab', 'a']],
    ['a{2}', ['aa'], ['a', 'aaa']],
    ['a{2,}', ['aa', 'aaaaa'], ['a', '']],
    ['a{1,3}', ['a', 'aa', 'aaa'], ['', 'aaaa']],
    ['a{0}b', ['b'], ['ab']],
    ['a{0,0}', [''], ['a']],
    ['a*?b', ['b', 'aab'], ['a']],
    ['a+?', ['a', 'aa'], ['']],
    ['a{1,2}?', ['a', 'aa'], ['aaa']],
    ['(ab)+', ['ab', 'abab'], ['', 'aba']],
    ['(?:ab){2}', ['abab'], ['ab']],
    ['a|b', ['a', 'b'], ['', 'ab', 'c']],
    ['ab|cd', ['ab', 'cd'], ['abd', 'acd']],
    ['(a|b)c', ['ac', 'bc'], ['c', 'abc']],
    ['a|', ['a', ''], ['b']],
    ['(|a)b', ['b', 'ab'], ['aab']],
    ['()', [''], ['a']],
    ['[abc]', ['a', 'c'], ['', 'd', 'ab']],
    ['[a-c0-9_]', ['b', '5', '_'], ['d', '-']],
    ['[^a-c]', ['d', '-', '\n'], ['a', '']],
    ['[a-]', ['a', '-'], ['b']],
    ['[-a]', ['a', '-'], ['b']],
    ['[a^]', ['a', '^'], ['b']],
    ['[.*+?(){}|$]', ['.', '*', '+', '?', '(', ')', '{', '}', '|', '$'], ['a']],
    [String.raw`[\]\\\-]`, [']', '\\', '-'], ['a']],
    ['[[]', ['['], [']']],
    [String.raw`[\d\s]`, ['1', ' '], ['a']],
    [String.raw`[^\d]`, ['a'], ['1']],
    [String.raw`[^\D]`, ['1'], ['a']],
    [String.raw`\d+`, ['0', '0123456789'], ['', 'a', '٣']],
    [String.raw`\D`, ['a', '-'], ['1']],
    [String.raw`\w+`, ['aZ_09'], ['a-b', 'é']],
    [String.raw`\W`, ['-', 'é'], ['a', '_']],
    [String.raw`\s`, [' ', '\t', '\n', '\u00A0', '\u2003', '\uFEFF'], ['a', '']],
    [String.raw`\S`, ['a'], [' ']],
    [String.raw`\t\n\r\f\v`, ['\t\n\r\f\v'], ['tnrfv']],
    [String.raw`\.\*\,\@\/\-\^\$`, ['.*,@/-^$'], ['a']],
    ['^abc$', ['abc'], ['ab', 'xabc']],
    ['^', [''], ['a']],
    ['$', [''], ['a']],
    ['a^b', [], ['ab', 'a^b', 'b']],
    ['a$b', [], ['ab', 'a$b']],
    ['(^a|b)c', ['ac', 'bc'], ['c']],
    ['x(^a|b)', ['xb'], ['xa', 'a']],
    ['(a$|b)c?', ['a', 'b', 'bc'], ['ac']],
    ['(a*)*', ['', 'a', 'aaa'], ['b']],
    ['(a*)+b', ['b', 'aab'], ['a']],
    ['(a|aa)+', ['a', 'aaaaa'], ['']],
    ['((a?){3}b)*', ['', 'b', 'aaabb', 'abaab'], ['aaaab', 'a']],
    ['node0[1-3]', ['node01', 'node03'], ['node04', 'node1', 'xnode01']],
    ['(rack|row)-?\\d{1,2}', ['rack1', 'row-12'], ['rack', 'rack123', 'row--1']],
    ['é', ['é'], ['e']],
    ['.', ['é', 'x'], ['\u2028', '😀']],
    ['..', ['😀'], ['é']],
  ])('%s', (source, matching, others) => {
    const matches = whole(source);
    expect(matching.filter((text) => !matches(text))).toEqual([]);
    expect(others.filter((text) => matches(text))).toEqual([]);
  });
});

describe('what a pattern finds anywhere', () => {
  it.each([
    ['b', ['b', 'abc', 'ab'], ['', 'a']],
    ['^a', ['a', 'ab'], ['ba', '']],
    ['a$', ['a', 'ba'], ['ab', '']],
    ['^a$', ['a'], ['aa', 'ab']],
    ['', ['', 'a'], []],
    ['x*', ['', 'a'], []],
    ['^$', [''], ['a']],
    ['a|^b', ['ca', 'bc'], ['cb']],
    ['ab+c', ['xabbbcx'], ['xacx', 'abb']],
    ['\n', ['a\nb'], ['ab']],
    ['aab', ['aaab', 'aaaab'], ['aba']],
  ])('%s', (source, matching, others) => {
    const matches = part(source);
    expect(matching.filter((text) => !matches(text))).toEqual([]);
    expect(others.filter((text) => matches(text))).toEqual([]);
  });
});

describe('what would backtrack for ever elsewhere', () => {
  const long = 'a'.repeat(20_000);

  it.each(['(a*)*b', '(a+)+b', '(a|a)*b', '(a|aa)+b', '(.*)*x', '(a?){300}a{300}b', '([a-z]+)*[0-9]', '(((a*)*)*)*!', 'a*a*a*a*a*a*a*b'])(
    '%s needs time in proportion to the text',
    (source) => {
      let visits = 0;
      const count = (spent: number): void => {
        visits += spent;
      };
      for (const covers of ['whole', 'part'] as const) {
        expect(new TextPattern(source, covers, refuse).matcher(count)(long)).toBe(false);
      }
      // However many ways there are to match, no state is visited twice for one character.
      expect(visits).toBeLessThan(100 * long.length);
    },
  );

  it('keeps its memory small where every text leads somewhere new', () => {
    const matches = whole('[ab]*a[ab]{12}');
    let text = '';
    for (let at = 0; at < 20_000; at++) text += (at * at + (at >> 3)) % 7 < 3 ? 'a' : 'b';
    expect(matches(`${text}a${'b'.repeat(12)}`)).toBe(true);
    expect(matches(`${text}b${'b'.repeat(12)}`)).toBe(false);
    expect(matches(`${text}a${'b'.repeat(12)}`)).toBe(true);
  });

  it('can be ended by who pays for it', () => {
    const matcher = (limit: number) => {
      let left = limit;
      return new TextPattern('(a|b)*c', 'whole', refuse).matcher((visits) => {
        left -= visits;
        if (left < 0) throw new Error('too much');
      });
    };
    expect(() => matcher(50)).toThrow('too much');
    expect(() => matcher(5000)(long)).toThrow('too much');
    expect(matcher(50_000)(long)).toBe(false);
  });
});

describe('what a pattern is made of', () => {
  it('keeps its text', () => {
    expect(new TextPattern('a+', 'part', refuse).source).toBe('a+');
  });

  it.each([
    ['a'.repeat(601), '0+601: the regex has more than 600 characters'],
    [`${'('.repeat(299)}a`, '298+1: an unmatched ( in the regex'],
    ['a{1001}', '1+6: the regex repeats too much'],
    ['(a{100}){100}', '8+5: the regex repeats too much'],
    ['(((a{10}){10}){10}){10}', '14+4: the regex repeats too much'],
    ['a\\', '1+1: the regex ends in a backslash'],
    ['[\\', '1+1: the regex ends in a backslash'],
    ['[a-', '0+1: an unmatched [ in the regex'],
    ['[^]', '0+3: an empty class in the regex'],
    ['(?i)a', '0+1: the regex has no look-around and no named groups'],
    ['a)', '1+1: an unmatched ) in the regex'],
    ['|*', '1+1: nothing to repeat in the regex'],
    [String.raw`\u0041`, String.raw`0+2: \u means nothing in the regex`],
    [String.raw`[\b]`, String.raw`1+2: \b means nothing in the regex`],
    [String.raw`\0`, '0+2: the regex has no backreferences'],
  ])('%s is refused', (source, problem) => {
    expect(() => new TextPattern(source, 'whole', refuse)).toThrow(problem);
  });

  it('may nest as deep as it is long', () => {
    const matches = whole(`${'('.repeat(290)}a${')'.repeat(290)}`);
    expect([matches('a'), matches('b')]).toEqual([true, false]);
  });
});
