import { readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** A process of this host and the paths by which it may use an environment. */
export type HostProcess = { readonly pid: number; readonly name: string; readonly paths: readonly string[] };

/** Lists the processes of this host with the paths that begin with one of these. */
export type FindUsers = (prefixes: readonly string[]) => Promise<readonly HostProcess[]>;

/** Processes that may use what is in a folder: their program, folder, libraries, command line or environment lie in there. */
export async function usersOfFolder(find: FindUsers, folder: string): Promise<string[]> {
  return (await find([folder])).map(({ pid, name }) => `${name} (${pid})`);
}

/**
 * Looks in /proc. A process that ends meanwhile, or that this user may not look into, is passed over. `/proc/<pid>/environ` is what a process
 * was started with: an activated environment stands in there (VIRTUAL_ENV, CONDA_PREFIX, PATH).
 */
export async function findUsers(prefixes: readonly string[]): Promise<HostProcess[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/u.test(name) && name !== String(process.pid));
  const found: HostProcess[] = [];
  for (const pid of pids) {
    const paths = (await pathsOf(pid)).filter((path) => prefixes.some((prefix) => path === prefix || path.startsWith(`${prefix}/`)));
    if (paths.length > 0) found.push({ pid: Number(pid), name: await nameOf(pid), paths });
  }
  return found;
}

async function pathsOf(pid: string): Promise<string[]> {
  const folder = join('/proc', pid);
  const links = await Promise.all(['exe', 'cwd'].map((name) => readlink(join(folder, name)).catch(() => '')));
  const [maps, command, environment] = await Promise.all(
    ['maps', 'cmdline', 'environ'].map((name) => readFile(join(folder, name), 'utf8').catch(() => '')),
  );
  const mapped = new Set((maps ?? '').split('\n').map((line) => line.slice(line.indexOf('/'))));
  const words = (command ?? '').split('\0');
  const variables = (environment ?? '').split('\0').flatMap((one) => one.slice(one.indexOf('=') + 1).split(':'));
  return [...links, ...mapped, ...words, ...variables].filter((path) => path.startsWith('/'));
}

const nameOf = (pid: string): Promise<string> =>
  readFile(join('/proc', pid, 'comm'), 'utf8').then(
    (text) => text.trim(),
    () => 'a process',
  );
