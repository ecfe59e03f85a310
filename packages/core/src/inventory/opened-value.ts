import { TaggedText, type InventoryValue } from './inventory-value.ts';

/** A value with the encrypted texts in it opened, those that `decrypt` has no password for as they are. */
export function openedValue(value: InventoryValue, decrypt: (text: string) => string | undefined): InventoryValue {
  if (value instanceof TaggedText) return value.tag === 'vault' ? (decrypt(value.text) ?? value) : value;
  if (Array.isArray(value)) return value.map((item) => openedValue(item as InventoryValue, decrypt));
  if (!(value instanceof Map)) return value;
  return new Map([...(value as ReadonlyMap<string, InventoryValue>)].map(([key, item]) => [key, openedValue(item, decrypt)]));
}
