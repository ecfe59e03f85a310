/**
 * The inside of a character class with what Python's `str.isspace` (and so `str.strip` and
 * `\s` of its `re`) calls blank. JavaScript's `\s` differs: it has U+FEFF and lacks the
 * separators U+001C to U+001F and U+0085.
 */
export const PYTHON_SPACE = '\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';

const LEADING = new RegExp(`^[${PYTHON_SPACE}]+`, 'u');
const TRAILING_BLANK = new RegExp(`[${PYTHON_SPACE}]`, 'u');
const LINE_END = /\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/u;

/** `str.strip()` of Python. */
export function stripPython(text: string): string {
  const start = leadingBlanks(text);
  let end = text.length;
  // Not a regular expression: `[blank]+$` takes quadratic time on long runs of blanks.
  while (end > start && TRAILING_BLANK.test(text.charAt(end - 1))) end -= 1;
  return text.slice(start, end);
}

/** How many characters `str.strip()` would take from the front. */
export function leadingBlanks(text: string): number {
  return LEADING.exec(text)?.[0].length ?? 0;
}

/** `str.splitlines()` of Python: more line ends than `\n`, and no empty last line. */
export function splitPythonLines(text: string): string[] {
  const lines = text.split(LINE_END);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

const INTEGER = new RegExp(`^[${PYTHON_SPACE}]*([+-]?)([0-9]+(?:_[0-9]+)*)[${PYTHON_SPACE}]*$`, 'u');

/** `int(text)` of Python for ASCII digits; undefined where Python raises ValueError. */
export function parsePythonInt(text: string): bigint | undefined {
  const match = INTEGER.exec(text);
  if (match === null) return undefined;
  const magnitude = BigInt((match[2] ?? '').replaceAll('_', ''));
  return match[1] === '-' ? -magnitude : magnitude;
}

/** Order of Python's `sorted` on text: by code point, where JavaScript compares UTF-16 units. */
export function compareCodePoints(left: string, right: string): number {
  const length = Math.min(left.length, right.length);
  for (let index = 0; index < length; index += 1) {
    const a = left.charCodeAt(index);
    const b = right.charCodeAt(index);
    if (a !== b) return rankUnit(a) - rankUnit(b);
  }
  return left.length - right.length;
}

// Surrogates (characters beyond U+FFFF) sort after every other unit.
function rankUnit(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}
