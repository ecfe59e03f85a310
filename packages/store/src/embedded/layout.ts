import { createHash } from 'node:crypto';
import { chmod, chown, lstat, mkdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { codeOf } from '../database-error.ts';
import { EmbeddedPostgresError } from '../errors.ts';
import { canEnter, type SystemUser } from './system-user.ts';

/**
 * What lies where. Only `data` and `socket` belong to the database's user; what Muster itself writes, and root may follow, lies
 * where that user cannot write.
 */
export type Layout = {
  readonly home: string;
  readonly data: string;
  /** A first `data` in the making. */
  readonly unfinished: string;
  readonly lock: string;
  readonly logFile: string;
  readonly config: string;
  readonly access: string;
  readonly users: string;
};

export const layoutOf = (home: string): Layout => ({
  home,
  data: join(home, 'data'),
  unfinished: join(home, 'data.unfinished'),
  lock: join(home, 'server.lock'),
  logFile: join(home, 'postgres.log'),
  config: join(home, 'postgresql.conf'),
  access: join(home, 'pg_hba.conf'),
  users: join(home, 'pg_ident.conf'),
});

/** The uid of whom the data belong to; undefined before the first start. */
export const ownerOf = async (layout: Layout): Promise<number | undefined> => (await stat(layout.data).catch(() => undefined))?.uid;

/** From `last` up to `first`, both with it. */
async function openFolders(first: string, last: string, mode: number): Promise<void> {
  for (let folder = last; !relative(first, folder).startsWith('..'); folder = dirname(folder)) await chmod(folder, mode);
}

/**
 * Makes the home folder, and opens those it had to make to the database's user, whatever the umask.
 * @throws EmbeddedPostgresError `not-reachable`
 */
export async function makeHome(home: string, user: SystemUser): Promise<void> {
  const mode = user.other ? 0o711 : 0o700;
  const first = await mkdir(home, { recursive: true, mode });
  if (first !== undefined && user.other) await openFolders(first, home, mode);
  if (await canEnter(user, home)) return;
  throw new EmbeddedPostgresError(
    'not-reachable',
    `The user ${user.name}, as whom the database runs when Muster is started as root, cannot reach ${home}: a folder above it is closed. Open it (chmod o+x), or let the data lie under /var/lib/muster.`,
  );
}

/** A folder of the database's user that nobody else may enter. One that is there is taken only if it is exactly that. */
export async function makePrivate(folder: string, user: SystemUser): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
    if (user.other) await chown(folder, user.uid, user.gid);
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    const found = await lstat(folder);
    if (found.isDirectory() && found.uid === user.uid && (found.mode & 0o077) === 0) return;
    throw new EmbeddedPostgresError(
      'wrong-owner',
      `${folder} is there, but it is not a folder that only ${user.name} may enter. Look who made it, remove it, and start again.`,
    );
  }
}

/** The kernel's limit of a socket's path (unix(7)), without the final zero byte. */
const longestSocketPath = 107;
const socketName = '.s.PGSQL.5432';

const fits = (folder: string): boolean => Buffer.byteLength(join(folder, socketName)) <= longestSocketPath;

/** The folder for the socket: with the data, or a short one named after them where that path is too long for a socket. */
export function socketFolder(
  home: string,
  uid: number,
  runtimeFolders: readonly (string | undefined)[] = [process.env['XDG_RUNTIME_DIR'], tmpdir()],
): string {
  const near = join(home, 'socket');
  if (fits(near)) return near;
  const name = `muster-${uid}-${createHash('sha256').update(home).digest('hex').slice(0, 12)}`;
  const bases = process.getuid?.() === 0 ? ['/run'] : runtimeFolders;
  return (
    [...bases.flatMap((base) => (base === undefined || base === '' ? [] : [join(base, name)])), join('/tmp', name)].find(fits) ??
    join('/tmp', name)
  );
}
