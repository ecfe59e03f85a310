import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readListing } from './read-listing.ts';

const listing = { version: 1, packages: [{ name: 'numpy', version: '1.26', source: 'pip' }], truncated: false, lock: 'numpy==1.26\n' };

describe('what a node lists', () => {
  it('is read as it is', () => expect(readListing(JSON.stringify(listing))).toEqual(listing));

  it.each([
    '',
    'null',
    '[]',
    '{',
    JSON.stringify({ ...listing, version: '1' }),
    JSON.stringify({ ...listing, lock: null }),
    JSON.stringify({ ...listing, packages: 'numpy' }),
    JSON.stringify({ ...listing, packages: [{ name: 1 }] }),
    JSON.stringify({ ...listing, packages: [{ name: 'x'.repeat(300), version: '', source: '' }] }),
    JSON.stringify({ ...listing, packages: Array.from({ length: 5001 }, () => listing.packages[0]) }),
  ])('is none: %.60s', (text) => expect(readListing(text)).toBeUndefined());

  it('is never an exception', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(() => readListing(text)).not.toThrow();
      }),
    );
  });
});
