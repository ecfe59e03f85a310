import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';
import { EmbeddedPostgresError } from '../errors.ts';

/** The user of the operating system as whom PostgreSQL runs: it refuses to run as root. */
export type SystemUser = {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  /** Whether it is another than the one we run as, so that processes must be started under it. */
  readonly other: boolean;
};

/** Users that may own the database when Muster is started as root, the first that exists. */
const candidates = ['muster', 'postgres', 'nobody'];

const isRoot = (): boolean => process.getuid?.() === 0;

async function knownUsers(): Promise<SystemUser[]> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n');
  return lines.flatMap((line) => {
    const [name, , uid, gid] = line.split(':');
    return name === undefined || gid === undefined ? [] : [{ name, uid: Number(uid), gid: Number(gid), other: true }];
  });
}

function self(): SystemUser {
  const { username, uid, gid } = userInfo();
  return { name: username, uid, gid, other: false };
}

/**
 * The user for a database whose data belong to `ownerUid`, or are still to be made. Data keep their owner, even when a user that
 * would come first was made since.
 * @throws EmbeddedPostgresError `wrong-owner`, `no-user`
 */
export async function databaseUser(ownerUid: number | undefined, where: string): Promise<SystemUser> {
  if (!isRoot()) {
    if (ownerUid === undefined || ownerUid === process.getuid?.()) return self();
    throw new EmbeddedPostgresError(
      'wrong-owner',
      `The data in ${where} belong to another user (uid ${ownerUid}). Start Muster as that user or as root, or give it another data folder.`,
    );
  }
  const known = await knownUsers();
  if (ownerUid === undefined) {
    const user = candidates.map((name) => known.find((one) => one.name === name)).find((one) => one !== undefined && one.uid !== 0);
    if (user !== undefined) return user;
    throw new EmbeddedPostgresError(
      'no-user',
      `PostgreSQL does not run as root, and none of the users ${candidates.join(', ')} exists. Make one: useradd --system muster`,
    );
  }
  const owner = known.find((one) => one.uid === ownerUid);
  if (owner !== undefined && ownerUid !== 0) return owner;
  throw new EmbeddedPostgresError(
    'wrong-owner',
    `The data in ${where} belong to uid ${ownerUid}, as whom PostgreSQL cannot run. Give them back to their user: chown -R postgres ${where}`,
  );
}

/** How a child process is started under this user: nothing of our environment, and a folder that everybody may be in. */
export const childOptions = (user: SystemUser) => ({
  cwd: '/',
  env: { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C', LC_ALL: 'C', TZ: 'UTC' },
  ...(user.other ? { uid: user.uid, gid: user.gid } : {}),
});

/** Runs a program to its end under this user. @throws the error of `execFile`, with `stderr` */
export const runAs = async (user: SystemUser, file: string, args: readonly string[]): Promise<string> =>
  (await promisify(execFile)(file, args, childOptions(user))).stdout;

/** Whether the user can go into a folder, through all that are above it. Asked of the kernel: modes alone do not say it. */
export const canEnter = (user: SystemUser, folder: string): Promise<boolean> =>
  runAs(user, 'test', ['-x', folder]).then(
    () => true,
    () => false,
  );
