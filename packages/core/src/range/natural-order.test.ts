import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareNatural, inNaturalOrder } from './natural-order.ts';

describe('natural order', () => {
  it.each([
    ['n9', 'n10'],
    ['n', 'n0'],
    ['n1', 'n1a'],
    ['n1a2', 'n1a10'],
    ['n2', 'n10a'],
    ['node09', 'node10'],
    ['n01', 'n1'],
    ['n001', 'n01'],
    ['n01', 'n2'],
    ['n1b', 'n01c'],
    ['N1', 'n2'],
    ['a', 'B'],
    ['B', 'b'],
    ['n-1', 'n1'],
    ['n.1', 'n1'],
    ['n1', 'na'],
    ['', 'a'],
    ['n99999999999999999998', 'n99999999999999999999'],
    ['n9', 'n99999999999999999999'],
    ['n0', 'n1'],
    ['node-a-2', 'node-a-10'],
    ['f1n10', 'f2n1'],
  ])('%j before %j', (first, second) => {
    expect(compareNatural(first, second)).toBeLessThan(0);
    expect(compareNatural(second, first)).toBeGreaterThan(0);
    expect(inNaturalOrder([second, first])).toEqual([first, second]);
  });

  it('is a total order', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'B', 'b', '-', '.', '0', '1', '9'), maxLength: 6 });
    fc.assert(
      fc.property(name, name, name, (a, b, c) => {
        expect(Math.sign(compareNatural(a, b)) + Math.sign(compareNatural(b, a))).toBe(0);
        expect(compareNatural(a, b) === 0).toBe(a === b);
        expect(compareNatural(a, b) < 0 && compareNatural(b, c) < 0 && compareNatural(a, c) >= 0).toBe(false);
      }),
      { numRuns: 5000 },
    );
  });

  /** What the store sorts by: each number as its number of digits and the digits without leading zeros. */
  const storeKey = (name: string): string =>
    (name.toLowerCase().match(/[0-9]+|[^0-9]+/g) ?? [])
      .map((part) => {
        const digits = part.replace(/^0+/, '');
        return /^[0-9]/.test(part) ? String(digits.length).padStart(3, '0') + digits : part;
      })
      .join('');

  it("agrees with the store's key", () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'z', '-', '.', '0', '1', '9'), maxLength: 8 });
    fc.assert(
      fc.property(name, name, (a, b) => {
        const [keyA, keyB] = [storeKey(a), storeKey(b)];
        fc.pre(keyA !== keyB);
        expect(compareNatural(a, b) < 0).toBe(keyA < keyB);
      }),
      { numRuns: 5000 },
    );
  });

  it('keeps each name once', () => {
    expect(inNaturalOrder(['b', 'a', 'b'])).toEqual(['a', 'b']);
    expect(inNaturalOrder(['a', 'a'])).toEqual(['a']);
    expect(inNaturalOrder([])).toEqual([]);
  });

  it('leaves the list it is given alone', () => {
    const names = Object.freeze(['b', 'a']);
    expect(inNaturalOrder(names)).toEqual(['a', 'b']);
    const sorted = ['a', 'b'];
    expect(inNaturalOrder(sorted)).not.toBe(sorted);
  });
});
