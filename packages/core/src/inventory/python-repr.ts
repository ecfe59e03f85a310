import { TaggedText, textOf, type InventoryValue } from './inventory-value.ts';

/**
 * A value as Python's `str` writes it. Tuples and sets, which are lists here, come out as lists, and keys of dicts as
 * strings. What is still encrypted is only named.
 */
export function pythonTextOf(value: InventoryValue): string {
  return textOf(value) ?? pythonRepr(value);
}

function pythonRepr(value: InventoryValue): string {
  if (typeof value === 'string') return quoted(value);
  if (value === null) return 'None';
  if (value instanceof TaggedText) return value.tag === 'vault' ? '(encrypted with ansible-vault)' : quoted(value.text);
  if (Array.isArray(value)) return `[${value.map((item) => pythonRepr(item as InventoryValue)).join(', ')}]`;
  if (value instanceof Map) {
    const entries = [...value].map(([key, item]) => `${quoted(String(key))}: ${pythonRepr(item as InventoryValue)}`);
    return `{${entries.join(', ')}}`;
  }
  return textOf(value) ?? '';
}

/** Blanks but the plain one, controls and code points that mean nothing. */
const UNPRINTABLE = /[\p{C}\p{Z}]/u;
const SHORT: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function quoted(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const inner = [...text].map((character) => {
    if (character === quote) return `\\${quote}`;
    const short = SHORT[character];
    if (short !== undefined) return short;
    return character === ' ' || !UNPRINTABLE.test(character) ? character : escaped(character.codePointAt(0) ?? 0);
  });
  return `${quote}${inner.join('')}${quote}`;
}

function escaped(code: number): string {
  const digits = code.toString(16);
  if (code <= 0xff) return `\\x${digits.padStart(2, '0')}`;
  return code <= 0xffff ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`;
}
