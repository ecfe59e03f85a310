import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { canEnter, databaseUser } from './system-user.ts';

/** Where a server started as root keeps what an unprivileged user must reach, when its own place is closed to that user. */
export const systemStateDir = '/var/lib/muster';

export type ChosenDataDir = {
  readonly dataDir: string;
  /** Why it is not the preferred one, as a line for people; null when it is. */
  readonly reason: string | null;
};

async function nearestExisting(path: string): Promise<string> {
  for (let folder = path; ; folder = dirname(folder)) {
    if (folder === '/' || (await stat(folder).catch(() => undefined)) !== undefined) return folder;
  }
}

/**
 * The folder for Muster's data: the preferred one, or, for a server started as root from a place that the database's unprivileged user
 * cannot reach (a checkout under a home that only root may enter), `/var/lib/muster`. Makes nothing.
 * @throws EmbeddedPostgresError `no-user`
 */
export async function chooseDataDir(preferred: string, fallback: string = systemStateDir): Promise<ChosenDataDir> {
  const dataDir = resolve(preferred);
  if (process.getuid?.() !== 0) return { dataDir, reason: null };
  const user = await databaseUser(undefined, dataDir);
  if (await canEnter(user, await nearestExisting(dataDir))) return { dataDir, reason: null };
  return {
    dataDir: fallback,
    reason: `${dataDir} is closed to the user ${user.name}, as whom the database runs; the data are in ${fallback}.`,
  };
}
