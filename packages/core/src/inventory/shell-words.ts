import { InventoryError } from './inventory-error.ts';

/** A word of a host line. */
export interface ShellWord {
  /** The word with its quotes and backslashes resolved. */
  readonly text: string;
  /** Where it starts in the line, from 0. */
  readonly start: number;
}

/**
 * Splits a host line as Python's `shlex.split(line, comments=True)` does: quotes group, a
 * backslash escapes (inside double quotes only `"` and itself), `#` starts a comment even in
 * the middle of a word, `;` does not. Throws InventoryError for an open quote or a backslash
 * at the end.
 */
export function splitShellWords(line: string): ShellWord[] {
  const words: ShellWord[] = [];
  let position = 0;
  for (;;) {
    while (isBlank(line.charAt(position))) position += 1;
    if (position >= line.length || line.charAt(position) === '#') return words;
    const word = readWord(line, position);
    words.push({ text: word.text, start: position });
    position = word.end;
  }
}

function isBlank(character: string): boolean {
  return character === ' ' || character === '\t' || character === '\r' || character === '\n';
}

function readWord(line: string, start: number): { text: string; end: number } {
  let text = '';
  let position = start;
  while (position < line.length) {
    const character = line.charAt(position);
    if (isBlank(character) || character === '#') break;
    if (character === "'" || character === '"') {
      const quoted = readQuoted(line, position, character);
      text += quoted.text;
      position = quoted.end;
    } else if (character === '\\') {
      text += escaped(line, position);
      position += 2;
    } else {
      text += character;
      position += 1;
    }
  }
  return { text, end: position };
}

function readQuoted(line: string, start: number, quote: string): { text: string; end: number } {
  let text = '';
  let position = start + 1;
  while (position < line.length) {
    const character = line.charAt(position);
    if (character === quote) return { text, end: position + 1 };
    if (character === '\\' && quote === '"') {
      const next = escaped(line, position);
      text += next === '"' || next === '\\' ? next : `\\${next}`;
      position += 2;
    } else {
      text += character;
      position += 1;
    }
  }
  throw new InventoryError({
    column: start + 1,
    problem: `a quote (${quote}) is opened and never closed`,
    advice: 'Close it, or write a backslash before it if it belongs to the value.',
  });
}

function escaped(line: string, position: number): string {
  if (position + 1 < line.length) return line.charAt(position + 1);
  throw new InventoryError({
    column: position + 1,
    problem: 'the line ends with a backslash',
    advice: 'Write two backslashes if the value ends with one; lines cannot be continued.',
  });
}
