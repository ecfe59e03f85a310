/** A string or bytes token of a Python literal. */
export interface StringToken {
  readonly kind: 'string';
  /** The text, or for bytes one character (U+0000 to U+00FF) a byte. */
  readonly text: string;
  readonly isBytes: boolean;
  /** Where the token ends. */
  readonly end: number;
}

/** Thrown for `\N{NAME}`: it needs the table of character names, which is not carried. */
export class NamedCharacterError extends Error {
  override readonly name = 'NamedCharacterError';
}

const OPENING = /([uU]|[bB][rR]?|[rR][bB]?|)('''|"""|'|")/y;

/**
 * Reads a string literal at `start`: undefined when none starts there, "malformed" when one
 * does and Python would not take it.
 */
export function readStringToken(source: string, start: number): StringToken | 'malformed' | undefined {
  OPENING.lastIndex = start;
  const match = OPENING.exec(source);
  if (match === null) return undefined;
  const prefix = (match[1] ?? '').toLowerCase();
  const quote = match[2] ?? '';
  const bodyStart = start + match[0].length;
  const bodyEnd = closingQuote(source, bodyStart, quote);
  if (bodyEnd === undefined) return 'malformed';
  const body = source.slice(bodyStart, bodyEnd);
  const isBytes = prefix.includes('b');
  if (isBytes && /[^\x00-\x7f]/u.test(body)) return 'malformed';
  const text = prefix.includes('r') ? body : resolveEscapes(body, isBytes);
  if (text === undefined) return 'malformed';
  return { kind: 'string', text, isBytes, end: bodyEnd + quote.length };
}

function closingQuote(source: string, start: number, quote: string): number | undefined {
  let position = start;
  while (position < source.length) {
    if (source.startsWith(quote, position)) return position;
    position += source.charAt(position) === '\\' ? 2 : 1;
  }
  return undefined;
}

const ESCAPE = /\\(?:([0-7]{1,3})|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|(N\{[^}]+\})|([\s\S]))/gu;

const SINGLE = new Map([
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
  ['a', '\x07'],
  ['b', '\b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
]);

const HIGHEST_CODE_POINT = 0x10ffff;

/** Resolves backslash escapes; undefined for one that is a syntax error in Python. */
function resolveEscapes(body: string, isBytes: boolean): string | undefined {
  let isMalformed = false;
  const text = body.replaceAll(ESCAPE, (whole: string, ...groups: (string | undefined)[]) => {
    const resolved = isBytes ? byteEscape(groups) : characterEscape(whole, groups);
    isMalformed ||= resolved === 'malformed';
    // An escape Python does not know keeps its backslash.
    return resolved === undefined ? (SINGLE.get(groups[5] ?? '') ?? whole) : resolved;
  });
  return isMalformed ? undefined : text;
}

function byteEscape([octal, hex, , , , single]: (string | undefined)[]): string | undefined {
  if (octal !== undefined) return octalCharacter(octal, true);
  if (hex !== undefined) return codeCharacter(hex);
  return single === 'x' ? 'malformed' : undefined;
}

function characterEscape(whole: string, groups: (string | undefined)[]): string | undefined {
  const [octal, hex, short, long, named, single] = groups;
  if (octal !== undefined) return octalCharacter(octal, false);
  if (named !== undefined) throw new NamedCharacterError(whole);
  const digits = hex ?? short ?? long;
  if (digits !== undefined) return codeCharacter(digits);
  return single !== undefined && 'xuUN'.includes(single) ? 'malformed' : undefined;
}

function codeCharacter(digits: string): string {
  const code = Number.parseInt(digits, 16);
  return code <= HIGHEST_CODE_POINT ? String.fromCodePoint(code) : 'malformed';
}

function octalCharacter(digits: string, isBytes: boolean): string {
  const code = Number.parseInt(digits, 8);
  return String.fromCharCode(isBytes ? code & 0xff : code);
}
