import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InventoryError, readInventory, type Inventory, type InventoryFiles } from '../src/inventory/index.ts';

/** The files below a folder of this machine. */
export function diskFiles(root: string): InventoryFiles {
  const kind = (path: string) => statSync(join(root, path), { throwIfNoEntry: false });
  return {
    read: (path) => (kind(path)?.isFile() === true ? readFileSync(join(root, path)) : undefined),
    list: (path) => (kind(path)?.isDirectory() === true ? readdirSync(join(root, path)) : undefined),
  };
}

/** Files given by path and content; folders follow from the paths. */
export function memoryFiles(content: Record<string, string | Uint8Array>): InventoryFiles {
  const folders = new Map<string, Set<string>>();
  for (const path of Object.keys(content)) {
    const parts = path.split('/');
    parts.slice(0, -1).forEach((_, index) => {
      const folder = parts.slice(0, index + 1).join('/');
      const names = folders.get(folder) ?? new Set();
      folders.set(folder, names.add(parts[index + 1] ?? ''));
    });
  }
  return {
    read: (path) => (Object.hasOwn(content, path) ? content[path] : undefined),
    list: (path) => {
      const names = folders.get(path);
      return names === undefined ? undefined : [...names];
    },
  };
}

/** Reads one INI text under the name `hosts`, with other files beside it. */
export function inventoryOf(ini: string | Uint8Array, beside: Record<string, string | Uint8Array> = {}): Inventory {
  return readInventory(['hosts'], memoryFiles({ hosts: ini, ...beside }));
}

/** What Ansible's program would print for one INI text, parsed. */
export function listed(ini: string, beside: Record<string, string> = {}): unknown {
  return JSON.parse(inventoryOf(ini, beside).toAnsibleJson());
}

/** The InventoryError that `work` must throw. */
export function failureOf(work: () => unknown): InventoryError {
  try {
    work();
  } catch (error) {
    if (error instanceof InventoryError) return error;
    throw error;
  }
  throw new Error('expected an InventoryError, and nothing was thrown');
}
