import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ProvisionError } from '../provision-error.ts';

/** A file of the artifact folder that fits what is said of it. */
export type LocalFile = { readonly name: string; readonly path: string; readonly sha256: string };

/** What k3s is installed from, for one architecture. */
export type K3sArtifacts = { readonly binary: LocalFile; readonly images: LocalFile };

/** As k3s names architectures, by what `uname -m` says. */
export const k3sArchitectures: Readonly<Record<string, 'amd64' | 'arm64'>> = { x86_64: 'amd64', aarch64: 'arm64' };

/** What an artifact turned out to be. `name` is a file, or a pattern where it is missing. */
export type Finding = {
  readonly name: string;
  readonly state: 'good' | 'missing' | 'wrong' | 'unverified';
  /** Why, and what to do; empty for a good one. */
  readonly why: string;
};

/** A folder as it was found: names, the checksum file's text (undefined without one), and a way to hash a file. */
export type FolderLook = {
  readonly names: readonly string[];
  readonly sums: string | undefined;
  readonly hashes: ReadonlyMap<string, string>;
};

const binaryName = (architecture: string): string => (architecture === 'amd64' ? 'k3s' : `k3s-${architecture}`);
const sumsName = (architecture: string): string => `sha256sum-${architecture}.txt`;
/** The smallest one first: a k3s takes any of them. */
const imageNames = (architecture: string): string[] =>
  ['.tar.zst', '.tar.gz', '.tar'].map((ending) => `k3s-airgap-images-${architecture}${ending}`);

/** The hashes of a checksum file (`HASH  NAME`, as sha256sum writes it) by name. Pure. */
export function readSums(text: string): ReadonlyMap<string, string> {
  const lines = text.split('\n').map((line) => /^([0-9a-f]{64}) [ *](?:\.\/)?(\S+)\s*$/iu.exec(line));
  return new Map(lines.flatMap((match): [string, string][] => (match === null ? [] : [[match[2] ?? '', (match[1] ?? '').toLowerCase()]])));
}

/** What a folder has of k3s for an architecture, and what is wrong with it. Pure. */
export function judgeK3sFolder(architecture: string, look: FolderLook): Finding[] {
  const sumsFile = sumsName(architecture);
  const images = imageNames(architecture).find((name) => look.names.includes(name));
  const sums = look.sums === undefined ? undefined : readSums(look.sums);
  const file = (name: string): Finding =>
    look.names.includes(name) ? judgeFile(name, { sumsFile, sums, actual: look.hashes.get(name) }) : missing(name);
  return [
    file(binaryName(architecture)),
    images === undefined ? missing(`k3s-airgap-images-${architecture}.tar[.gz|.zst]`) : file(images),
    look.sums === undefined ? missing(sumsFile) : { name: sumsFile, state: 'good', why: '' },
  ];
}

const missing = (name: string): Finding => ({ name, state: 'missing', why: `${name} is not there; it comes with the release of k3s` });

function judgeFile(
  name: string,
  { sumsFile, sums, actual }: { sumsFile: string; sums: ReadonlyMap<string, string> | undefined; actual: string | undefined },
): Finding {
  const said = sums?.get(name);
  if (said === undefined) return { name, state: 'unverified', why: `${sumsFile} says nothing of ${name}` };
  if (said === actual) return { name, state: 'good', why: '' };
  return { name, state: 'wrong', why: `${name} has another SHA-256 than ${sumsFile} says: it is damaged, or of another release` };
}

/** Looks into a folder for what k3s needs on an architecture; hashes what is there. @throws ProvisionError when it cannot be read */
export async function lookAtK3sFolder(folder: string, architecture: string): Promise<FolderLook> {
  const names = await namesIn(folder);
  const sums = names.includes(sumsName(architecture)) ? await readFile(join(folder, sumsName(architecture)), 'utf8') : undefined;
  const wanted = [binaryName(architecture), imageNames(architecture).find((name) => names.includes(name))];
  const hashes = new Map<string, string>();
  for (const name of wanted) {
    if (name !== undefined && names.includes(name)) hashes.set(name, await sha256Of(join(folder, name)));
  }
  return { names, sums, hashes };
}

/** Names in the folder of the artifacts. @throws ProvisionError */
async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch((error: unknown) => {
    throw new ProvisionError(
      `The folder ${folder} cannot be read, from which k3s is installed: ${String(error)}. Name the right one with k3s_artifacts, or set install_k3s=no to do without k3s.`,
    );
  });
}

/** What k3s is installed from, verified. @throws ProvisionError that names everything that is missing or wrong */
export async function k3sArtifacts(folder: string, architecture: string): Promise<K3sArtifacts> {
  const look = await lookAtK3sFolder(folder, architecture);
  const findings = judgeK3sFolder(architecture, look);
  const bad = findings.filter(({ state }) => state !== 'good');
  if (bad.length > 0) {
    throw new ProvisionError(`k3s cannot be installed from ${folder}: ${bad.map(({ why }) => why).join('; ')}.`);
  }
  const [binary, images] = findings.map(({ name }) => ({ name, path: join(folder, name), sha256: look.hashes.get(name) ?? '' }));
  if (binary === undefined || images === undefined) throw new ProvisionError(`k3s cannot be installed from ${folder}.`);
  return { binary, images };
}

/** SHA-256 of a file of this machine. */
export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
  return hash.digest('hex');
}
