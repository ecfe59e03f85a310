import { PythonFloat, type InventoryValue } from './inventory-value.ts';
import { NamedCharacterError } from './literal-string.ts';
import { literalTokens, type LiteralToken } from './literal-tokens.ts';
import { NotLiteralError, toInventoryValue, UnhashableError, type PythonValue } from './python-value.ts';

/** What became of a value: a typed literal, plain text, or something Ansible fails on too. */
export type LiteralResult =
  | { readonly kind: 'literal'; readonly value: InventoryValue }
  | { readonly kind: 'text' }
  | { readonly kind: 'refused'; readonly reason: string };

/**
 * Reads a value as Python's `ast.literal_eval` does: ints (1_000, 0x1F), floats, strings,
 * lists, tuples, dicts, sets, True, False, None. Everything else is text: true, yes, 007,
 * plain words, expressions, and complex numbers, which JSON could not carry. "refused" is a
 * list or dict as a dict's key or a set's member (`{{ 5 }}` is one), where Python fails, and
 * `\N{NAME}`.
 */
export function readLiteral(source: string): LiteralResult {
  try {
    const tokens = literalTokens(source);
    const node = tokens === undefined ? undefined : parseWhole(tokens);
    if (node === undefined) return { kind: 'text' };
    return { kind: 'literal', value: toInventoryValue(node) };
  } catch (error) {
    if (error instanceof NotLiteralError) return { kind: 'text' };
    if (error instanceof UnhashableError) return { kind: 'refused', reason: error.message };
    if (error instanceof NamedCharacterError) {
      return { kind: 'refused', reason: `the named character ${error.message} is not supported` };
    }
    throw error;
  }
}

interface Cursor {
  readonly tokens: readonly LiteralToken[];
  position: number;
}

function parseWhole(tokens: readonly LiteralToken[]): PythonValue {
  const cursor: Cursor = { tokens, position: 0 };
  const items = parseItems(cursor, undefined);
  if (cursor.position < tokens.length) throw new NotLiteralError();
  return tupleOrItem(items);
}

interface Items {
  readonly values: readonly PythonValue[];
  readonly hasComma: boolean;
}

/** Values between commas up to `closing` (not consumed) or the end. */
function parseItems(cursor: Cursor, closing: string | undefined): Items {
  const values: PythonValue[] = [];
  let hasComma = false;
  while (!atEnd(cursor, closing)) {
    values.push(parseItem(cursor));
    if (!takeMark(cursor, ',')) break;
    hasComma = true;
  }
  return { values, hasComma };
}

function atEnd(cursor: Cursor, closing: string | undefined): boolean {
  if (cursor.position >= cursor.tokens.length) return true;
  return closing !== undefined && nextMark(cursor) === closing;
}

function tupleOrItem(items: Items): PythonValue {
  const [first] = items.values;
  if (first === undefined) throw new NotLiteralError();
  return items.hasComma ? { kind: 'tuple', items: items.values } : first;
}

function parseItem(cursor: Cursor): PythonValue {
  if (takeMark(cursor, '+')) return parseSigned(cursor, 1);
  if (takeMark(cursor, '-')) return parseSigned(cursor, -1);
  return parseAtom(cursor);
}

/** What follows a sign: a number, possibly in brackets, but no second sign and no bool. */
function parseSigned(cursor: Cursor, sign: 1 | -1): PythonValue {
  if (takeMark(cursor, '+') || takeMark(cursor, '-')) {
    parseSigned(cursor, sign);
    return { kind: 'malformed' };
  }
  const isBare = nextMark(cursor) === undefined;
  const operand = isBare ? parseAtom(cursor) : bareNumber(cursor);
  const value = operand.kind === 'scalar' ? operand.value : undefined;
  if (typeof value === 'bigint') return { kind: 'scalar', value: sign === 1 ? value : -value };
  if (value instanceof PythonFloat) {
    return { kind: 'scalar', value: new PythonFloat(sign * value.value) };
  }
  return { kind: 'malformed' };
}

/** An atom in brackets; malformed when a sign inside them makes it more than a number. */
function bareNumber(cursor: Cursor): PythonValue {
  const start = cursor.position;
  const operand = parseAtom(cursor);
  const inside = cursor.tokens.slice(start, cursor.position);
  const isSigned = inside.some((token) => token.kind === 'mark' && /[+-]/u.test(token.text));
  return isSigned ? { kind: 'malformed' } : operand;
}

function parseAtom(cursor: Cursor): PythonValue {
  const token = take(cursor);
  switch (token.kind) {
    case 'integer':
      return { kind: 'scalar', value: token.value };
    case 'float':
      return { kind: 'scalar', value: new PythonFloat(token.value) };
    case 'string':
      return { kind: 'scalar', value: joinStrings(cursor, token) };
    case 'name':
      return parseName(cursor, token.text);
    case 'mark':
      return parseBracketed(cursor, token.text);
  }
}

function parseName(cursor: Cursor, name: string): PythonValue {
  if (name === 'None') return { kind: 'scalar', value: null };
  if (name === 'True' || name === 'False') return { kind: 'scalar', value: name === 'True' };
  if (name !== 'set' || nextMark(cursor) !== '(') return { kind: 'malformed' };
  expectMark(cursor, '(');
  expectMark(cursor, ')');
  return { kind: 'set', items: [] };
}

/** Adjacent strings are one; bytes become text as UTF-8. */
function joinStrings(cursor: Cursor, first: Extract<LiteralToken, { kind: 'string' }>): string {
  let text = first.text;
  for (;;) {
    const next = cursor.tokens[cursor.position];
    if (next?.kind !== 'string') break;
    if (next.isBytes !== first.isBytes) throw new NotLiteralError();
    text += next.text;
    cursor.position += 1;
  }
  return first.isBytes ? decodeBytes(text) : text;
}

function decodeBytes(text: string): string {
  const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw new NotLiteralError();
  }
}

function parseBracketed(cursor: Cursor, opening: string): PythonValue {
  if (opening === '[') {
    const { values } = parseItems(cursor, ']');
    expectMark(cursor, ']');
    return { kind: 'list', items: values };
  }
  if (opening === '(') {
    const items = parseItems(cursor, ')');
    expectMark(cursor, ')');
    return items.values.length === 0 ? { kind: 'tuple', items: [] } : tupleOrItem(items);
  }
  if (opening === '{') return parseBraces(cursor);
  throw new NotLiteralError();
}

function parseBraces(cursor: Cursor): PythonValue {
  if (takeMark(cursor, '}')) return { kind: 'dict', entries: [] };
  const first = parseItem(cursor);
  if (takeMark(cursor, ':')) return parseDict(cursor, first);
  const rest = takeMark(cursor, ',') ? parseItems(cursor, '}').values : [];
  expectMark(cursor, '}');
  return { kind: 'set', items: [first, ...rest] };
}

function parseDict(cursor: Cursor, firstKey: PythonValue): PythonValue {
  const entries: [PythonValue, PythonValue][] = [[firstKey, parseItem(cursor)]];
  while (takeMark(cursor, ',') && nextMark(cursor) !== '}') {
    const key = parseItem(cursor);
    expectMark(cursor, ':');
    entries.push([key, parseItem(cursor)]);
  }
  expectMark(cursor, '}');
  return { kind: 'dict', entries };
}

function take(cursor: Cursor): LiteralToken {
  const token = cursor.tokens[cursor.position];
  if (token === undefined) throw new NotLiteralError();
  cursor.position += 1;
  return token;
}

function nextMark(cursor: Cursor): string | undefined {
  const token = cursor.tokens[cursor.position];
  return token?.kind === 'mark' ? token.text : undefined;
}

function takeMark(cursor: Cursor, mark: string): boolean {
  if (nextMark(cursor) !== mark) return false;
  cursor.position += 1;
  return true;
}

function expectMark(cursor: Cursor, mark: string): void {
  if (!takeMark(cursor, mark)) throw new NotLiteralError();
}
