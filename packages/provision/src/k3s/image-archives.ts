import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { ProvisionError } from '../provision-error.ts';
import { type Finding, type LocalFile, readSums, sha256Of } from './artifact-folder.ts';

/** Images besides those of k3s itself: of charts, of NVIDIA's device plugin. They go to the registry, or to every machine of k3s. */
const imagesFolder = 'images';
/** Where it is there, every archive has to be in it. */
const imageSumsName = 'sha256sum.txt';

const isArchive = (name: string): boolean => /\.tar(?:\.gz|\.zst)?$/u.test(name);

/** Archive names reach scripts and configuration; nothing else than this is taken. */
const plainName = /^[A-Za-z0-9][\w.+-]*$/u;

/** The archives in `images/` of the artifact folder, judged. @throws ProvisionError only when a file cannot be read */
export async function findImageArchives(folder: string): Promise<{ files: LocalFile[]; findings: Finding[] }> {
  const place = join(folder, imagesFolder);
  const names = await readdir(place).catch((): string[] => []);
  const archives = names.filter((name) => isArchive(name)).toSorted();
  const sums = names.includes(imageSumsName) ? readSums(await readFile(join(place, imageSumsName), 'utf8')) : undefined;
  const files: LocalFile[] = [];
  for (const name of archives) files.push({ name, path: join(place, name), sha256: await sha256Of(join(place, name)) });
  return { files, findings: files.map((file) => judgeArchive(file, sums)) };
}

/** Pure. */
export function judgeArchive({ name, sha256 }: LocalFile, sums: ReadonlyMap<string, string> | undefined): Finding {
  const shown = `${imagesFolder}/${name}`;
  if (!plainName.test(name))
    return { name: shown, state: 'wrong', why: `${shown}: give it a name of letters, digits, ".", "_", "+" and "-"` };
  if (sums === undefined) return { name: shown, state: 'good', why: '' };
  const said = sums.get(name);
  if (said === sha256) return { name: shown, state: 'good', why: '' };
  return said === undefined
    ? { name: shown, state: 'unverified', why: `${imagesFolder}/${imageSumsName} says nothing of ${name}` }
    : { name: shown, state: 'wrong', why: `${shown} has another SHA-256 than ${imagesFolder}/${imageSumsName} says: it is damaged` };
}

/** The archives in `images/`. @throws ProvisionError that names every one that does not fit its checksum */
export async function imageArchives(folder: string): Promise<LocalFile[]> {
  const { files, findings } = await findImageArchives(folder);
  const bad = findings.filter(({ state }) => state !== 'good');
  if (bad.length === 0) return files;
  throw new ProvisionError(`The images in ${join(folder, imagesFolder)} cannot be used: ${bad.map(({ why }) => why).join('; ')}.`);
}

/** What an archive of `docker save` says of itself. */
const DockerManifest = z.array(z.object({ RepoTags: z.array(z.string()).nullable() }));

const run = promisify(execFile);

/**
 * The images of an archive that `docker save` or `skopeo copy ... docker-archive:` has made, as `name:tag`.
 * @throws ProvisionError when it is none, or its images have no names
 */
export async function imagesOf(path: string): Promise<string[]> {
  const { stdout } = await run('tar', ['-xOf', path, 'manifest.json'], { maxBuffer: 16 * 1024 * 1024 }).catch((error: unknown) => {
    throw new ProvisionError(
      `${path} has no manifest.json, so it is no archive of images as "docker save" makes it: ${lastLine(error)}. For .zst this machine needs the program zstd.`,
    );
  });
  const names = readDockerManifest(stdout);
  if (names !== undefined && names.length > 0) return names;
  throw new ProvisionError(`The images in ${path} have no names. Save them by name: docker save NAME:TAG.`);
}

/** Names in a manifest.json; undefined when it is none. Pure. */
export function readDockerManifest(text: string): string[] | undefined {
  try {
    return DockerManifest.parse(JSON.parse(text)).flatMap(({ RepoTags }) => RepoTags ?? []);
  } catch {
    return undefined;
  }
}

const lastLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).trim().split('\n').at(-1) ?? '';
