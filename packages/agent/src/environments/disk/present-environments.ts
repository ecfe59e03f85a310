import { lstat, readdir, readlink } from 'node:fs/promises';
import { systemCodeOf } from '../../agent-error.ts';
import type { EnvironmentPaths } from './environment-paths.ts';
import { folderPattern, readVersionRecord, type VersionRecord } from './version-record.ts';

/** One environment as it lies there. */
export type PresentEnvironment = {
  readonly name: string;
  /** The version in use; undefined where the link leads nowhere or to something unfinished. */
  readonly current: VersionRecord | undefined;
  /** Every finished version, the newest first. */
  readonly versions: readonly VersionRecord[];
};

export const namePattern = /^[a-z0-9](?:[a-z0-9._-]{0,61}[a-z0-9])?$/u;

/** Every environment in the folder, by name. Empty where there is no such folder yet. */
export async function presentEnvironments(paths: EnvironmentPaths): Promise<PresentEnvironment[]> {
  const names = (await namesIn(paths.root)).filter((name) => namePattern.test(name)).toSorted();
  return Promise.all(names.map((name) => presentEnvironment(paths, name)));
}

export async function presentEnvironment(paths: EnvironmentPaths, name: string): Promise<PresentEnvironment> {
  const folders = (await namesIn(paths.environment(name))).filter((one) => folderPattern.test(one));
  const records = await Promise.all(folders.map((folder) => recordOfFolder(paths, name, folder)));
  const versions = records
    .filter((record, index): record is VersionRecord => record !== undefined && record.folder === folders[index])
    .toSorted((a, b) => b.version - a.version);
  const target = await readlink(paths.current(name)).catch(() => undefined);
  return { name, versions, current: versions.find(({ folder }) => folder === target) };
}

/** What a record says of a folder counts only while the folder is there. */
async function recordOfFolder(paths: EnvironmentPaths, name: string, folder: string): Promise<VersionRecord | undefined> {
  const found = await lstat(paths.version(name, folder)).catch(() => undefined);
  return found?.isDirectory() === true ? readVersionRecord(paths.record(name, folder)) : undefined;
}

/** The names in a folder; none where there is no such folder. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCodeOf(error) === 'ENOENT' || systemCodeOf(error) === 'ENOTDIR') return [];
    throw error;
  }
}
