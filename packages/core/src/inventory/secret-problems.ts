import { TaggedText, type InventoryValue } from './inventory-value.ts';
import type { Inventory } from './inventory.ts';
import { secretPlace } from './secret-lookup.ts';

/** Names that say of a variable that it is secret; those of a folder or a file only say where. */
const secretName = /pass(?:word|phrase)?$|secret|token/iu;
const placeName = /(?:_file|_path|_dir|_folder)$/iu;

/**
 * Why an inventory must not be kept where others than its owner read it: secrets that stand in it, and secrets that are elsewhere but not in
 * `folder`. One sentence for each variable, with the first of its hosts. Empty where it may be kept. Pure.
 */
export function secretProblems(inventory: Inventory, folder: string): string[] {
  const problems = new Map<string, string>();
  for (const host of inventory.hosts) {
    for (const [name, value] of inventory.writtenVarsOf(host)) {
      const problem = problems.has(name) ? undefined : problemOf(name, value, folder);
      if (problem !== undefined) problems.set(name, `host ${host}: ${name} ${problem}`);
    }
  }
  return [...problems.values()];
}

function problemOf(name: string, value: InventoryValue, folder: string): string | undefined {
  if (isEncrypted(value)) return 'is encrypted with ansible-vault, and the server has no password for it';
  if (!secretName.test(name) || placeName.test(name) || value === null || value === '') return undefined;
  const place = secretPlace(name, value);
  if (place?.kind === 'file' && isInside(place.argument, folder)) return undefined;
  const instead = `put it into a file below ${folder} on the server, for the user muster only, and write "{{ lookup('file', '${folder}/NAME') }}"`;
  return place === undefined ? `holds a secret: ${instead}` : `is looked up where the server does not look: ${instead}`;
}

const isInside = (path: string, folder: string): boolean => path.startsWith(`${folder}/`) && !path.split('/').includes('..');

function isEncrypted(value: InventoryValue): boolean {
  if (value instanceof TaggedText) return value.tag === 'vault';
  if (value instanceof Map) return [...value.values()].some(isEncrypted);
  return Array.isArray(value) && value.some(isEncrypted);
}
