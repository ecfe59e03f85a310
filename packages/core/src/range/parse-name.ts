import { quoted, type Span } from './node-range-error.ts';
import { MAX_COUNTED_DIGITS, readNumberRun, type NumberRun } from './number-run.ts';
import type { RangeTerm } from './range-ast.ts';
import type { RangeReader } from './range-reader.ts';
import { isWordChar } from './word-char.ts';

/** Takes a name, a group, `all`, a pattern, `first:last` or `start+count`. Throws NodeRangeError. */
export function parseName(reader: RangeReader): RangeTerm {
  const offset = reader.at;
  const parts: (string | readonly NumberRun[])[] = [];
  while (true) {
    const word = takeWord(reader);
    if (word !== '') parts.push(word);
    else if (reader.peek === '[') parts.push(takeBracket(reader));
    else break;
  }
  const [word] = parts;
  if (word === undefined) throw unexpected(reader);
  if (parts.length === 1 && typeof word === 'string') return takeRest(reader, word, offset);
  if (reader.peek === ':' || reader.peek === '+') {
    const advice = 'Write all numbers in brackets, or two whole names.';
    throw reader.faultHere({ fault: 'unexpected', problem: `${reader.peek} after a name with brackets`, advice });
  }
  return { kind: 'pattern', parts, ...reader.since(offset) };
}

function takeRest(reader: RangeReader, word: string, offset: number): RangeTerm {
  if (reader.take(':')) {
    const last = takeWord(reader);
    if (last !== '') return { kind: 'between', first: word, last, ...reader.since(offset) };
    throw reader.faultHere({ fault: 'empty-term', problem: `no name after ${word}:`, advice: 'Write the last node or group there.' });
  }
  if (reader.take('+')) return { kind: 'from', first: word, more: takeCount(reader), ...reader.since(offset) };
  const span = reader.since(offset);
  return word === 'all' ? { kind: 'all', ...span } : { kind: 'word', word, ...span };
}

function takeCount(reader: RangeReader): number {
  const from = reader.at;
  const digits = reader.takeMatch(/\d+/y)?.[0];
  if (digits !== undefined && digits.length <= MAX_COUNTED_DIGITS) return Number(digits);
  const problem = digits === undefined ? 'no number after +' : 'the number after + is too long';
  const span = { offset: from, length: Math.max(1, reader.at - from) };
  throw reader.fault(span, { fault: 'bad-number', problem, advice: 'Write how many nodes follow the first, like node08+3.' });
}

/** The error for a ] that closes nothing. */
export const unmatchedBracket = (reader: RangeReader): Error =>
  reader.faultHere({ fault: 'unbalanced', problem: 'an unmatched ]', advice: 'Remove it, or open it with [ before.' });

function unexpected(reader: RangeReader): Error {
  if (reader.peek === ']') return unmatchedBracket(reader);
  const char = String.fromCodePoint(reader.source.text.codePointAt(reader.at) ?? 0);
  const advice = 'Names have letters, digits, hyphens, dots and underscores; / begins a regex.';
  return reader.faultHere({ fault: 'unexpected', problem: `unexpected ${quoted(char)}`, advice });
}

function takeWord(reader: RangeReader): string {
  const { text } = reader.source;
  let end = reader.at;
  while (end < text.length && isWordChar(text.charCodeAt(end))) end++;
  return reader.takeUntil(end);
}

/** Takes `[01-03,05]`: numbers and runs of numbers. */
function takeBracket(reader: RangeReader): NumberRun[] {
  const open = reader.at;
  const { text } = reader.source;
  const close = text.indexOf(']', open);
  const nested = text.indexOf('[', open + 1);
  if (close < 0 || (nested >= 0 && nested < close)) {
    throw reader.fault({ offset: open, length: 1 }, { fault: 'unbalanced', problem: 'an unmatched [', advice: 'Close it with ].' });
  }
  const runs: NumberRun[] = [];
  let offset = open + 1;
  for (const item of text.slice(offset, close).split(',')) {
    runs.push(readRun(reader, item, offset));
    offset += item.length + 1;
  }
  reader.takeUntil(close + 1);
  return runs;
}

function readRun(reader: RangeReader, item: string, itemOffset: number): NumberRun {
  const written = item.trim();
  const span: Span = { offset: itemOffset + (item.length - item.trimStart().length), length: Math.max(1, written.length) };
  if (written === '') {
    throw reader.fault(
      { offset: itemOffset, length: 1 },
      { fault: 'empty-term', problem: 'no number between the brackets or commas', advice: 'Write numbers like [01-03,05].' },
    );
  }
  const found = /^(\d+)(?:[-:](\d+)(?:\/(\d+))?)?$/.exec(written);
  if (found === null) {
    const problem = `${quoted(written)} is not a number or a run of numbers`;
    throw reader.fault(span, { fault: 'bad-number', problem, advice: 'Write numbers like [01-03,05] or [001-010/3].' });
  }
  const [, first = '', last = first, step = '1'] = found;
  const run = readNumberRun(first, last, step);
  if ('fault' in run) throw reader.fault(span, run);
  return run;
}
