import type { JournalLine, JournalLines } from '@muster/api';

/** Lines kept of a journal that stays open for days; what is older goes. */
export const mostLines = 2_000;

/** A line with a number of its own: a journal repeats itself. */
export type KeptLine = JournalLine & { readonly number: number };

/** What is kept of a journal. */
export type JournalBuffer = {
  readonly lines: readonly KeptLine[];
  /** The number of the next line. */
  readonly next: number;
  /** Lines that came too fast to be shown, or are too old to be kept. */
  readonly dropped: number;
};

export const emptyJournal: JournalBuffer = { lines: [], next: 0, dropped: 0 };

/** The buffer with what came after it. */
export function withLines({ lines, next, dropped }: JournalBuffer, came: JournalLines): JournalBuffer {
  const all = [...lines, ...came.lines.map((line, at) => ({ ...line, number: next + at }))];
  const tooMany = Math.max(0, all.length - mostLines);
  return { lines: all.slice(tooMany), next: next + came.lines.length, dropped: dropped + came.dropped + tooMany };
}
