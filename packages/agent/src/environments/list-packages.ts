import { constants } from 'node:fs';
import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PackageListing } from '@muster/api/agent';

type Package = PackageListing['packages'][number];
type Found = { readonly packages: readonly Package[]; readonly lock: readonly string[] };

/** As much as fits into a task's output, with room for its form. */
const usualLimits = { packages: 2000, lockBytes: 120_000 };
const maxRecordBytes = 4_194_304;

/**
 * The packages in an environment, read from what conda (`conda-meta`) and pip (`*.dist-info`) leave in it: nothing in the environment is run,
 * and it takes no conda on the node. What a record says is the text of whoever made the package.
 */
export async function listPackages(prefix: string, version: number, limits = usualLimits): Promise<PackageListing> {
  const conda = await condaPackages(prefix);
  const known = new Set(conda.packages.map(({ name }) => normalized(name)));
  const python = (await pythonPackages(prefix)).filter(({ name }) => !known.has(normalized(name)));
  const packages = [...conda.packages, ...python].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const pins = python.map(({ name, version: pinned }) => `${name}==${pinned}`);
  // A lock of conda has a form of its own, in which what pip brought can only be a remark.
  const lines = conda.lock.length > 0 ? ['@EXPLICIT', ...conda.lock, ...pins.map((pin) => `# pip: ${pin}`)] : pins;
  const lock = lines.length === 0 ? '' : `${lines.join('\n')}\n`;
  return {
    version,
    packages: packages.slice(0, limits.packages),
    truncated: packages.length > limits.packages,
    lock: Buffer.byteLength(lock) > limits.lockBytes ? '' : lock,
  };
}

/** As pip compares names (PEP 503). */
const normalized = (name: string): string => name.toLowerCase().replaceAll(/[-_.]+/gu, '-');

async function condaPackages(prefix: string): Promise<Found> {
  const folder = join(prefix, 'conda-meta');
  const names = (await namesIn(folder)).filter((name) => name.endsWith('.json')).toSorted();
  const records = (await Promise.all(names.map((name) => readRecord(join(folder, name))))).filter((one) => one !== undefined);
  return {
    packages: records.map(({ name, version, build, channel }) => ({
      name,
      version,
      source: [build, channel].filter((one) => one !== '').join(' '),
    })),
    lock: records.filter(({ url }) => url !== '').map(({ url, md5 }) => (md5 === '' ? url : `${url}#${md5}`)),
  };
}

type CondaRecord = Record<'name' | 'version' | 'build' | 'channel' | 'url' | 'md5', string>;

async function readRecord(path: string): Promise<CondaRecord | undefined> {
  const text = await readPlainFile(path);
  if (text === undefined) return undefined;
  try {
    const value = JSON.parse(text) as Partial<Record<keyof CondaRecord, unknown>> | null;
    const member = (key: keyof CondaRecord, max: number): string =>
      typeof value?.[key] === 'string' ? oneLine(value[key]).slice(0, max) : '';
    const record = {
      name: member('name', 200),
      version: member('version', 200),
      build: member('build', 100),
      channel: member('channel', 190),
      url: member('url', 1000),
      md5: member('md5', 64),
    };
    return record.name === '' ? undefined : record;
  } catch {
    return undefined;
  }
}

async function pythonPackages(prefix: string): Promise<Package[]> {
  const lib = join(prefix, 'lib');
  const folders = (await namesIn(lib)).filter((name) => /^(?:python|pypy)\d/u.test(name)).map((name) => join(lib, name, 'site-packages'));
  const found = await Promise.all(folders.map(namesIn));
  return found.flat().flatMap((name) => {
    const match = /^(.+)-([^-]+)\.dist-info$/u.exec(name);
    return match?.[1] === undefined || match[2] === undefined
      ? []
      : [{ name: oneLine(match[1]).slice(0, 200), version: oneLine(match[2]).slice(0, 200), source: 'pip' }];
  });
}

/** A text that begins no line of its own in a list. */
const oneLine = (text: string): string => text.replaceAll(/\s+/gu, ' ').trim();

const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

/** The text of a file that is none of the host's: a link is not followed. */
async function readPlainFile(path: string): Promise<string | undefined> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(() => undefined);
  if (handle === undefined) return undefined;
  try {
    const found = await handle.stat();
    return found.isFile() && found.size <= maxRecordBytes ? await handle.readFile('utf8') : undefined;
  } finally {
    await handle.close();
  }
}
