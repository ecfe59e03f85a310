import { describe, expect, it } from 'vitest';
import { parseDuration } from './duration.ts';
import { parseMoment } from './moment.ts';

describe('a duration', () => {
  it.each([
    ['90s', 90],
    ['15m', 900],
    ['2h', 7200],
    ['30d', 2_592_000],
    ['1w', 604_800],
    ['1h30m', 5400],
    ['0s', 0],
  ])('%s is %i seconds', (text, seconds) => expect(parseDuration(text)).toBe(seconds));

  it.each(['', '5', 's', '-5s', '5 m', '5M', '1.5h', '1h30', '5ms', '9999999999999s', '1000000000w', '５m', 'h1'])('is not %j', (text) =>
    expect(parseDuration(text)).toBeUndefined(),
  );
});

describe('a moment', () => {
  it.each([
    ['2026-01-31', { iso: '2026-01-31T00:00:00.000Z' }],
    ['2024-02-29', { iso: '2024-02-29T00:00:00.000Z' }],
    ['2026-01-31T12:00Z', { iso: '2026-01-31T12:00:00.000Z' }],
    ['2026-01-31T12:00:01.5+02:00', { iso: '2026-01-31T10:00:01.500Z' }],
    ['now', { fromNowSeconds: 0 }],
    ['now+30d', { fromNowSeconds: 2_592_000 }],
    ['now-2h', { fromNowSeconds: -7200 }],
  ])('%s is read', (text, moment) => expect(parseMoment(text)).toEqual(moment));

  it.each([
    '',
    'yesterday',
    '2026-02-30',
    '2025-02-29',
    '2026-13-01',
    '2026-00-10',
    '2026-01-00',
    '0000-01-01',
    '2026-1-1',
    '2026-01-31T12:00',
    '2026-01-31T25:00Z',
    '2026-01-31 12:00Z',
    'now+',
    'now 5m',
    'now+5',
    'now+5m+5m',
    '+275760-09-14',
    '1700000000000',
  ])('is not %j', (text) => expect(parseMoment(text)).toBeUndefined());
});
