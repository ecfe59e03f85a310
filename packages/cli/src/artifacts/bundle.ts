import { mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { CliError } from '../cli-error.ts';
import { fileHash } from './file-hash.ts';
import { type ArtifactManifest, bundleFiles } from './manifest.ts';
import { runTar } from './run-tar.ts';

/**
 * Writes the artifacts of a manifest from a folder into one tar, with the manifest and a file of checksums in front. Verified before: a
 * bundle that was written is whole. The same artifacts make the same bytes. @returns its size in bytes
 * @throws CliError naming what is missing or damaged
 */
export async function bundle(manifest: ArtifactManifest, folder: string, file: string): Promise<number> {
  const wrong: string[] = [];
  for (const { name, sha256 } of manifest.artifacts) {
    const known = await fileHash(join(folder, name));
    if (known?.sha256 !== sha256) wrong.push(`${name} ${known === undefined ? 'is missing' : 'is damaged'}`);
  }
  if (wrong.length > 0)
    throw new CliError(`${folder} does not hold what the manifest lists: ${wrong.join(', ')}. Run "muster artifacts pull" first.`);
  const own = await mkdtemp(join(tmpdir(), 'muster-bundle-'));
  const partial = `${file}.${process.pid}.partial`;
  try {
    await writeFile(join(own, bundleFiles.manifest), `${JSON.stringify(manifest, null, 2)}\n`);
    await writeFile(join(own, bundleFiles.sums), manifest.artifacts.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join(''));
    const settings = ['--create', '--format=posix', '--pax-option=delete=atime,delete=ctime', '--owner=0', '--group=0', '--numeric-owner'];
    const fixed = ['--mode=u=rw,go=r', '--mtime=@1704067200'];
    const names = manifest.artifacts.map(({ name }) => name);
    const places = ['-C', own, bundleFiles.manifest, bundleFiles.sums, '-C', resolve(folder), ...names];
    await runTar([...settings, ...fixed, '--file', resolve(partial), ...places], `Writing ${file}`);
    await rename(partial, file);
    return (await stat(file)).size;
  } finally {
    await rm(own, { recursive: true, force: true });
    await rm(partial, { force: true });
  }
}
