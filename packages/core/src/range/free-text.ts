import { quoted } from './node-range-error.ts';
import type { RangeReader } from './range-reader.ts';

/**
 * Takes a regular expression: up to a `,` `@` or `)` that stands outside its own parentheses, classes and braces. Whether
 * these are balanced the parser of regular expressions says. Blanks at the end belong to the range.
 */
export function takePatternText(reader: RangeReader): string {
  const { text } = reader.source;
  let depth = 0;
  let lastEscaped = -1;
  let end = reader.at;
  for (; end < text.length; end++) {
    const char = text.charAt(end);
    if (depth === 0 && isBorder(char)) break;
    if (char === '\\') lastEscaped = ++end;
    else if (char === '[') end = classEnd(text, end);
    else depth = Math.max(0, depth + (nesting.get(char) ?? 0));
  }
  const trimmed = text.slice(reader.at, end).trimEnd().length;
  return reader.takeUntil(Math.min(text.length, Math.max(reader.at + trimmed, lastEscaped + 1)));
}

const nesting: ReadonlyMap<string, number> = new Map([
  ['(', 1],
  ['{', 1],
  [')', -1],
  ['}', -1],
]);

/** Where the class that opens here closes; the end of the text when it does not. */
function classEnd(text: string, open: number): number {
  let at = open + 1;
  while (at < text.length && text.charAt(at) !== ']') at += text.charAt(at) === '\\' ? 2 : 1;
  return at;
}

/**
 * Takes a value or a path: quoted (`"a, b"`, with \" and \\ inside), or up to a `,` `@` or `)` outside its own parentheses.
 * Throws NodeRangeError when a quotation mark or a parenthesis stays open.
 */
export function takeFreeText(reader: RangeReader): string {
  if (reader.peek === '"') return takeQuoted(reader);
  const { text } = reader.source;
  const open: number[] = [];
  let end = reader.at;
  for (; end < text.length; end++) {
    const char = text.charAt(end);
    if (char === '(') open.push(end);
    else if (char === ')' && open.length > 0) open.pop();
    else if (open.length === 0 && isBorder(char)) break;
  }
  const [unclosed] = open;
  if (unclosed !== undefined) {
    const advice = 'Close it with ), or put the text in quotation marks.';
    throw reader.fault({ offset: unclosed, length: 1 }, { fault: 'unbalanced', problem: 'an unmatched (', advice });
  }
  return reader.takeUntil(reader.at + text.slice(reader.at, end).trimEnd().length);
}

const isBorder = (char: string): boolean => char === ',' || char === '@' || char === ')';

function takeQuoted(reader: RangeReader): string {
  const { text } = reader.source;
  const from = reader.at;
  let taken = '';
  let at = from + 1;
  for (; at < text.length && text.charAt(at) !== '"'; at++) {
    if (text.charAt(at) === '\\') at++;
    taken += text.charAt(at);
  }
  if (at >= text.length) {
    const advice = 'Close it with "; inside, write \\" and \\\\ for the characters themselves.';
    throw reader.faultHere({ fault: 'unbalanced', problem: 'a quotation mark that is not closed', advice });
  }
  reader.takeUntil(at + 1);
  reader.skipBlanks();
  if (reader.isAtBorder) return taken;
  throw reader.faultHere({
    fault: 'unexpected',
    problem: `${quoted(reader.peek)} after a quoted text`,
    advice: 'Write , or @ between terms.',
  });
}
