import type { NodeRangeProblem } from './node-range-error.ts';

/** Whole numbers from `first` up to `last` by `step`, written with at least `width` digits; width 0 pads nothing. */
export interface NumberRun {
  readonly first: number;
  readonly last: number;
  readonly step: number;
  readonly width: number;
}

/** Numbers in names are counted up to this many digits; longer ones (serial numbers, hashes) are text. */
export const MAX_COUNTED_DIGITS = 15;

/** Whether leading zeros give a number its width. */
export const isPadded = (digits: string): boolean => digits.length > 1 && digits.startsWith('0');

/** A number as it stands in a name. */
export const numberText = (value: number, width: number): string => String(value).padStart(width, '0');

/** How many numbers a run has. */
export const runLength = (run: NumberRun): number => Math.floor((run.last - run.first) / run.step) + 1;

/**
 * The run between two numbers as they were written, or what is wrong with it. Leading zeros on either side fix the width,
 * and then the other side must have it too: in [9-010] nobody can tell whether 9, 09 or 009 is meant.
 */
export function readNumberRun(first: string, last: string, step: string): NumberRun | NodeRangeProblem {
  const tooLong = [first, last, step].find((digits) => digits.length > MAX_COUNTED_DIGITS);
  if (tooLong !== undefined) {
    const advice = `Numbers in a range have at most ${MAX_COUNTED_DIGITS} digits.`;
    return { fault: 'bad-number', problem: `the number ${tooLong.slice(0, MAX_COUNTED_DIGITS)}... is too long`, advice };
  }
  if ((isPadded(first) || isPadded(last)) && first.length !== last.length) {
    const advice = `Write both ends with the same number of digits, as the nodes have them: ${widened(first, last)}.`;
    return { fault: 'mixed-width', problem: `${first} and ${last} differ in width`, advice };
  }
  const run = { first: Number(first), last: Number(last), step: Number(step), width: isPadded(first) ? first.length : 0 };
  if (run.last < run.first)
    return { fault: 'reversed', problem: `${first} is more than ${last}`, advice: 'Write the smaller number first.' };
  if (run.step === 0) return { fault: 'bad-number', problem: 'the step is 0', advice: 'Write 1 or more after the /.' };
  return run;
}

function widened(first: string, last: string): string {
  const width = Math.max(first.length, last.length);
  return `${first.padStart(width, '0')} and ${last.padStart(width, '0')}`;
}
