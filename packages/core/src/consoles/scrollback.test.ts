import { describe, expect, it } from 'vitest';
import { emptyScrollback, type Scrollback, shownMore } from './scrollback.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const textOf = ({ pieces }: Scrollback) => pieces.map((piece) => new TextDecoder().decode(piece)).join('');
const shown = (limit: number, ...pieces: string[]) =>
  pieces.reduce((before, piece) => shownMore(before, bytes(piece), limit), emptyScrollback);

describe('the end of what a console has shown', () => {
  it.each<[number, string[], string]>([
    [10, [], ''],
    [10, ['abc', 'def'], 'abcdef'],
    [5, ['abc', 'def'], 'bcdef'],
    [3, ['abc', 'def'], 'def'],
    [2, ['abc', 'def'], 'ef'],
    [4, ['ab', 'c', 'defghi'], 'fghi'],
    [4, ['a', 'b', 'c', 'd', 'e', 'f'], 'cdef'],
    [4, ['abcd', ''], 'abcd'],
  ])('of %i bytes is kept, of %j', (limit, pieces, expected) => {
    const kept = shown(limit, ...pieces);
    expect([textOf(kept), kept.bytes]).toEqual([expected, expected.length]);
  });

  it('leaves what it was made of as it was', () => {
    const before = shown(4, 'abcd');
    shownMore(before, bytes('ef'), 4);
    expect(textOf(before)).toBe('abcd');
  });
});
