import { InventoryError } from './inventory-error.ts';
import { PythonFloat, type InventoryValue, type Variables } from './inventory-value.ts';
import { toInventoryValue } from './python-value.ts';
import { readTreeDocument } from './tree-document.ts';

/**
 * Reads a file of variables, JSON or YAML 1.1, as Ansible does. A file whose value is empty
 * (no document, {}, [], false, 0) sets nothing. Throws InventoryError for what is neither
 * and for a file that is no map at its top.
 */
export function readVariablesDocument(file: string, text: string): Variables {
  const value = toInventoryValue(readTreeDocument(file, text).root);
  if (value instanceof Map) return value;
  if (isEmpty(value)) return new Map();
  throw new InventoryError({
    file,
    line: 1,
    column: 1,
    problem: 'the file of variables is not a map of names to values',
    advice: 'Write it as YAML: one `name: value` a line.',
  });
}

/** What Python calls false. */
export function isEmpty(value: InventoryValue): boolean {
  if (Array.isArray(value)) return value.length === 0;
  if (value instanceof Map) return value.size === 0;
  if (value instanceof PythonFloat) return value.value === 0;
  return value === null || value === false || value === '' || value === 0;
}
