import { rm, mkdir, chmod } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { reachableFolder } from '@muster/testkit';
import { expect, it } from 'vitest';
import { canEnter, childOptions, databaseUser, runAs } from './system-user.ts';

const isRoot = process.getuid?.() === 0;
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'taken',
    (error: unknown) => (error as { code: string }).code,
  );

it('is never root, and is ourselves where we are not', async () => {
  const user = await databaseUser(undefined, '/data');
  expect(user.uid).not.toBe(0);
  expect(user.other).toBe(isRoot);
  expect(user.name === userInfo().username).toBe(!isRoot);
  expect(Number(await runAs(user, 'id', ['-u']))).toBe(user.uid);
  expect((await runAs(user, 'id', ['-G'])).trim().split(' ').map(Number)).toContain(user.gid);
});

it('keeps to the owner of the data, and says when that cannot be', async () => {
  const user = await databaseUser(undefined, '/data');
  expect((await databaseUser(user.uid, '/data')).uid).toBe(user.uid);
  expect(await codeOf(databaseUser(4_000_000_000, '/data'))).toBe('wrong-owner');
  expect(await codeOf(databaseUser(0, '/data'))).toBe('wrong-owner');
  await expect(databaseUser(4_000_000_000, '/the/data')).rejects.toThrow(/\/the\/data.*4000000000/u);
});

it('gives its processes nothing of our environment', async () => {
  const user = await databaseUser(undefined, '/data');
  process.env['MUSTER_TEST_SECRET'] = 'hunter2';
  const environment = await runAs(user, 'env', []);
  delete process.env['MUSTER_TEST_SECRET'];
  expect(environment).not.toContain('hunter2');
  expect(environment).toContain('LC_ALL=C');
  expect(childOptions(user).cwd).toBe('/');
});

it('knows which folders the user can go into', async () => {
  const user = await databaseUser(undefined, '/data');
  const folder = await reachableFolder();
  await mkdir(join(folder, 'closed', 'inner'), { recursive: true });
  expect(await canEnter(user, join(folder, 'closed', 'inner'))).toBe(true);
  await chmod(join(folder, 'closed'), 0o000);
  expect(await canEnter(user, join(folder, 'closed', 'inner'))).toBe(false);
  expect(await canEnter(user, join(folder, 'not-there'))).toBe(false);
  await chmod(join(folder, 'closed'), 0o755);
  await rm(folder, { recursive: true });
});
