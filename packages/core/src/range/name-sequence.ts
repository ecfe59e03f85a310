import { isPadded, numberText, readNumberRun, runLength, type NumberRun } from './number-run.ts';
import type { NodeRangeProblem } from './node-range-error.ts';

/** Names that differ in one number; without a run it is one name. */
export interface NameSequence {
  readonly before: string;
  readonly run?: NumberRun;
  readonly after: string;
}

/** How many names a sequence has. */
export const sequenceLength = ({ run }: NameSequence): number => (run === undefined ? 1 : runLength(run));

/** Every name of a sequence, one after the other. */
export function* namesOf({ before, run, after }: NameSequence): Generator<string> {
  const count = run === undefined ? 1 : runLength(run);
  for (let at = 0; at < count; at++) {
    yield before + (run === undefined ? '' : numberText(run.first + at * run.step, run.width)) + after;
  }
}

/** The sequence from one name to another, or what is wrong: they must differ in exactly one number. */
export function sequenceBetween(first: string, last: string): NameSequence | NodeRangeProblem {
  if (first === last) return { before: first, after: '' };
  const from = splitNumbers(first);
  const to = splitNumbers(last);
  const differing = from.flatMap((part, at) => (part === to[at] ? [] : [at]));
  const [at] = differing;
  if (from.length !== to.length || at === undefined || differing.some((one) => one % 2 === 0)) {
    return unlike(first, last, 'differ in more than a number', 'Name the nodes one by one, or by a group.');
  }
  if (differing.length > 1) return unlike(first, last, 'differ in several numbers', 'Write each in brackets, like f[1-2]n[1-3].');
  const run = readNumberRun(from[at] ?? '', to[at] ?? '', '1');
  if ('fault' in run) return { ...run, names: [first, last], problem: `${first} and ${last} make no range: ${run.problem}` };
  return { before: from.slice(0, at).join(''), run, after: from.slice(at + 1).join('') };
}

/** A name and those that follow, or what is wrong: the number to count must be the one at the end, or the only one. */
export function sequenceFrom(first: string, more: number): NameSequence | NodeRangeProblem {
  const parts = splitNumbers(first);
  const at = parts.at(-1) === '' ? parts.length - 2 : 1;
  if (parts.length === 1 || (parts.at(-1) !== '' && parts.length > 3)) {
    const problem = `${first} ${parts.length === 1 ? 'has no number' : 'has several numbers, none of them at its end'}`;
    return { fault: 'not-a-sequence', problem, advice: 'Write the number to count in brackets, like node[08-11].', names: [first] };
  }
  const digits = parts[at] ?? '';
  const start = readNumberRun(digits, digits, '1');
  if ('fault' in start) return start;
  const run = { ...start, last: start.first + more, width: isPadded(digits) ? digits.length : 0 };
  return { before: parts.slice(0, at).join(''), run, after: parts.slice(at + 1).join('') };
}

/**
 * The two names of a word like `node-a-1-node-a-3`. Names of one sequence have the same number of hyphens, so only the
 * hyphen in the middle can stand between them. Undefined when there is none.
 */
export function splitInTheMiddle(word: string): readonly [string, string] | undefined {
  const parts = word.split('-');
  if (parts.length % 2 !== 0) return undefined;
  return [parts.slice(0, parts.length / 2).join('-'), parts.slice(parts.length / 2).join('-')];
}

function unlike(first: string, last: string, how: string, advice: string): NodeRangeProblem {
  return { fault: 'not-a-sequence', problem: `${first} and ${last} ${how}`, advice, names: [first, last] };
}

/** Text and numbers in turn; the text, which may be empty, stands at the even places. */
const splitNumbers = (name: string): string[] => name.split(/([0-9]+)/);
