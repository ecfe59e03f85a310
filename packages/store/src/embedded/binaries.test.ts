import { chmod, lstat, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reachableFolder } from '@muster/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packagedBinaries, prepareBinaries } from './binaries.ts';
import { chooseDataDir } from './choose-data-dir.ts';
import { databaseUser, runAs, type SystemUser } from './system-user.ts';

const isRoot = process.getuid?.() === 0;
let folder: string;
let user: SystemUser;
beforeEach(async () => {
  folder = await reachableFolder();
  user = await databaseUser(undefined, folder);
});
afterEach(async () => {
  await chmod(folder, 0o755);
  await rm(folder, { recursive: true });
});

/** Something that looks like the package: a program, a library, and a link that is still to be made. */
async function fakePackage(): Promise<string> {
  const native = join(folder, 'package', 'native');
  await mkdir(join(native, 'bin'), { recursive: true });
  await mkdir(join(native, 'lib'));
  await writeFile(join(native, 'bin', 'postgres'), '#!/bin/sh\necho "postgres (PostgreSQL) 18.4"\n', { mode: 0o755 });
  await writeFile(join(native, 'lib', 'libx.so.1.2'), 'library');
  await writeFile(join(native, 'pg-symlinks.json'), JSON.stringify([{ source: 'native/lib/libx.so.1.2', target: 'native/lib/libx.so.1' }]));
  await writeFile(join(folder, 'package', 'package.json'), '{"version":"18.4.0-test.1"}');
  return native;
}

describe('prepareBinaries', () => {
  it('makes the links where the package lies, once', async () => {
    const native = await fakePackage();
    for (let round = 0; round < 2; round += 1) {
      const { folder: used, postgres } = await prepareBinaries(native, user, join(folder, 'copies'));
      expect(used).toBe(native);
      expect(await readFile(join(native, 'lib', 'libx.so.1'), 'utf8')).toBe('library');
      expect((await lstat(join(native, 'lib', 'libx.so.1'))).isSymbolicLink()).toBe(true);
      expect(await runAs(user, postgres, ['--version'])).toContain('18.4');
    }
    await expect(stat(join(folder, 'copies'))).rejects.toThrow(/ENOENT/u);
  });

  it('is not disturbed by links that others make at the same time', async () => {
    const native = await fakePackage();
    await symlink('libx.so.1.2', join(native, 'lib', 'libx.so.1'));
    await Promise.all(Array.from({ length: 5 }, () => prepareBinaries(native, user, join(folder, 'copies'))));
    expect(await readFile(join(native, 'lib', 'libx.so.1'), 'utf8')).toBe('library');
  });

  it('copies once, whole, for all who ask at the same time, when the user cannot get at the package', async () => {
    const native = await fakePackage();
    const copies = join(folder, 'copies');
    // Closed to another user when we are root; else the links cannot be made in it.
    await chmod(isRoot ? join(folder, 'package') : join(native, 'lib'), isRoot ? 0o700 : 0o500);
    const prepared = await Promise.all(Array.from({ length: 5 }, () => prepareBinaries(native, user, copies)));
    await chmod(isRoot ? join(folder, 'package') : join(native, 'lib'), 0o755);
    expect(new Set(prepared.map((one) => one.folder)).size).toBe(1);
    expect(await readdir(copies)).toEqual([expect.stringMatching(/^postgresql-18\.4\.0-test\.1-/u)]);
    const [{ folder: copy, postgres } = { folder: '', postgres: '' }] = prepared;
    expect(copy.startsWith(copies)).toBe(true);
    expect(await runAs(user, postgres, ['--version'])).toContain('18.4');
    expect(await readFile(join(copy, 'lib', 'libx.so.1'), 'utf8')).toBe('library');
    expect((await stat(copy)).uid).toBe(process.getuid?.());
    const made = (await stat(copy)).ctimeMs;
    await prepareBinaries(native, user, copies);
    expect((await stat(copy)).ctimeMs).toBe(made);
  });

  it('finds the package of this machine', async () => {
    const { postgres } = await prepareBinaries(packagedBinaries(), user, join(folder, 'copies'));
    expect(await runAs(user, postgres, ['--version'])).toMatch(/^postgres \(PostgreSQL\) 18\./u);
  });

  it('refuses a folder without PostgreSQL', async () => {
    await expect(prepareBinaries(folder, user, folder)).rejects.toMatchObject({ code: 'no-binaries' });
  });
});

describe('chooseDataDir', () => {
  it('takes the preferred folder, made or not, where the database’s user can reach it', async () => {
    expect(await chooseDataDir(join(folder, 'not', 'yet', 'made'))).toEqual({ dataDir: join(folder, 'not', 'yet', 'made'), reason: null });
    expect(await chooseDataDir(folder)).toEqual({ dataDir: folder, reason: null });
    await expect(stat(join(folder, 'not'))).rejects.toThrow(/ENOENT/u);
  });

  it('takes the system’s as root when a folder above is closed, and says why', async () => {
    await chmod(folder, 0o700);
    const preferred = join(folder, 'checkout', '.muster');
    const chosen = await chooseDataDir(preferred, '/elsewhere');
    expect(chosen.dataDir).toBe(isRoot ? '/elsewhere' : preferred);
    expect(chosen.reason?.includes(preferred) ?? false).toBe(isRoot);
    await chmod(folder, 0o755);
  });
});
