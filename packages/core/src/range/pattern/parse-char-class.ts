import { complementOf, oneChar, type CharSet } from './char-set.ts';
import type { PatternReader } from './pattern-reader.ts';

/** Takes a class like `[a-f0-9_]` or `[^\s]`; the reader stands on its `[`. Throws what the reader's faults make. */
export function parseCharClass(reader: PatternReader): CharSet {
  const from = reader.at;
  reader.next();
  const isNegated = reader.take('^');
  const set: number[] = [];
  while (reader.peek !== ']') {
    if (reader.isAtEnd) throw reader.faultAt(from, 1, 'an unmatched [ in the regex', 'Close it with ].');
    set.push(...classMember(reader));
  }
  reader.next();
  if (set.length === 0) throw reader.faultSince(from, 'an empty class in the regex', 'Write \\] for the character itself.');
  return isNegated ? complementOf(set) : set;
}

function classMember(reader: PatternReader): CharSet {
  const from = reader.at;
  const first = classChar(reader);
  if (reader.takeMatch(/-(?!\])(?=[^])/y) === undefined) return first;
  const last = classChar(reader);
  const [low = 0, high = 0] = [first[0], last[1]];
  if (!isOneChar(first) || !isOneChar(last)) {
    throw reader.faultSince(from, 'a class of characters cannot be the end of a range', 'Write - last for the character itself.');
  }
  if (high < low) throw reader.faultSince(from, 'a reversed range of characters in the regex', 'Write the smaller one first.');
  return [low, high];
}

const classChar = (reader: PatternReader): CharSet => (reader.peek === '\\' ? reader.escape() : oneChar(reader.next().charCodeAt(0)));

const isOneChar = (set: CharSet): boolean => set.length === 2 && set[0] === set[1];
