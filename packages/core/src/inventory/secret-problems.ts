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
  const file = fileOf(name, value, folder);
  if (file !== undefined) return `names ${file}, a file of whoever runs apply: for runs of the server it has to lie below ${folder}`;
  if (isEncrypted(value)) return 'is encrypted with ansible-vault, and the server has no password for it';
  if (!secretName.test(name) || placeName.test(name) || value === null || value === '') return undefined;
  const place = secretPlace(name, value);
  if (place?.kind === 'file' && isInside(place.argument, folder)) return undefined;
  const instead = `put it into a file below ${folder} on the server, for the user muster only, and write "{{ lookup('file', '${folder}/NAME') }}"`;
  return place === undefined ? `holds a secret: ${instead}` : `is looked up where the server does not look: ${instead}`;
}

/** Variables whose value is a file that apply reads where it runs, and brings to hosts. */
const fileNames: ReadonlySet<string> = new Set(['apt_mirror_key', 'docker_repo_key', 'nvidia_repo_key', 'jhub_config_path']);

/** A file outside of the folder that a run would read as the server's user and give away, where the variable names one. */
function fileOf(name: string, value: InventoryValue, folder: string): string | undefined {
  const outside = (path: InventoryValue | undefined) =>
    typeof path === 'string' && path !== '' && !isInside(path, folder) ? path : undefined;
  if (fileNames.has(name)) return outside(value);
  if (name !== 'host_files') return undefined;
  const entries: readonly InventoryValue[] = value instanceof Map ? [...value.values()] : Array.isArray(value) ? value : [];
  return entries
    .map((one) => (one instanceof Map ? outside(one.get('source') as InventoryValue | undefined) : undefined))
    .find((one) => one !== undefined);
}

const isInside = (path: string, folder: string): boolean => path.startsWith(`${folder}/`) && !path.split('/').includes('..');

function isEncrypted(value: InventoryValue): boolean {
  if (value instanceof TaggedText) return value.tag === 'vault';
  if (value instanceof Map) return [...value.values()].some(isEncrypted);
  return Array.isArray(value) && value.some(isEncrypted);
}
