import { InventoryError, readingFrom } from './inventory-error.ts';
import { compareCodePoints } from './python-text.ts';
import type { SecretPlace } from './secret-lookup.ts';

/**
 * Where inventory files come from; the caller reads the disk. Paths are the sources' own
 * paths with names joined by `/`. Both functions may throw (no permission): the reader adds
 * the path.
 */
export interface InventoryFiles {
  /** The content of a file; undefined when there is no file (or a directory) of that name. */
  read(path: string): string | Uint8Array | undefined;
  /** The names in a directory, in any order; undefined when there is no such directory. */
  list(path: string): readonly string[] | undefined;
  /**
   * Runs an executable inventory, never through a shell, and returns what it printed;
   * undefined, with nothing run, when the file is no program. Throws an Error whose message
   * says how the run failed. Left out where no program may be run.
   */
  run?(path: string, args: readonly string[]): string | undefined;
  /** Opens a text that ansible-vault encrypted; undefined when no known password opens it. Left out where no password was given. */
  decrypt?(text: string): string | undefined;
  /** Gets a secret from where the inventory says it is. Throws an Error that says why not. Left out where nothing may be looked up. */
  lookUp?(place: SecretPlace): string;
}

/** `os.path.join` for a folder and a name. */
export function joinPath(folder: string, name: string): string {
  if (folder === '' || name.startsWith('/')) return name;
  return folder.endsWith('/') ? folder + name : `${folder}/${name}`;
}

/** `os.path.dirname`: "" for a bare name. */
export function directoryOf(path: string): string {
  const end = path.lastIndexOf('/');
  if (end < 0) return '';
  return end === 0 ? '/' : path.slice(0, end);
}

/** The extension with its dot as `os.path.splitext` gives it, "" for none. */
export function extensionOf(name: string): string {
  const dot = name.lastIndexOf('.');
  // Leading dots are part of the name.
  return dot > 0 && /[^.]/u.test(name.slice(0, dot)) ? name.slice(dot) : '';
}

/** The sorted names of a directory; undefined when it is none. */
export function listSorted(files: InventoryFiles, path: string): string[] | undefined {
  return readingFrom(path, () => files.list(path))?.toSorted(compareCodePoints);
}

/** One source as the caller gave it (`-i`), with the files to read for it. */
export interface InventorySource {
  readonly path: string;
  /** Where its group_vars and host_vars lie: the directory itself, or that of the file. */
  readonly directory: string;
  /** The files to read, in order. */
  readonly files: readonly string[];
  /** Set when it is no path but names with commas between. */
  readonly hostList?: string;
}

const IGNORED = /^\.|^(?:host_vars|group_vars|vars_plugins)$|(?:\.(?:pyc|pyo|swp|bak|rpm|md|txt|rst|orig|ini|cfg|retry)|~)$/u;

/** Deeper than any real tree of inventories; a link that leads back to its parent gets here. */
const DEEPEST_TREE = 32;

/**
 * Finds the files of a source: itself, none for names with commas between, or for a directory every file in it and below in
 * order of name, without those Ansible leaves out (hidden files, .ini, .cfg, .md, .txt,
 * backups, group_vars, ...). Throws InventoryError when there is nothing to read.
 */
export function resolveSource(path: string, files: InventoryFiles): InventorySource {
  if (readingFrom(path, () => files.list(path)) === undefined) {
    const isNames = path.includes(',') && readingFrom(path, () => files.read(path)) === undefined;
    if (isNames) return { path, directory: '', files: [], hostList: path };
    return { path, directory: directoryOf(path), files: [path] };
  }
  return { path, directory: path, files: filesBelow(path, files, 0) };
}

function filesBelow(directory: string, files: InventoryFiles, depth: number): string[] {
  if (depth > DEEPEST_TREE) {
    throw new InventoryError({
      file: directory,
      problem: `directories are nested more than ${DEEPEST_TREE} deep`,
      advice: 'Look for a link that leads back to one of its parents.',
    });
  }
  const found = (listSorted(files, directory) ?? [])
    .filter((name) => !IGNORED.test(name))
    .flatMap((name) => {
      const path = joinPath(directory, name);
      const isDirectory = readingFrom(path, () => files.list(path)) !== undefined;
      return isDirectory ? filesBelow(path, files, depth + 1) : [path];
    });
  if (found.length > 0) return found;
  throw new InventoryError({
    file: directory,
    problem: 'the directory holds no inventory file',
    advice: 'Names ending in .ini, .cfg, .md, .txt, .bak and the like are skipped in a directory; name the file itself, or rename it.',
  });
}
