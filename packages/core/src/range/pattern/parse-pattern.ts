import { anyChar, oneChar, type CharSet } from './char-set.ts';
import { parseCharClass } from './parse-char-class.ts';
import { PatternReader } from './pattern-reader.ts';

/** A regular expression, parsed. `max` is Infinity where a repetition has no upper end. */
export type PatternNode =
  | { readonly kind: 'chars'; readonly set: CharSet }
  | { readonly kind: 'sequence'; readonly parts: readonly PatternNode[] }
  | { readonly kind: 'choice'; readonly options: readonly PatternNode[] }
  | { readonly kind: 'repeat'; readonly body: PatternNode; readonly min: number; readonly max: number }
  | { readonly kind: 'start' | 'end' };

/** The longest regular expression, in characters: twice a name of 253 with every character escaped. */
const MAX_PATTERN_LENGTH = 600;
/** The most states a regular expression may have once its repetitions are written out. */
const MAX_PATTERN_STATES = 2000;
const MAX_REPEAT = 1000;

/** Makes the error for a place in the regular expression. */
export type PatternFault = (offset: number, length: number, problem: string, advice: string) => Error;

/**
 * Parses the subset that can be matched in linear time: literals, `.`, classes, groups, `|`, `*` `+` `?` `{m,n}`, `^` `$`,
 * `\d \w \s`. What it takes means the same as in an ECMAScript regular expression without flags. Throws what `fault` makes.
 */
export function parsePattern(text: string, fault: PatternFault): PatternNode {
  if (text.length > MAX_PATTERN_LENGTH) {
    throw fault(0, text.length, `the regex has more than ${MAX_PATTERN_LENGTH} characters`, 'Make it shorter, or name the nodes.');
  }
  const reader = new PatternReader(text, fault);
  const pattern = parseChoice(reader);
  if (!reader.isAtEnd) throw reader.fault('an unmatched ) in the regex', 'Remove it, or write \\) for the character itself.');
  return pattern;
}

function parseChoice(reader: PatternReader): PatternNode {
  const options = [parseSequence(reader)];
  while (reader.take('|')) options.push(parseSequence(reader));
  const [only] = options;
  return options.length === 1 && only !== undefined ? only : { kind: 'choice', options };
}

function parseSequence(reader: PatternReader): PatternNode {
  const parts: PatternNode[] = [];
  while (!reader.isAtEnd && reader.peek !== '|' && reader.peek !== ')') parts.push(parsePiece(reader));
  return { kind: 'sequence', parts };
}

function parsePiece(reader: PatternReader): PatternNode {
  const body = parseAtom(reader);
  const from = reader.at;
  const [min, max] = parseRepetition(reader) ?? [1, 1];
  if (reader.at === from) return body;
  if (body.kind === 'start' || body.kind === 'end') throw reader.faultSince(from, 'nothing to repeat in the regex', 'Remove it.');
  // A lazy repetition finds another match, but never a match where a greedy one finds none.
  reader.take('?');
  const repeat: PatternNode = { kind: 'repeat', body, min, max };
  if (statesOf(repeat) > MAX_PATTERN_STATES) {
    throw reader.faultSince(from, 'the regex repeats too much', `Written out, it may have ${MAX_PATTERN_STATES} states.`);
  }
  return repeat;
}

const shortRepetitions: ReadonlyMap<string, readonly [number, number]> = new Map([
  ['*', [0, Infinity]],
  ['+', [1, Infinity]],
  ['?', [0, 1]],
]);

function parseRepetition(reader: PatternReader): readonly [number, number] | undefined {
  const short = shortRepetitions.get(reader.peek);
  if (short !== undefined) {
    reader.next();
    return short;
  }
  if (reader.peek !== '{') return undefined;
  const from = reader.at;
  const found = reader.takeMatch(/\{(\d{1,9})(,(\d{0,9}))?\}/y);
  if (found === undefined) throw reader.fault('{ does not begin a repetition in the regex', 'Write {3}, {1,3} or {1,}, or \\{.');
  const min = Number(found[1]);
  const max = found[2] === undefined ? min : found[3] === '' ? Infinity : Number(found[3]);
  if (max < min) throw reader.faultSince(from, 'a reversed repetition in the regex', 'Write the smaller number first.');
  if (min > MAX_REPEAT || (max !== Infinity && max > MAX_REPEAT)) {
    throw reader.faultSince(from, 'the regex repeats too much', `Repeat ${MAX_REPEAT} times at most.`);
  }
  return [min, max];
}

/** How many states the pattern has once its repetitions are written out, near enough to bound it. */
function statesOf(node: PatternNode): number {
  const sum = (nodes: readonly PatternNode[]): number => nodes.reduce((total, one) => total + statesOf(one), 0);
  if (node.kind === 'sequence') return sum(node.parts);
  if (node.kind === 'choice') return sum(node.options) + node.options.length;
  if (node.kind === 'repeat') return (statesOf(node.body) + 1) * (node.max === Infinity ? node.min + 1 : node.max);
  return 1;
}

function parseAtom(reader: PatternReader): PatternNode {
  const char = reader.peek;
  switch (char) {
    case '(':
      return parseGroup(reader);
    case '[':
      return { kind: 'chars', set: parseCharClass(reader) };
    case '\\':
      return { kind: 'chars', set: reader.escape() };
    case '*':
    case '+':
    case '?':
      throw reader.fault('nothing to repeat in the regex', `Write something before ${char}, or \\${char} for the character itself.`);
    case '{':
    case '}':
    case ']':
      throw reader.fault(`an unmatched ${char} in the regex`, `Write \\${char} for the character itself.`);
    default:
      reader.next();
      return plainAtom(char);
  }
}

function plainAtom(char: string): PatternNode {
  if (char === '^') return { kind: 'start' };
  if (char === '$') return { kind: 'end' };
  return { kind: 'chars', set: char === '.' ? anyChar : oneChar(char.charCodeAt(0)) };
}

function parseGroup(reader: PatternReader): PatternNode {
  const from = reader.at;
  reader.next();
  if (reader.peek === '?' && reader.takeMatch(/\?:/y) === undefined) {
    const advice = 'Only ( ) and (?: ) group; say the rest with @ and - in the range.';
    throw reader.faultSince(from, 'the regex has no look-around and no named groups', advice);
  }
  const body = parseChoice(reader);
  if (reader.take(')')) return body;
  throw reader.faultAt(from, 1, 'an unmatched ( in the regex', 'Close it with ).');
}
