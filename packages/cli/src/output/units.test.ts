import { describe, expect, it } from 'vitest';
import { duration, health, memory } from './units.ts';

describe('a duration', () => {
  it.each([
    [0, '0s'],
    [0.4, '0s'],
    [-5, '0s'],
    [59.4, '59s'],
    [59.6, '1m'],
    [90, '1m 30s'],
    [3600, '1h'],
    [3661, '1h 1m'],
    [86_399, '23h 59m'],
    [86_400, '1d'],
    [90_000, '1d 1h'],
    [86_401, '1d 1s'],
    [31_536_000, '365d'],
  ])('of %d s is %s', (seconds, text) => expect(duration(seconds)).toBe(text));
});

describe('memory', () => {
  it.each([
    [0, '0.0 GiB'],
    [512 * 1024 ** 2, '0.5 GiB'],
    [8 * 1024 ** 3, '8.0 GiB'],
    [32 * 1024 ** 3, '32 GiB'],
    [1.5 * 1024 ** 4, '1536 GiB'],
  ])('of %d bytes is %s', (bytes, text) => expect(memory(bytes)).toBe(text));
});

describe('a health state', () => {
  it('has no colour where nobody reads it on a terminal', () => {
    expect((['good', 'degraded', 'bad', 'unknown'] as const).map(health)).toEqual(['good', 'degraded', 'bad', 'unknown']);
  });
});
