import { readFileSync } from 'node:fs';
import { relative, resolve } from 'node:path';

/** What a package.json says about what may be imported. */
export type Manifest = {
  readonly name?: string;
  readonly version?: string;
  readonly exports?: Readonly<Record<string, unknown>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
};

/** The root of the checkout these tools lie in: so a copy of the checkout is judged by its own files. */
export const root = resolve(import.meta.dirname, '../..');

/** A file's path from the root, `/` between parts. */
export const pathFromRoot = (file: string): string => relative(root, file);

const manifests = new Map<string, Manifest>();

/** The package.json of a folder, given from the root (`.` for the root itself); empty where there is none. Read once. */
export function manifestOf(folder: string): Manifest {
  const known = manifests.get(folder);
  if (known !== undefined) return known;
  const manifest = readManifest(resolve(root, folder, 'package.json'));
  manifests.set(folder, manifest);
  return manifest;
}

function readManifest(file: string): Manifest {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw new Error(`${file} could not be read as JSON`, { cause: error });
  }
}
