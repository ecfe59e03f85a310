import { describe, expect, it } from 'vitest';
import { namesOf, sequenceBetween, sequenceFrom, sequenceLength, splitInTheMiddle, type NameSequence } from './name-sequence.ts';
import type { NodeRangeProblem } from './node-range-error.ts';

/** The names of a sequence, or the fault that there is instead. */
function told(sequence: NameSequence | NodeRangeProblem): string {
  if ('fault' in sequence) return sequence.fault;
  const names = [...namesOf(sequence)];
  expect(names).toHaveLength(sequenceLength(sequence));
  return names.join(' ');
}

describe('names from one to another', () => {
  it.each([
    ['n1', 'n3', 'n1 n2 n3'],
    ['n08', 'n11', 'n08 n09 n10 n11'],
    ['n8', 'n11', 'n8 n9 n10 n11'],
    ['n098', 'n101', 'n098 n099 n100 n101'],
    ['n1', 'n1', 'n1'],
    ['n', 'n', 'n'],
    ['1', '2', '1 2'],
    ['c1-ib0', 'c2-ib0', 'c1-ib0 c2-ib0'],
    ['f1n1', 'f1n2', 'f1n1 f1n2'],
    ['f1n1', 'f2n1', 'f1n1 f2n1'],
    ['n99', 'n101', 'n99 n100 n101'],
    ['n0', 'n1', 'n0 n1'],
    ['n00', 'n01', 'n00 n01'],
    ['f1n1', 'f2n2', 'not-a-sequence'],
    ['n1', 'm2', 'not-a-sequence'],
    ['n1', 'n', 'not-a-sequence'],
    ['n1', 'n2a', 'not-a-sequence'],
    ['a', 'b', 'not-a-sequence'],
    ['n1a1', 'n1b2', 'not-a-sequence'],
    ['n3', 'n1', 'reversed'],
    ['n10', 'n9', 'reversed'],
    ['n01', 'n9', 'mixed-width'],
    ['n1', 'n09', 'mixed-width'],
    ['n09', 'n010', 'mixed-width'],
    ['n1', 'n01', 'mixed-width'],
    ['n1234567890123456', 'n1234567890123457', 'bad-number'],
    ['x1234567890123456n1', 'x1234567890123456n2', 'x1234567890123456n1 x1234567890123456n2'],
  ])('%s to %s: %s', (first, last, names) => {
    expect(told(sequenceBetween(first, last))).toBe(names);
  });
});

describe('a name and those that follow', () => {
  it.each([
    ['n8', 2, 'n8 n9 n10'],
    ['n08', 2, 'n08 n09 n10'],
    ['n098', 3, 'n098 n099 n100 n101'],
    ['n99', 2, 'n99 n100 n101'],
    ['n099', 1, 'n099 n100'],
    ['n1', 0, 'n1'],
    ['7', 1, '7 8'],
    ['f1n1', 1, 'f1n1 f1n2'],
    ['node-a-1', 1, 'node-a-1 node-a-2'],
    ['n1.site', 1, 'n1.site n2.site'],
    ['1n', 1, '1n 2n'],
    ['n', 1, 'not-a-sequence'],
    ['n1.dc2.site', 1, 'not-a-sequence'],
    ['n1234567890123456', 1, 'bad-number'],
  ])('%s+%i: %s', (first, more, names) => {
    expect(told(sequenceFrom(first, more))).toBe(names);
  });
});

describe('two names with a hyphen between', () => {
  it.each([
    ['a-b', ['a', 'b']],
    ['a-1-a-2', ['a-1', 'a-2']],
    ['a-b-1-a-b-2', ['a-b-1', 'a-b-2']],
    ['a', undefined],
    ['a-b-c', undefined],
    ['a-', ['a', '']],
    ['-', ['', '']],
  ])('%s', (word, halves) => {
    expect(splitInTheMiddle(word)).toEqual(halves);
  });
});
