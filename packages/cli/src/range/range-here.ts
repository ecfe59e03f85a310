import { expandRange, type Inventory, inventoryWorld, readInventory } from '@muster/core';
import { inventoryFiles } from '../inventory-files.ts';
import { clear, readRangeFile } from './given-range.ts';

/** The hosts of an inventory that a range names; no server is asked. @throws CliError */
export function rangeHere(text: string, inventory: readonly string[], allowEmpty = false): string[] {
  return rangeOf(text, readInventory(inventory, inventoryFiles), allowEmpty);
}

/** The same of an inventory that is read already. @throws CliError */
export function rangeOf(text: string, inventory: Inventory, allowEmpty = false): string[] {
  const world = { ...inventoryWorld(inventory), readFile: readRangeFile };
  return clear(() => expandRange(text, world, { allowEmpty }));
}
