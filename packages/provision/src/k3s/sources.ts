import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import type { UploadSource } from '@muster/ssh';
import { factsOf } from '../engine/host-run.ts';
import type { HostRun, Run } from '../engine/phase.ts';
import { flagVariable } from '../host/variables.ts';
import { ProvisionError } from '../provision-error.ts';
import { type K3sArtifacts, k3sArchitectures, k3sArtifacts, type LocalFile } from './artifact-folder.ts';
import { imageArchives, imagesOf } from './image-archives.ts';
import { isOfK3s } from './members.ts';
import { artifactFolder } from './settings.ts';

/** Each folder is read and hashed once in a run, however many hosts are installed from it. */
const shelves = new WeakMap<Run, Map<string, Promise<unknown>>>();

function once<Value>(run: Run, key: string, read: () => Promise<Value>): Promise<Value> {
  const shelf = shelves.get(run) ?? new Map<string, Promise<unknown>>();
  shelves.set(run, shelf);
  const known = shelf.get(key) as Promise<Value> | undefined;
  if (known !== undefined) return known;
  const reading = read();
  shelf.set(key, reading);
  return reading;
}

/** What a host's k3s is installed from, verified. @throws ProvisionError that names everything that is missing or wrong */
export async function sourcesOf(host: HostRun, run: Run): Promise<K3sArtifacts> {
  const { architecture } = factsOf(host);
  const theirs = k3sArchitectures[architecture];
  if (theirs === undefined) throw new ProvisionError(`${host.host.name}: there is no k3s for its processor (${architecture}).`);
  const folder = artifactFolder(host.host, run.inventoryFolder);
  return await once(run, `k3s ${theirs} ${folder}`, () => k3sArtifacts(folder, theirs));
}

/** A file of the folder, to be uploaded to any number of hosts: its SHA-256 is known, and is what each host verifies. */
export const uploadOf = ({ path, sha256 }: LocalFile, run: Run): Promise<LocalUpload> =>
  once(run, `upload ${path}`, async () => {
    const { size } = await stat(path);
    return { path, sizeBytes: size, sha256, open: () => createReadStream(path, { highWaterMark: 256 * 1024 }) };
  });

type LocalUpload = UploadSource & { readonly path: string };

/** The further images of a host's artifact folder. @throws ProvisionError */
export async function archivesOf(host: HostRun, run: Run): Promise<readonly LocalFile[]> {
  const folder = artifactFolder(host.host, run.inventoryFolder);
  return await once(run, `images ${folder}`, () => imageArchives(folder));
}

/** Names of the images in an archive. @throws ProvisionError */
export const imageNamesOf = (archive: LocalFile, run: Run): Promise<string[]> =>
  once(run, `names ${archive.path}`, () => imagesOf(archive.path));

const isPlugin = (name: string): boolean => name.includes('device-plugin');

/**
 * The image of NVIDIA's device plugin; undefined where no machine of k3s has a card, or `nvidia_device_plugin=no` says so.
 * @throws ProvisionError where there are cards and no archive of that image
 */
export async function pluginImage(host: HostRun, run: Run): Promise<string | undefined> {
  const withCards = run.cluster.hosts.filter((one) => isOfK3s(one) && flagVariable(one, 'has_gpu', false));
  if (withCards.length === 0 || !flagVariable(host.host, 'nvidia_device_plugin', true)) return undefined;
  const archive = (await archivesOf(host, run)).find(({ name }) => isPlugin(name));
  const image = archive === undefined ? undefined : (await imageNamesOf(archive, run)).find((name) => isPlugin(name));
  if (image !== undefined) return image;
  const folder = artifactFolder(host.host, run.inventoryFolder);
  const names = withCards
    .slice(0, 3)
    .map(({ name }) => name)
    .join(', ');
  throw new ProvisionError(
    `${names} has has_gpu, and ${folder}/images holds no archive of NVIDIA's device plugin. Put one there (docker save nvcr.io/nvidia/k8s-device-plugin:TAG > k8s-device-plugin.tar), or set nvidia_device_plugin=no.`,
  );
}
