import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { oneLine, printable } from './printable.ts';

describe('what a node says of itself', () => {
  it.each([
    ['\u001B[2Jgone', '\uFFFD[2Jgone'],
    ['\u001B]0;title\u0007', '\uFFFD]0;title\uFFFD'],
    ['a\r\nb\tc', 'a\uFFFD\uFFFDb\uFFFDc'],
    ['\u009B31mred', '\uFFFD31mred'],
    ['\u202Egnp.exe', '\uFFFDgnp.exe'],
    ['a\u2028b\u2029c', 'a\uFFFDb\uFFFDc'],
    ['zero\u200Bwidth', 'zero\uFFFDwidth'],
    ['Grüße, 世界 🦊', 'Grüße, 世界 🦊'],
  ])('%j is shown as %j', (text, shown) => expect(printable(text)).toBe(shown));

  it('never moves a cursor, ends a line or turns a direction', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
        expect(oneLine(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  it('in several lines becomes one', () => {
    expect(oneLine('tar: failed\n\n  disk full \r\n')).toBe('tar: failed | disk full');
    expect(oneLine('')).toBe('');
  });
});
