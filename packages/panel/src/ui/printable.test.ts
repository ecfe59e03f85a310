import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { printable } from './printable.ts';

describe('printable text', () => {
  it.each([
    ['plain text, ümläut, 日本', 'plain text, ümläut, 日本'],
    ['two\nlines\tand a tab', 'two\nlines\tand a tab'],
    ['dos\r\nlines', 'dos\nlines'],
    ['\u001b[31mred\u001b[0m', '<1B>[31mred<1B>[0m'],
    ['over\rwritten', 'over<0D>written'],
    ['null \u0000 and delete \u007f', 'null <00> and delete <7F>'],
    ['a\u202egpj.exe', 'a<202E>gpj.exe'],
    ['zero\u200bwidth', 'zero<200B>width'],
  ])('of %j is %j', (text, expected) => expect(printable(text)).toBe(expected));

  it('never has a character that steers anything', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });
});
