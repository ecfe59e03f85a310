import { quoted, type RangeSource } from './node-range-error.ts';
import { parseAttribute } from './parse-attribute.ts';
import { parseName, unmatchedBracket } from './parse-name.ts';
import type { RangeAst, RangeItem, RangeLevel, RangeTerm } from './range-ast.ts';
import { RangeReader } from './range-reader.ts';
import { takeFreeText } from './free-text.ts';
import { parsePatternHere } from './parse-pattern-here.ts';

/** The longest range, in characters: room for 100,000 names that do not fold. */
export const MAX_RANGE_LENGTH = 2_000_000;
const MAX_DEPTH = 100;

/** Parses a node range. Throws NodeRangeError for whatever can be wrong without knowing the nodes; never anything else. */
export function parseRange(text: string): RangeAst {
  return parseRangeSource({ text });
}

/** As {@link parseRange}, for a text that knows where it comes from. */
export function parseRangeSource(source: RangeSource): RangeAst {
  const reader = new RangeReader(source);
  const { length } = source.text;
  if (length > MAX_RANGE_LENGTH) {
    const problem = `the range has more than ${MAX_RANGE_LENGTH} characters`;
    throw reader.faultHere({ fault: 'too-large', problem, advice: 'Name groups, or split it.' });
  }
  if (source.text.trim() === '') {
    throw reader.faultHere({ fault: 'empty-term', problem: 'the range is empty', advice: 'Write all for all nodes.' });
  }
  const level = parseLevel(reader, 0);
  return { source, ...level };
}

/** Items up to the end, or up to the parenthesis that closes the level. */
function parseLevel(reader: RangeReader, depth: number): RangeLevel {
  const offset = reader.at;
  const items = [parseItem(reader, depth)];
  while (reader.take(',')) items.push(parseItem(reader, depth));
  if (depth === 0 && reader.peek === ')') throw unmatched(reader);
  return { items, ...reader.since(offset) };
}

const unmatched = (reader: RangeReader): Error =>
  reader.faultHere({ fault: 'unbalanced', problem: 'an unmatched )', advice: 'Remove it, or open it with ( before.' });

function parseItem(reader: RangeReader, depth: number): RangeItem {
  reader.skipBlanks();
  const offset = reader.at;
  const excludes = reader.take('-');
  const terms = [parseTerm(reader, depth)];
  let span = reader.since(offset);
  reader.skipBlanks();
  while (reader.take('@')) {
    terms.push(parseTerm(reader, depth, '@'));
    span = reader.since(offset);
    reader.skipBlanks();
  }
  if (reader.isAtBorder) return { excludes, terms, ...span };
  if (reader.peek === ']') throw unmatchedBracket(reader);
  const advice = 'Write , between nodes, @ for those in both, and no blanks within a term.';
  throw reader.faultHere({ fault: 'unexpected', problem: `unexpected ${quoted(charHere(reader))}`, advice });
}

function parseTerm(reader: RangeReader, depth: number, after?: '@'): RangeTerm {
  reader.skipBlanks();
  if (reader.isAtBorder) throw depth === 0 && reader.peek === ')' && after === undefined ? unmatched(reader) : emptyTerm(reader);
  switch (reader.peek) {
    case '-':
      throw misplacedMinus(reader, after);
    case '(':
      return parseParentheses(reader, depth);
    case '/':
      return parseRegex(reader);
    case '^':
      return parseFile(reader);
    default:
      return parseAttribute(reader) ?? parseName(reader);
  }
}

function parseRegex(reader: RangeReader): RangeTerm {
  const offset = reader.at;
  reader.take('/');
  const pattern = parsePatternHere(reader, 'whole', '/');
  return { kind: 'regex', pattern, ...reader.since(offset) };
}

function emptyTerm(reader: RangeReader): Error {
  const where = reader.peek === '' ? 'at the end' : `before ${quoted(reader.peek)}`;
  const advice = 'Write a node, a group or a range there, or remove the sign next to it.';
  return reader.faultHere({ fault: 'empty-term', problem: `nothing is named ${where}`, advice });
}

function misplacedMinus(reader: RangeReader, after: '@' | undefined): Error {
  const [problem, advice] =
    after === '@'
      ? ['- after @ excludes nothing', 'Exclude with a comma before: rack1,-gpu.']
      : ['a second -', 'Write one - before what is excluded; names begin with no hyphen.'];
  return reader.faultHere({ fault: 'unexpected', problem, advice });
}

function parseParentheses(reader: RangeReader, depth: number): RangeTerm {
  const offset = reader.at;
  if (depth >= MAX_DEPTH) {
    const problem = `more than ${MAX_DEPTH} parentheses in each other`;
    throw reader.faultHere({ fault: 'too-large', problem, advice: 'Write the range without them.' });
  }
  reader.take('(');
  const { items } = parseLevel(reader, depth + 1);
  if (reader.take(')')) return { kind: 'level', items, ...reader.since(offset) };
  throw reader.fault({ offset, length: 1 }, { fault: 'unbalanced', problem: 'an unmatched (', advice: 'Close it with ).' });
}

function parseFile(reader: RangeReader): RangeTerm {
  const offset = reader.at;
  reader.take('^');
  const path = takeFreeText(reader);
  if (path === '') {
    throw reader.fault(
      { offset, length: 1 },
      { fault: 'empty-term', problem: '^ without a file', advice: 'Write the path of a file after it.' },
    );
  }
  return { kind: 'file', path, ...reader.since(offset) };
}

/** The whole character that comes next, not half of a surrogate pair. */
const charHere = (reader: RangeReader): string => String.fromCodePoint(reader.source.text.codePointAt(reader.at) ?? 0);
