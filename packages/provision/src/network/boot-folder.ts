import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileSource, type UploadSource } from '@muster/ssh';
import { readSums } from '../k3s/artifact-folder.ts';
import { pathBesideInventory } from '../k3s/settings.ts';
import { ProvisionError } from '../provision-error.ts';

/** A kernel or initrd on this machine. */
export type BootFile = { readonly name: string; readonly source: UploadSource };

/** With it, every file that is used must be in it, and be as it says. */
const sumsName = 'SHA256SUMS';

/**
 * The named files of the folder with kernels and initrds, hashed. `SHA256SUMS` beside them, as sha256sum writes it, is held against them.
 * @throws ProvisionError that names everything that is missing or wrong
 */
export async function readBootFolder(folder: string, names: readonly string[], inventoryFolder?: string): Promise<BootFile[]> {
  const where = pathBesideInventory(folder, inventoryFolder);
  const sums = await sumsOf(where);
  const looks = await Promise.all(names.map(async (name) => lookAt(where, name, sums)));
  const faults = looks.flatMap(({ fault }) => fault ?? []);
  if (faults.length > 0) {
    throw new ProvisionError(`Machines cannot boot from ${where} (muster_boot_folder): ${faults.join('; ')}. Put the right files there.`);
  }
  return looks.flatMap(({ file }) => file ?? []);
}

async function sumsOf(where: string): Promise<ReadonlyMap<string, string> | undefined> {
  const path = join(where, sumsName);
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  return isThere ? readSums(await readFile(path, 'utf8')) : undefined;
}

async function lookAt(
  where: string,
  name: string,
  sums: ReadonlyMap<string, string> | undefined,
): Promise<{ readonly file?: BootFile; readonly fault?: string }> {
  try {
    const source = await fileSource(join(where, name));
    const said = sums === undefined ? source.sha256 : sums.get(name);
    if (said === source.sha256) return { file: { name, source } };
    return { fault: said === undefined ? `${sumsName} says nothing of ${name}` : `${name} has another SHA-256 than ${sumsName} says` };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return { fault: code === 'ENOENT' ? `${name} is not there` : `${name} cannot be read (${code})` };
  }
}
