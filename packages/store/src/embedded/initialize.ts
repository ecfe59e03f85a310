import { open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EmbeddedPostgresError } from '../errors.ts';
import type { Binaries } from './binaries.ts';
import { type Layout, makePrivate } from './layout.ts';
import { databaseRole } from './settings.ts';
import { runAs, type SystemUser } from './system-user.ts';

const majorOf = (text: string): string => /(\d+)/u.exec(text)?.[1] ?? text.trim();

/** Data are of one major version of PostgreSQL and of no other. @throws EmbeddedPostgresError `other-version` */
async function requireSameMajor(layout: Layout, writtenBy: string, binaries: Binaries, user: SystemUser): Promise<void> {
  const brought = majorOf(await runAs(user, binaries.postgres, ['--version']));
  const written = majorOf(writtenBy);
  if (written === brought) return;
  const which =
    Number(written) > Number(brought)
      ? 'A newer Muster has used them: start that one'
      : 'An older Muster made them: start that one to read them';
  throw new EmbeddedPostgresError(
    'other-version',
    `The data in ${layout.data} were written by PostgreSQL ${written}; this Muster brings PostgreSQL ${brought}. ${which}, or give this one another data folder.`,
  );
}

async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Makes the data folder at the first start: UTF-8, the order of the code points, whatever the machine's locale, and checksums on every page. It appears
 * under its name only when it is whole and on the disk. Later starts only check its version.
 * @throws EmbeddedPostgresError `initialization-failed`, `other-version`
 */
export async function initialize(layout: Layout, binaries: Binaries, user: SystemUser): Promise<{ first: boolean }> {
  const writtenBy = await readFile(join(layout.data, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (writtenBy !== undefined) {
    await requireSameMajor(layout, writtenBy, binaries, user);
    return { first: false };
  }
  await rm(layout.unfinished, { recursive: true, force: true });
  await makePrivate(layout.unfinished, user);
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const access = ['--auth-local=peer', '--auth-host=reject'];
  try {
    await runAs(user, binaries.initdb, [
      `--pgdata=${layout.unfinished}`,
      `--username=${databaseRole}`,
      '--data-checksums',
      ...locale,
      ...access,
    ]);
  } catch (cause) {
    const said = typeof cause === 'object' && cause !== null && 'stderr' in cause ? String(cause.stderr).trim() : String(cause);
    throw new EmbeddedPostgresError('initialization-failed', `The database's data folder ${layout.data} could not be made: ${said}`, {
      cause,
    });
  }
  await rename(layout.unfinished, layout.data);
  await flushFolder(layout.home);
  return { first: true };
}
