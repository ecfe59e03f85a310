import { rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { discard, emptyTrash, removeEmpty } from './discard.ts';
import type { EnvironmentPaths } from './environment-paths.ts';
import { namePattern, namesIn, type PresentEnvironment, presentEnvironment, presentEnvironments } from './present-environments.ts';
import { type FindUsers, usersOfFolder } from './processes.ts';

/** Versions that are kept beside the one in use, for what still runs with them. */
const keptBeside = 1;
/** Bytes of artifacts that are kept although only an older version needs them. */
const maxCacheBytes = 10 * 1024 ** 3;
/** A download that nobody went on with for so long is given up. */
const partialLifeMs = 7 * 86_400_000;

/** Removes what an earlier process left unfinished: trash, scratch folders, versions without a record. Only while nothing is built. */
export async function sweepUnfinished(paths: EnvironmentPaths): Promise<void> {
  await emptyTrash(paths);
  await rm(paths.work, { recursive: true, force: true });
  for (const name of (await namesIn(paths.root)).filter((one) => namePattern.test(one))) {
    const { versions, current } = await presentEnvironment(paths, name);
    const kept = new Set(versions.flatMap(({ folder }) => [folder, `${folder}.json`]));
    // A link that leads to nothing finished would be a promise that is not kept.
    if (current !== undefined) kept.add('current');
    for (const other of await namesIn(paths.environment(name)))
      if (!kept.has(other)) await discard(paths, join(paths.environment(name), other));
    await removeEmpty(paths.environment(name));
  }
}

/**
 * Removes versions that were replaced more than once, unless a process may still use them; they go with a later sweep. Gives the
 * names of the folders that stayed for that reason.
 */
export async function sweepVersions(
  paths: EnvironmentPaths,
  { name, current, versions }: PresentEnvironment,
  find: FindUsers,
): Promise<string[]> {
  if (current === undefined) return [];
  const older = versions.filter(({ folder }) => folder !== current.folder).slice(keptBeside);
  const stayed: string[] = [];
  for (const { folder } of older) {
    const users = await usersOfFolder(find, paths.version(name, folder));
    if (users.length > 0) {
      stayed.push(folder);
      continue;
    }
    // The record first: without it the folder is nothing that could be used.
    await rm(paths.record(name, folder), { force: true });
    await discard(paths, paths.version(name, folder));
  }
  return stayed;
}

/** Removes artifacts that no version names any more, old halves of downloads, and of the rest the least used above the limit. */
export async function sweepCache(paths: EnvironmentPaths, nowMs: number, limitBytes = maxCacheBytes): Promise<void> {
  const present = await presentEnvironments(paths);
  const needed = new Set(present.flatMap(({ versions }) => versions.flatMap(({ artifacts }) => artifacts)));
  const files = await Promise.all((await namesIn(paths.cache)).map(async (file) => ({ file, ...(await ageOf(join(paths.cache, file))) })));
  const kept = files.filter(({ file, usedMs }) => (file.endsWith('.partial') ? nowMs - usedMs < partialLifeMs : needed.has(file)));
  const leave = new Set<string>();
  let bytes = 0;
  for (const { file, size } of kept.toSorted((a, b) => b.usedMs - a.usedMs)) {
    bytes += size;
    if (bytes <= limitBytes || file.endsWith('.partial')) leave.add(file);
  }
  for (const { file } of files) if (!leave.has(file)) await rm(join(paths.cache, file), { force: true });
  await removeEmpty(paths.cache);
}

async function ageOf(path: string): Promise<{ size: number; usedMs: number }> {
  const { size, mtimeMs } = await stat(path);
  return { size, usedMs: mtimeMs };
}

/** Remembers that an artifact was used now. */
export const touch = (path: string, now: Date): Promise<void> => utimes(path, now, now);
