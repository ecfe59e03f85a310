import { randomUUID } from 'node:crypto';
import { access, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Log } from '@muster/core';
import { moveDatabase } from '@muster/store';
import { socketPathOf } from '../config/addresses.ts';
import type { Config } from '../config/config.ts';
import { moveMark, openDatabase } from '../database.ts';
import { answersOn } from '../http/socket-probe.ts';
import { StartError } from '../start-error.ts';
import { systemClock } from '../system-clock.ts';
import { version } from '../version.ts';

/** The embedded database in the data folder, and what it is called once another one has taken over. */
const embeddedName = 'postgres';
const keptName = 'postgres-before-move';

/** What was moved; without rows where an earlier run had done it all. */
export type LeftEmbedded = { readonly moved: boolean; readonly tables: number; readonly rows: number; readonly kept: string };

/**
 * Brings the embedded database of this machine into the one that the configuration names, while no server runs. Idempotent, and after an
 * interruption anywhere the same call goes on. The embedded one is kept under another name.
 * @throws StartError where there is nothing to move or a server runs; StoreRefused, StoreUnavailable, EmbeddedPostgresError
 */
export async function leaveEmbedded({ config, log }: { readonly config: Config; readonly log: Log }): Promise<LeftEmbedded> {
  const { url } = config.database;
  if (url === undefined) {
    throw new StartError('The configuration names no other database: set database.url, or MUSTER_DATABASE_URL. Nothing was changed.');
  }
  const dataDir = resolve(config.dataDir);
  const [embedded, kept, mark] = [embeddedName, keptName, moveMark].map((name) => join(dataDir, name)) as [string, string, string];
  await requireOwner(dataDir);
  await requireStopped(config, dataDir);
  if (!(await isThere(embedded))) return await movedBefore(kept, mark);
  if (await isThere(kept)) throw new StartError(`${kept} is there from an earlier move. Take it away, then run the same command again.`);
  const moved = await moveOut({ config, log, url, mark });
  await rename(embedded, kept);
  await rm(mark, { force: true });
  return { moved: true, ...moved, kept };
}

const isThere = async (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

/** The name of the move that was interrupted here; a new one where none was. The other database has it only if that move has filled it. */
async function nameOfMove(mark: string): Promise<string> {
  const kept = await readFile(mark, 'utf8').catch(() => '');
  return /^[0-9a-f-]{36}$/u.test(kept) ? kept : randomUUID();
}

async function movedBefore(kept: string, mark: string): Promise<LeftEmbedded> {
  if (!(await isThere(kept))) throw new StartError('This machine has no embedded database to move. Nothing was changed.');
  await rm(mark, { force: true });
  return { moved: false, tables: 0, rows: 0, kept };
}

type Move = { readonly config: Config; readonly log: Log; readonly url: string; readonly mark: string };

async function moveOut({ config, log, url, mark }: Move): Promise<{ tables: number; rows: number }> {
  const name = await nameOfMove(mark);
  const keepName = () => writeFile(mark, name, { mode: 0o600, flush: true });
  const source = await openDatabase({ ...config, database: { patroni: config.database.patroni } }, systemClock, log);
  try {
    return await moveDatabase({ from: source.connection, to: { url }, name, keepName, log, version });
  } finally {
    await source.stop();
  }
}

/** What root writes into the folder of another user that one could not use any more. */
async function requireOwner(dataDir: string): Promise<void> {
  const owner = await stat(dataDir).catch(() => undefined);
  if (owner === undefined) throw new StartError(`There is no data folder ${dataDir}. Nothing was changed.`);
  const own = process.getuid?.();
  if (own === undefined || owner.uid === own) return;
  throw new StartError(
    `The data folder ${dataDir} belongs to the user with the id ${owner.uid}: run this as that one (for an installed server: sudo -u muster muster move-database).`,
  );
}

async function requireStopped(config: Config, dataDir: string): Promise<void> {
  const socket = socketPathOf(config, dataDir);
  if (!(await answersOn(socket))) return;
  throw new StartError(`A Muster server runs here: it answers on ${socket}. Stop it first (systemctl stop muster). Nothing was changed.`);
}
