import { PythonFloat, TaggedText, type InventoryValue } from './inventory-value.ts';
import { compareCodePoints } from './python-text.ts';

const INDENT = '    ';

/**
 * JSON text as `ansible-inventory` prints it: keys sorted by code point, four blanks of
 * indent, ints with all their digits, 1.0 kept as 1.0. An infinite float is written 1e999,
 * which every JSON reader takes for infinity (Python writes the word, which none does).
 */
export function ansibleJsonText(value: InventoryValue, indent = ''): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value instanceof PythonFloat) return floatJson(value);
  if (value instanceof TaggedText) {
    return objectText(new Map([[`__ansible_${value.tag}`, value.text]]), indent);
  }
  if (Array.isArray(value)) return arrayText(value, indent);
  if (value instanceof Map) return objectText(value, indent);
  if (value === null || typeof value !== 'object') return String(value);
  throw new TypeError('an inventory value of an unknown kind cannot be written as JSON');
}

function floatJson(value: PythonFloat): string {
  if (Number.isNaN(value.value)) return '"NaN"';
  if (!Number.isFinite(value.value)) return value.value < 0 ? '-1e999' : '1e999';
  return value.toString();
}

function arrayText(items: readonly InventoryValue[], indent: string): string {
  if (items.length === 0) return '[]';
  const inner = indent + INDENT;
  const lines = items.map((item) => inner + ansibleJsonText(item, inner));
  return `[\n${lines.join(',\n')}\n${indent}]`;
}

function objectText(map: ReadonlyMap<string, InventoryValue>, indent: string): string {
  if (map.size === 0) return '{}';
  const inner = indent + INDENT;
  const sorted = [...map].toSorted(([a], [b]) => compareCodePoints(a, b));
  const lines = sorted.map(([key, item]) => `${inner}${JSON.stringify(key)}: ${ansibleJsonText(item, inner)}`);
  return `{\n${lines.join(',\n')}\n${indent}}`;
}
