import { ProblemError } from '@muster/api';
import { NodeRangeError, parseRange } from '@muster/core';

/** What is wrong with a range, and where in its text. */
export type RangeFault = { readonly message: string; readonly offset: number; readonly length: number };

/** What is wrong with how a range is written; undefined for nothing, and for an empty text. Whether its names exist the server knows. */
export function rangeFault(text: string): RangeFault | undefined {
  if (text.trim() === '') return undefined;
  try {
    parseRange(text);
    return undefined;
  } catch (error) {
    if (!(error instanceof NodeRangeError)) throw error;
    return { message: error.message, offset: error.offset, length: error.length };
  }
}

/** What the server found wrong with the range of a request; undefined where the error is about something else. */
export function rangeFaultOf(error: unknown): RangeFault | undefined {
  if (!(error instanceof ProblemError)) return undefined;
  const part = error.problem.errors?.find(({ path }) => path === 'range');
  return part === undefined ? undefined : { message: part.message, offset: part.offset ?? 0, length: part.length ?? 0 };
}

/** A text cut in three: before the fault, the fault, after it. At least one character is marked, a blank where there is none. */
export function markedParts(text: string, { offset, length }: RangeFault): readonly [string, string, string] {
  const from = Math.min(offset, text.length);
  const until = Math.min(text.length, from + Math.max(1, length));
  return [text.slice(0, from), text.slice(from, until) || '\u00A0', text.slice(until)];
}
