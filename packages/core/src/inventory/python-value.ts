import { integerValue, PythonFloat, type InventoryValue } from './inventory-value.ts';

/** A scalar with its Python type still told apart: an int is always a bigint here. */
export type PythonScalar = null | boolean | bigint | string | PythonFloat;

/** A Python value before it becomes an inventory value; dicts may still have keys of any kind. */
export type PythonValue =
  | {
      readonly kind: 'scalar';
      readonly value: PythonScalar;
      /** A date or time, which is text here and is none in Python. */ readonly isDate?: boolean;
    }
  | { readonly kind: 'list' | 'tuple' | 'set'; readonly items: readonly PythonValue[] }
  | { readonly kind: 'dict'; readonly entries: readonly (readonly [PythonValue, PythonValue])[] }
  | { readonly kind: 'ready'; readonly value: InventoryValue }
  | { readonly kind: 'malformed' };

/** Thrown for a part that is valid Python and no literal: the whole value is text then. */
export class NotLiteralError extends Error {
  override readonly name = 'NotLiteralError';
}

/** Thrown where Python raises "unhashable type": a list, dict or set as a key or in a set. */
export class UnhashableError extends Error {
  override readonly name = 'UnhashableError';
}

/**
 * Turns a Python value into an inventory value. Keys that Python holds equal (1, 1.0, True)
 * are one key, the first spelling with the last value. Parts are taken in Python's order, so
 * the first of them that is wrong decides between {@link UnhashableError} and
 * {@link NotLiteralError}.
 */
export function toInventoryValue(node: PythonValue): InventoryValue {
  if (node.kind === 'scalar') {
    return typeof node.value === 'bigint' ? integerValue(node.value) : node.value;
  }
  if (node.kind === 'ready') return node.value;
  if (node.kind === 'malformed') throw new NotLiteralError();
  if (node.kind === 'dict') return dictValue(node.entries);
  if (node.kind === 'set') return setValue(node.items);
  return node.items.map(toInventoryValue);
}

/**
 * The entries of a dict as Python holds them: keys it holds equal are one, the first spelling
 * with the last value. Undefined for what is no dict. Throws {@link UnhashableError}.
 */
export function entriesOf(node: PythonValue): readonly (readonly [PythonValue, PythonValue])[] | undefined {
  if (node.kind !== 'dict') return undefined;
  const result = new Map<string, readonly [PythonValue, PythonValue]>();
  for (const [key, value] of node.entries) {
    const identity = identityOf(key);
    result.set(identity, [result.get(identity)?.[0] ?? key, value]);
  }
  return [...result.values()];
}

function dictValue(entries: readonly (readonly [PythonValue, PythonValue])[]): ReadonlyMap<string, InventoryValue> {
  const spelling = new Map<string, string>();
  const result = new Map<string, InventoryValue>();
  for (const [key, value] of entries) {
    // Converted for its errors alone: Python looks at a key before its value.
    toInventoryValue(key);
    const converted = toInventoryValue(value);
    const identity = identityOf(key);
    const name = spelling.get(identity) ?? keyTextOf(key);
    spelling.set(identity, name);
    result.set(name, converted);
  }
  return result;
}

function setValue(items: readonly PythonValue[]): readonly InventoryValue[] {
  const distinct = new Map<string, InventoryValue>();
  for (const item of items) {
    const converted = toInventoryValue(item);
    const identity = identityOf(item);
    if (!distinct.has(identity)) distinct.set(identity, converted);
  }
  return [...distinct.values()];
}

/** Text that is equal exactly for values that Python holds equal. */
function identityOf(node: PythonValue): string {
  if (node.kind === 'scalar') return scalarIdentity(node.value);
  if (node.kind === 'tuple') return `(${node.items.map(identityOf).join(',')})`;
  throw new UnhashableError(`a ${node.kind} cannot be a key or a member of a set`);
}

function scalarIdentity(value: PythonScalar): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (value === null) return 'None';
  if (value instanceof PythonFloat) {
    const whole = Number.isInteger(value.value);
    return whole ? String(BigInt(value.value)) : value.toString();
  }
  return String(BigInt(value));
}

/** A key as Python's `json.dumps` writes it; a tuple, which it refuses, as its members. */
export function keyTextOf(node: PythonValue): string {
  if (node.kind !== 'scalar') return identityOf(node);
  const isFinite = !(node.value instanceof PythonFloat) || Number.isFinite(node.value.value);
  // Infinity and NaN are the words of both languages, where repr has inf and nan.
  if (!isFinite) return String(Number(node.value));
  return node.value === null ? 'null' : String(node.value);
}
