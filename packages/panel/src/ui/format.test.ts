import { describe, expect, it } from 'vitest';
import { formatAge, formatBytes, formatDate, formatSkew, sentenceOf, shortSerial } from './format.ts';

describe('formatAge', () => {
  it.each([
    [0, '0 s'],
    [0.9, '0 s'],
    [59.99, '59 s'],
    [60, '1 min'],
    [3599, '59 min'],
    [3600, '1 h'],
    [3660, '1 h 1 min'],
    [86_399, '23 h 59 min'],
    [86_400, '1 d'],
    [90_000, '1 d 1 h'],
    [40 * 86_400, '40 d'],
  ])('says %d seconds as %s', (seconds, text) => expect(formatAge(seconds)).toBe(text));

  it('takes a clock that was set back for no time at all', () => expect(formatAge(-5)).toBe('0 s'));
});

describe('formatBytes', () => {
  it.each([
    [0, '0 B'],
    [512, '512 B'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [64 * 1024 ** 3, '64 GiB'],
    [67_325_000_000, '62.7 GiB'],
    [503.4 * 1024 ** 3, '503 GiB'],
    [1.5 * 1024 ** 4, '1.5 TiB'],
    [2 ** 60, '1024 PiB'],
  ])('says %d bytes as %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text));

  it('writes what rounds up to the next unit in that unit', () => expect(formatBytes(1024 ** 4 - 1)).toBe('1 TiB'));
});

describe('formatSkew', () => {
  it.each([
    [0, 'in step'],
    [0.04, 'in step'],
    [0.2, '0.2 s ahead'],
    [-3.25, '3.3 s behind'],
    [-42, '42 s behind'],
    [7300, '2 h 1 min ahead'],
  ])('says %d as %s', (seconds, text) => expect(formatSkew(seconds)).toBe(text));
});

describe('short forms', () => {
  it('shortens a long serial only', () => {
    expect(shortSerial('0123456789abcdef')).toBe('0123456789ab');
    expect(shortSerial('0123')).toBe('0123');
  });
  it('writes a code as a sentence', () => expect(sentenceOf('join-token-made')).toBe('Join token made'));
  it('writes a day', () => expect(formatDate('2027-02-19T12:00:00Z')).toBe('19 Feb 2027'));
});
