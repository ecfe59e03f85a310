import { describe, expect, it } from 'vitest';
import { foldNumbers } from './fold-numbers.ts';

describe('numbers folded to runs', () => {
  it.each([
    ['5', '5'],
    ['05', '05'],
    ['1 2 3', '1-3'],
    ['3 1 2', '1-3'],
    ['1 2 4 5', '1-2,4-5'],
    ['1 3', '1,3'],
    ['8 9 10', '8-10'],
    ['08 09 10', '08-10'],
    ['09 10 100', '09-10,100'],
    ['99 100 101', '99-101'],
    ['099 100 101', '099-101'],
    ['98 99 100', '98-100'],
    ['098 099 100 98 99', '098-100,98-99'],
    ['0', '0'],
    ['00 01', '00-01'],
    ['0 1 2', '0-2'],
    ['10 20 30 40', '10-40/10'],
    ['1 2 4 6 8', '1,2-8/2'],
    ['1 5 9 13 14 15', '1,5,9,13-15'],
    ['1 5 9 13 17 18 19', '1-17/4,18-19'],
    ['1 2 3 5 7 9 11', '1-3,5-11/2'],
    ['1 01 001', '001,01,1'],
    ['999999999999999', '999999999999999'],
    ['999999999999998 999999999999999', '999999999999998-999999999999999'],
  ])('%s: %s', (numbers, folded) => {
    expect(foldNumbers(numbers.split(' '))).toBe(folded);
  });

  it('take the shorter of two readings of the same digits', () => {
    const plain = Array.from({ length: 150 }, (_, at) => String(at + 1));
    expect(foldNumbers([...plain, '01'])).toBe('01,1-150');
    const padded = Array.from({ length: 99 }, (_, at) => String(at + 1).padStart(2, '0'));
    expect(foldNumbers([...padded, '1'])).toBe('01-99,1');
  });

  it('need time in proportion to their number, whatever their pattern', () => {
    const squares = Array.from({ length: 30_000 }, (_, at) => String(at * at));
    expect(foldNumbers(squares).split(',').length).toBeGreaterThan(29_000);
    const even = Array.from({ length: 100_000 }, (_, at) => String(at * 2));
    expect(foldNumbers(even)).toBe('0-199998/2');
  });
});
