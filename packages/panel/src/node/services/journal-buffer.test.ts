import { expect, it } from 'vitest';
import { emptyJournal, mostLines, withLines } from './journal-buffer.ts';

const came = (count: number, dropped = 0) => ({ lines: Array.from({ length: count }, () => ({ at: null, text: 'x' })), dropped });

it('numbers lines on', () => {
  const buffer = withLines(withLines(emptyJournal, came(2)), came(1));
  expect(buffer.lines.map(({ number }) => number)).toEqual([0, 1, 2]);
  expect(buffer.dropped).toBe(0);
});

it('keeps only so many, and counts what it lets go', () => {
  const buffer = withLines(withLines(emptyJournal, came(mostLines, 7)), came(5));
  expect(buffer.lines).toHaveLength(mostLines);
  expect(buffer.lines[0]?.number).toBe(5);
  expect(buffer.dropped).toBe(12);
});
