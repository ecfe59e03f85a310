import { expect, it } from 'vitest';
import { tokenInFragment } from './one-time-token.ts';

it.each([
  ['#token=abc', 'abc'],
  ['#token=a%2Bb', 'a+b'],
  ['#x=1&token=abc', 'abc'],
  ['#token=', null],
  ['#', null],
  ['', null],
  ['#abc', null],
])('finds in %s the token %s', (hash, token) => expect(tokenInFragment(hash)).toBe(token));
