/** A set of UTF-16 code units: pairs of first and last, both in the set, one pair after the other. */
export type CharSet = readonly number[];

const LAST_CODE_UNIT = 0xffff;

/** The set of exactly one code unit. */
export const oneChar = (code: number): CharSet => [code, code];

/** Whether a code unit is in the set. */
export function hasChar(set: CharSet, code: number): boolean {
  for (let at = 0; at < set.length; at += 2) {
    if (code >= (set[at] ?? 0) && code <= (set[at + 1] ?? 0)) return true;
  }
  return false;
}

/** Every code unit that is not in the set. */
export function complementOf(set: CharSet): CharSet {
  const rest: number[] = [];
  let from = 0;
  for (const [first, last] of pairsOf(set).toSorted((a, b) => a[0] - b[0])) {
    if (first > from) rest.push(from, first - 1);
    from = Math.max(from, last + 1);
  }
  if (from <= LAST_CODE_UNIT) rest.push(from, LAST_CODE_UNIT);
  return rest;
}

const pairsOf = (set: CharSet): [number, number][] =>
  Array.from({ length: set.length / 2 }, (_, index) => [set[2 * index] ?? 0, set[2 * index + 1] ?? 0]);

const ofText = (text: string): CharSet => [...text].flatMap((char) => oneChar(char.charCodeAt(0)));

const digits: CharSet = [0x30, 0x39];
const wordChars: CharSet = [...digits, 0x41, 0x5a, 0x5f, 0x5f, 0x61, 0x7a];
const blanks: CharSet = [0x09, 0x0d, ...ofText('\u0020\u00a0\u1680'), 0x2000, 0x200a, ...ofText('\u2028\u2029\u202f\u205f\u3000\ufeff')];

/** What `\d`, `\w`, `\s` and their opposites stand for, as in ECMAScript's regular expressions without flags. */
export const classEscapes: ReadonlyMap<string, CharSet> = new Map([
  ['d', digits],
  ['D', complementOf(digits)],
  ['w', wordChars],
  ['W', complementOf(wordChars)],
  ['s', blanks],
  ['S', complementOf(blanks)],
]);

/** What `.` stands for: everything but the ends of lines. */
export const anyChar: CharSet = complementOf(ofText('\n\r\u2028\u2029'));
