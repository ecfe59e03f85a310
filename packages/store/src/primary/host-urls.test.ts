import { describe, expect, it } from 'vitest';
import { StoreRefused } from '../errors.ts';
import { hostUrls, placeOf } from './host-urls.ts';

describe('the databases of a URL', () => {
  it.each([
    ['postgresql://u:p@a:5432,b:5433/muster', ['postgresql://u:p@a:5432/muster', 'postgresql://u:p@b:5433/muster']],
    [
      'postgres://a,b,c/x?sslmode=require',
      ['postgres://a/x?sslmode=require', 'postgres://b/x?sslmode=require', 'postgres://c/x?sslmode=require'],
    ],
    ['postgresql://u:p,q@a/x', ['postgresql://u:p,q@a/x']],
    ['postgresql://u@[fd00::1]:5432,[fd00::2]:5432/x', ['postgresql://u@[fd00::1]:5432/x', 'postgresql://u@[fd00::2]:5432/x']],
    ['postgresql://u@/x?host=/run/postgresql', ['postgresql://u@/x?host=/run/postgresql']],
    ['postgresql://a:5432,b:5432', ['postgresql://a:5432', 'postgresql://b:5432']],
    ['not a url', ['not a url']],
  ])('%s', (url, expected) => {
    expect(hostUrls(url)).toEqual(expected);
  });

  it.each(['postgresql://u:hunter2@a,/x', 'postgresql://u:hunter2@a,a/x', 'postgresql://u:hunter2@,b/x'])(
    '%s is refused, and not shown',
    (url) => {
      expect(() => hostUrls(url)).toThrow(StoreRefused);
      expect(() => hostUrls(url)).toThrow(/^(?!.*hunter2).*empty or there twice/u);
    },
  );

  it('are named without user and password', () => {
    expect(placeOf('postgresql://u:hunter2@db1:5432/x')).toBe('db1:5432');
    expect(placeOf('nonsense')).toBe('the database');
  });
});
