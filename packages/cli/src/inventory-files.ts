import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { InventoryFiles } from '@muster/core';
import { lookUpSecret } from './look-up-secret.ts';
import { runInventoryProgram } from './run-inventory-program.ts';

/** Inventory files on the disk of this machine, and programs among them. */
export const inventoryFiles: InventoryFiles = {
  read: (path) => (kindOf(path) === 'file' ? readFileSync(path) : undefined),
  run: (path, args) => runInventoryProgram(path, args),
  lookUp: lookUpSecret,
  list: (path) => (kindOf(path) === 'directory' ? readdirSync(path) : undefined),
};

function kindOf(path: string): 'file' | 'directory' | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  return found.isDirectory() ? 'directory' : 'file';
}
