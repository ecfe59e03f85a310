import { describe, expect, it } from 'vitest';
import { isPadded, numberText, readNumberRun, runLength } from './number-run.ts';

describe('a run of numbers', () => {
  it.each([
    ['1', '3', '1', { first: 1, last: 3, step: 1, width: 0 }, 3],
    ['01', '10', '1', { first: 1, last: 10, step: 1, width: 2 }, 10],
    ['10', '20', '1', { first: 10, last: 20, step: 1, width: 0 }, 11],
    ['8', '11', '1', { first: 8, last: 11, step: 1, width: 0 }, 4],
    ['0', '10', '1', { first: 0, last: 10, step: 1, width: 0 }, 11],
    ['00', '10', '1', { first: 0, last: 10, step: 1, width: 2 }, 11],
    ['001', '010', '3', { first: 1, last: 10, step: 3, width: 3 }, 4],
    ['1', '9', '2', { first: 1, last: 9, step: 2, width: 0 }, 5],
    ['1', '10', '4', { first: 1, last: 10, step: 4, width: 0 }, 3],
    ['1', '3', '100', { first: 1, last: 3, step: 100, width: 0 }, 1],
    ['5', '5', '1', { first: 5, last: 5, step: 1, width: 0 }, 1],
    ['999999999999999', '999999999999999', '1', { first: 999999999999999, last: 999999999999999, step: 1, width: 0 }, 1],
  ])('%s-%s/%s', (first, last, step, run, length) => {
    const read = readNumberRun(first, last, step);
    expect(read).toEqual(run);
    expect(runLength(run)).toBe(length);
  });

  it.each([
    ['3', '1', '1', 'reversed', '3 is more than 1'],
    ['10', '09', '1', 'reversed', '10 is more than 09'],
    ['01', '1', '1', 'mixed-width', '01 and 1 differ in width'],
    ['1', '01', '1', 'mixed-width', '1 and 01 differ in width'],
    ['09', '010', '1', 'mixed-width', '09 and 010 differ in width'],
    ['099', '1000', '1', 'mixed-width', '099 and 1000 differ in width'],
    ['1', '3', '0', 'bad-number', 'the step is 0'],
    ['1', '3', '00', 'bad-number', 'the step is 0'],
    ['1', '1234567890123456', '1', 'bad-number', 'the number 123456789012345... is too long'],
    ['1', '3', '1234567890123456', 'bad-number', 'the number 123456789012345... is too long'],
  ])('%s-%s/%s is refused', (first, last, step, fault, problem) => {
    expect(readNumberRun(first, last, step)).toMatchObject({ fault, problem });
  });
});

describe('numbers in names', () => {
  it.each([
    ['0', false],
    ['00', true],
    ['01', true],
    ['10', false],
    ['1', false],
  ])('%s has a width of its own: %s', (digits, padded) => {
    expect(isPadded(digits)).toBe(padded);
  });

  it('are written with their width', () => {
    expect([numberText(7, 0), numberText(7, 1), numberText(7, 3), numberText(1234, 3)]).toEqual(['7', '7', '007', '1234']);
  });
});
