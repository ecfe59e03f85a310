import { integerValue, PythonFloat, TaggedText, type InventoryValue } from './inventory-value.ts';
import type { PythonValue } from './python-value.ts';

/** Strings of a JSON text; where a colon follows, the string is a key. */
const STRING = /"((?:[^"\\]|\\.)*)"(\s*:)?/gsu;
/** Stands before each key while JSON.parse works: it would sort keys that look like numbers. */
const KEY_MARK = '.';

/**
 * The value of a JSON text, with its keys in their order; undefined when it is not JSON (or
 * the JSON null). Ints keep all their digits, floats are floats even where they are whole.
 */
export function parseJsonTree(text: string): PythonValue | undefined {
  try {
    // Looked at first: the marked text of a broken one could be whole.
    JSON.parse(text);
    const marked = text.replace(STRING, (all, inner: string, colon?: string) =>
      colon === undefined ? all : `"${KEY_MARK}${inner}"${colon}`,
    );
    const value = JSON.parse(marked, readNumber) as unknown;
    return value === null ? undefined : treeOf(value);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function readNumber(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number') return value;
  const source = context?.source ?? String(value);
  return /[.eE]/u.test(source) ? new PythonFloat(Number(source)) : integerValue(BigInt(source));
}

function treeOf(value: unknown): PythonValue {
  if (Array.isArray(value)) return { kind: 'list', items: value.map(treeOf) };
  if (typeof value !== 'object' || value === null || value instanceof PythonFloat) {
    return { kind: 'ready', value: value as InventoryValue };
  }
  const entries = Object.entries(value).map(([key, item]) => [key.slice(KEY_MARK.length), item as unknown] as const);
  for (const tag of ['vault', 'unsafe'] as const) {
    const text = entries.find(([key]) => key === `__ansible_${tag}`)?.[1];
    if (typeof text === 'string') return { kind: 'ready', value: new TaggedText(tag, text) };
  }
  return { kind: 'dict', entries: entries.map(([key, item]) => [{ kind: 'scalar', value: key }, treeOf(item)]) };
}
