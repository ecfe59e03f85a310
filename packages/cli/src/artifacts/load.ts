import { mkdir, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { CliError } from '../cli-error.ts';
import { fileHash } from './file-hash.ts';
import { type ArtifactManifest, bundleFiles, parseManifest } from './manifest.ts';
import type { ArtifactOutcome } from './pull.ts';
import { runTar } from './run-tar.ts';

/**
 * Unpacks a bundle into a folder. Everything is verified before anything takes its place, so a bundle that was damaged on its way changes
 * nothing. Only what the bundle's manifest lists is taken out of it. @throws CliError naming what is wrong with it
 */
export async function load(file: string, folder: string): Promise<ArtifactOutcome[]> {
  if ((await stat(file).catch(() => undefined))?.isFile() !== true) throw new CliError(`${file} is no file.`);
  const text = await runTar(['--extract', '--to-stdout', '--file', resolve(file), bundleFiles.manifest], `Reading ${file}`);
  const manifest = parseManifest(text, `${bundleFiles.manifest} of ${file}`);
  await mkdir(folder, { recursive: true });
  // In the folder itself: taking its place is then one rename.
  const unpacked = await mkdtemp(join(folder, '.muster-load-'));
  try {
    const names = manifest.artifacts.map(({ name }) => name);
    const settings = ['--extract', '--no-same-owner', '--no-same-permissions', '--file', resolve(file), '-C', unpacked];
    await runTar([...settings, ...names], `Unpacking ${file}`);
    const sizes = await verified(manifest, unpacked, file);
    return await takePlaces(manifest, { unpacked, folder, sizes });
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
}

async function verified({ artifacts }: ArtifactManifest, unpacked: string, file: string): Promise<ReadonlyMap<string, number>> {
  const sizes = new Map<string, number>();
  for (const { name, sha256 } of artifacts) {
    const found = await fileHash(join(unpacked, name));
    if (found?.sha256 !== sha256)
      throw new CliError(
        `${name} in ${file} is ${found === undefined ? 'no file' : 'damaged'}. Nothing was changed. Copy the bundle again.`,
      );
    sizes.set(name, found.sizeBytes);
  }
  return sizes;
}

async function takePlaces(
  { artifacts }: ArtifactManifest,
  { unpacked, folder, sizes }: { readonly unpacked: string; readonly folder: string; readonly sizes: ReadonlyMap<string, number> },
): Promise<ArtifactOutcome[]> {
  const outcomes: ArtifactOutcome[] = [];
  for (const { name, sha256 } of artifacts) {
    const target = join(folder, name);
    const isThere = (await fileHash(target))?.sha256 === sha256;
    if (!isThere) {
      await mkdir(dirname(target), { recursive: true });
      await rename(join(unpacked, name), target);
    }
    outcomes.push({ name, status: isThere ? 'kept' : 'loaded', sizeBytes: sizes.get(name) ?? 0, receivedBytes: 0, why: '' });
  }
  return outcomes;
}
