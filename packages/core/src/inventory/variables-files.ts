import { readVariablesText } from './decode-source.ts';
import { readingFrom } from './inventory-error.ts';
import { extensionOf, joinPath, listSorted, type InventoryFiles } from './inventory-files.ts';
import type { Variables } from './inventory-value.ts';
import { readVariablesDocument } from './variables-document.ts';

const EXTENSIONS = ['', '.yml', '.yaml', '.json'];

/** Which of the two folders beside an inventory a name is looked up in. */
export type VariablesFolder = 'group_vars' | 'host_vars';

/**
 * The variable files beside an inventory. For a name X it takes the first of X (a directory
 * or a file), X.yml, X.yaml, X.json; a directory is read whole, in order of name, without
 * hidden files and backups. Each name is read once and kept.
 */
export class VariablesFiles {
  readonly #directory: string;
  readonly #files: InventoryFiles;
  readonly #listings = new Map<VariablesFolder, ReadonlySet<string>>();
  readonly #known = new Map<string, Variables>();

  constructor(directory: string, files: InventoryFiles) {
    this.#directory = directory;
    this.#files = files;
  }

  /** The variables of a group or host; empty when it has no file. Throws InventoryError. */
  variablesOf(folder: VariablesFolder, name: string): Variables {
    const key = `${folder}/${name}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const variables = new Map(
      this.#find(folder, name).flatMap((path) => [...readVariablesDocument(path, readVariablesText(path, this.#files))]),
    );
    this.#known.set(key, variables);
    return variables;
  }

  #find(folder: VariablesFolder, name: string): string[] {
    // Ansible leaves out names that are paths, as those of chroots are.
    if (name.startsWith('/')) return [];
    const listing = this.#listing(folder);
    const base = joinPath(this.#directory, folder);
    for (const extension of EXTENSIONS) {
      const candidate = name + extension;
      // One listing spares four look-ups for each of thousands of hosts.
      if (!name.includes('/') && !listing.has(candidate)) continue;
      const path = joinPath(base, candidate);
      if (this.#list(path) !== undefined) return this.#below(path);
      if (readingFrom(path, () => this.#files.read(path)) !== undefined) return [path];
    }
    return [];
  }

  #below(directory: string): string[] {
    const names = this.#list(directory) ?? [];
    return names.flatMap((name) => {
      if (name.startsWith('.') || name.endsWith('~')) return [];
      const extension = extensionOf(name);
      const path = joinPath(directory, name);
      if (this.#list(path) !== undefined) return extension === '' ? this.#below(path) : [];
      return EXTENSIONS.includes(extension) ? [path] : [];
    });
  }

  #listing(folder: VariablesFolder): ReadonlySet<string> {
    const known = this.#listings.get(folder);
    if (known !== undefined) return known;
    const listing = new Set(this.#list(joinPath(this.#directory, folder)));
    this.#listings.set(folder, listing);
    return listing;
  }

  #list(path: string): string[] | undefined {
    return listSorted(this.#files, path);
  }
}
