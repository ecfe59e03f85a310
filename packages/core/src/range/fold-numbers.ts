import { isPadded, numberText } from './number-run.ts';

/**
 * Numbers as they stand in names, each once, as the text between brackets: `01-03,05`, or `5` for one alone. Read again it
 * is the same numbers with the same widths. Numbers may have at most MAX_COUNTED_DIGITS digits.
 */
export function foldNumbers(texts: readonly string[]): string {
  const width = texts[0]?.length ?? 0;
  // The usual case: nodes of one width, padded or not, whose order is the order of their numbers.
  if (texts.every((text) => text.length === width)) return join(runsOf(texts, width));
  const paddedLengths = new Set(texts.filter((text) => isPadded(text)).map((text) => text.length));
  if (paddedLengths.size === 0) return join(runsOf(texts, 0));
  // 08,09,10 are one run of width 2; but 10 may belong to 8,9,10 as well, so both readings are tried where widths mix.
  const byLength = foldByWidth(texts, (text) => (paddedLengths.has(text.length) ? text.length : 0));
  const byZeros = foldByWidth(texts, (text) => (isPadded(text) ? text.length : 0));
  return byZeros.length < byLength.length ? byZeros : byLength;
}

/** Numbers in a run, in order. */
interface Run {
  readonly first: number;
  readonly width: number;
  readonly text: string;
}

function foldByWidth(texts: readonly string[], widthOf: (text: string) => number): string {
  const byWidth = Map.groupBy(texts, widthOf);
  return join([...byWidth].flatMap(([width, group]) => runsOf(group, width)));
}

const join = (runs: readonly Run[]): string =>
  runs
    .toSorted((a, b) => a.first - b.first || b.width - a.width)
    .map((run) => run.text)
    .join(',');

/**
 * The shortest way to write the numbers as runs, each with a step: chosen from the end, a run either takes all numbers that
 * follow at its step, or leaves the last one to the run after it.
 */
function runsOf(texts: readonly string[], width: number): Run[] {
  const values = new Float64Array(texts.map(Number)).sort();
  const count = values.length;
  const at = (index: number): number => values[index] ?? 0;
  const ends = lastOfSteps(values);
  const costs = new Float64Array(count + 1);
  const chosen = new Uint32Array(count);
  for (let from = count - 1; from >= 0; from--) {
    const end = ends[from] ?? from;
    let best = Infinity;
    for (const last of [end, end - 1, from]) {
      if (last < from) continue;
      const cost = costOf(values, from, last, width) + (costs[last + 1] ?? 0);
      if (cost < best) [best, chosen[from]] = [cost, last];
    }
    costs[from] = best;
  }
  const runs: Run[] = [];
  for (let from = 0; from < count; from = (chosen[from] ?? from) + 1) {
    runs.push({ first: at(from), width, text: runText(values, from, chosen[from] ?? from, width) });
  }
  return runs;
}

/** For each number the index of the last one that follows at the step to its neighbour. */
function lastOfSteps(values: Float64Array): Uint32Array {
  const ends = new Uint32Array(values.length);
  const stepAt = (index: number): number => (values[index + 1] ?? 0) - (values[index] ?? 0);
  for (let from = values.length - 1; from >= 0; from--) {
    if (from + 1 >= values.length) ends[from] = from;
    else ends[from] = from + 2 < values.length && stepAt(from) === stepAt(from + 1) ? (ends[from + 1] ?? from) : from + 1;
  }
  return ends;
}

/** Characters with the comma; a step counts for one more, because it is harder to read. */
function costOf(values: Float64Array, from: number, last: number, width: number): number {
  const first = digitsOf(values[from] ?? 0, width);
  if (last === from) return first + 1;
  const step = (values[from + 1] ?? 0) - (values[from] ?? 0);
  const run = first + 1 + digitsOf(values[last] ?? 0, width) + 1;
  return step === 1 ? run : run + 2 + digitsOf(step, 0);
}

function digitsOf(value: number, width: number): number {
  let digits = 1;
  for (let bound = 10; bound <= value; bound *= 10) digits++;
  return Math.max(digits, width);
}

function runText(values: Float64Array, from: number, last: number, width: number): string {
  const first = numberText(values[from] ?? 0, width);
  if (last === from) return first;
  const step = (values[from + 1] ?? 0) - (values[from] ?? 0);
  return `${first}-${numberText(values[last] ?? 0, width)}${step === 1 ? '' : `/${step}`}`;
}
