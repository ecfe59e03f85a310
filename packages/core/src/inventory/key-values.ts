import { InventoryError } from './inventory-error.ts';
import { PYTHON_SPACE, stripPython } from './python-text.ts';

const BLANK = new RegExp(`[${PYTHON_SPACE}]`, 'u');
const ESCAPE = /\\(?:U[0-9a-fA-F]{8}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[\\'"abfnrtv])/gu;
const SHORT: Readonly<Record<string, string>> = { a: '\u0007', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' };
const BRACES: Readonly<Record<string, string>> = { '{{': '}}', '{%': '%}', '{#': '#}' };

/**
 * Takes `name=value name2="two words"` apart as Ansible does for `-e`: all values are text,
 * quotes around a whole value go, and blanks within quotes or a template's braces belong to the
 * value. Throws InventoryError for a quote that is not closed and for a word without `=`,
 * which Ansible drops.
 */
export function splitAssignments(text: string): ReadonlyMap<string, string> {
  return new Map(splitWords(text).map(assignment));
}

function splitWords(text: string): string[] {
  const words: string[] = [];
  const around: Around = { quote: '', closing: [] };
  let word = '';
  for (let index = 0; index < text.length; index += 1) {
    const character = text.charAt(index);
    follow(around, text, index);
    if (isInside(around) || !BLANK.test(character)) {
      word += character;
    } else {
      if (word !== '') words.push(word);
      word = '';
    }
  }
  if (isInside(around)) throw unclosed(around.quote === '' ? (around.closing.at(-1) ?? '') : around.quote);
  return word === '' ? words : [...words, word];
}

/** The quote and the braces that are open, by what closes them. */
interface Around {
  quote: string;
  readonly closing: string[];
}

function isInside({ quote, closing }: Around): boolean {
  return quote !== '' || closing.length > 0;
}

function follow(around: Around, text: string, index: number): void {
  const character = text.charAt(index);
  const isQuote = /["']/u.test(character) && text.charAt(index - 1) !== '\\';
  if (isQuote) around.quote = nextQuote(around.quote, character);
  followBraces(text.slice(index, index + 2), around.closing);
}

function nextQuote(open: string, character: string): string {
  if (open === '') return character;
  return open === character ? '' : open;
}

function followBraces(pair: string, closing: string[]): void {
  const end = BRACES[pair];
  if (end !== undefined) closing.push(end);
  else if (pair === closing.at(-1)) closing.pop();
}

function assignment(word: string): readonly [string, string] {
  const decoded = word.replace(ESCAPE, (escape) => unescaped(escape.slice(1)));
  // Not at the very beginning, and not behind a backslash.
  const equals = /[^\\]=/su.exec(decoded);
  if (equals === null) throw noValue(word);
  const name = stripPython(decoded.slice(0, equals.index + 1));
  return [name, unquoted(stripPython(decoded.slice(equals.index + 2)))];
}

function unescaped(escape: string): string {
  if (escape.length === 1) return SHORT[escape] ?? escape;
  const point = Number.parseInt(escape.slice(1), 16);
  return point > 0x10ffff ? '\ufffd' : String.fromCodePoint(point);
}

function unquoted(text: string): string {
  const first = text.charAt(0);
  const isQuoted = text.length > 1 && /["']/u.test(first) && text.endsWith(first) && text.at(-2) !== '\\';
  return isQuoted ? text.slice(1, -1) : text;
}

function noValue(word: string): InventoryError {
  const advice = 'Write -e name=value, with the whole of it between quotes where the value holds blanks.';
  // Part of a secret with a blank in it could stand here.
  return new InventoryError({ problem: `-e has a word without =, of ${word.length} characters`, advice });
}

function unclosed(mark: string): InventoryError {
  return new InventoryError({
    problem: `-e opens a quote or braces and never closes them with ${mark}`,
    advice: 'Close it, or put a backslash before the quote.',
  });
}
