import { readStringToken, type StringToken } from './literal-string.ts';

/** A token of a Python literal. */
export type LiteralToken =
  | StringToken
  | { readonly kind: 'integer'; readonly value: bigint }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'name'; readonly text: string }
  | { readonly kind: 'mark'; readonly text: string };

/** Python's own limit on nested brackets. */
const DEEPEST_NESTING = 200;

/** Python refuses longer decimal ints since 3.11. */
const LONGEST_DECIMAL = 4300;

const BLANK = /[ \t\f]+/y;
const NUMBER =
  /0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+|((?:[0-9](?:_?[0-9])*)?\.[0-9](?:_?[0-9])*(?:[eE][+-]?[0-9](?:_?[0-9])*)?|[0-9](?:_?[0-9])*\.?[eE][+-]?[0-9](?:_?[0-9])*|[0-9](?:_?[0-9])*\.)|[1-9](?:_?[0-9])*|0(?:_?0)*/y;
const NAME = /[\p{L}\p{Nl}_][\p{L}\p{Nl}\p{Nd}\p{Mn}\p{Mc}\p{Pc}]*(?!['"])/uy;
const KEYWORDS: ReadonlySet<string> = new Set(
  'and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield'.split(
    ' ',
  ),
);
const MARK = /[()[\]{},:+-]/y;
const NAME_CHARACTER = /[\p{L}\p{N}\p{Pc}]/u;

/**
 * Splits a value into the tokens a Python literal is made of; undefined as soon as there is
 * anything else (an operator, an f-string, an imaginary number), so that the value stays
 * text. A `#` outside a string starts a comment, as in Python.
 */
export function literalTokens(source: string): LiteralToken[] | undefined {
  if (source.includes('\0')) return undefined;
  const tokens: LiteralToken[] = [];
  let position = skipBlanks(source, 0);
  let depth = 0;
  while (position < source.length && source.charAt(position) !== '#') {
    const read = readToken(source, position);
    if (read === undefined) return undefined;
    tokens.push(read.token);
    depth += nesting(read.token);
    if (depth > DEEPEST_NESTING) return undefined;
    position = skipBlanks(source, read.end);
  }
  return tokens;
}

function skipBlanks(source: string, position: number): number {
  BLANK.lastIndex = position;
  return BLANK.test(source) ? BLANK.lastIndex : position;
}

function nesting(token: LiteralToken): number {
  if (token.kind !== 'mark') return 0;
  if ('([{'.includes(token.text)) return 1;
  return ')]}'.includes(token.text) ? -1 : 0;
}

function readToken(source: string, start: number): { token: LiteralToken; end: number } | undefined {
  const string = readStringToken(source, start);
  if (string === 'malformed') return undefined;
  if (string !== undefined) return { token: string, end: string.end };
  NAME.lastIndex = start;
  const name = NAME.exec(source)?.[0];
  if (name !== undefined && !KEYWORDS.has(name)) {
    return { token: { kind: 'name', text: name }, end: start + name.length };
  }
  return readNumber(source, start) ?? readMark(source, start);
}

function readMark(source: string, start: number): ReturnType<typeof readToken> {
  MARK.lastIndex = start;
  const text = MARK.exec(source)?.[0];
  return text === undefined ? undefined : { token: { kind: 'mark', text }, end: start + 1 };
}

function readNumber(source: string, start: number): ReturnType<typeof readToken> {
  NUMBER.lastIndex = start;
  const match = NUMBER.exec(source);
  if (match === null) return undefined;
  const end = start + match[0].length;
  // 007, 1x and 1j are no ints, floats or anything else that JSON could carry.
  if (NAME_CHARACTER.test(source.charAt(end))) return undefined;
  const digits = match[0].replaceAll('_', '');
  if (match[1] !== undefined) return { token: { kind: 'float', value: Number(digits) }, end };
  if (digits.length > LONGEST_DECIMAL) return undefined;
  return { token: { kind: 'integer', value: BigInt(digits) }, end };
}
