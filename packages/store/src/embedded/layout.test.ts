import { chmod, mkdir, rm, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { reachableFolder } from '@muster/testkit';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { layoutOf, makeHome, makePrivate, ownerOf, socketFolder } from './layout.ts';
import { databaseUser, type SystemUser } from './system-user.ts';

let folder: string;
let user: SystemUser;
beforeEach(async () => {
  folder = await reachableFolder();
  user = await databaseUser(undefined, folder);
});
afterEach(() => rm(folder, { recursive: true }));

const modeOf = async (path: string) => (await stat(path)).mode & 0o777;

describe('socketFolder', () => {
  it('is beside the data wherever that fits, else a short one named after them', () => {
    expect(socketFolder('/var/lib/muster/postgres', 1000)).toBe('/var/lib/muster/postgres/socket');
    const [a, b] = [socketFolder(`/${'a'.repeat(100)}`, 1000), socketFolder(`/${'b'.repeat(100)}`, 1000)];
    expect(a).toMatch(/\/muster-1000-[0-9a-f]{12}$/u);
    expect(a).not.toBe(b);
  });

  it('always fits into the address of a socket', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 1, maxLength: 300, unit: 'grapheme' }),
        fc.nat(),
        fc.string({ maxLength: 200 }),
        (name, uid, base) => {
          const socket = join(socketFolder(`/${name}`, uid, [undefined, '', `/${base}`]), '.s.PGSQL.5432');
          expect(Buffer.byteLength(socket)).toBeLessThanOrEqual(107);
        },
      ),
    );
  });
});

describe('makePrivate', () => {
  it('makes a folder that only the user may enter, and takes it again', async () => {
    const path = join(folder, 'private');
    await makePrivate(path, user);
    await makePrivate(path, user);
    expect(await modeOf(path)).toBe(0o700);
    expect((await stat(path)).uid).toBe(user.uid);
  });

  it('takes nothing that another may have made', async () => {
    await mkdir(join(folder, 'open'), { mode: 0o755 });
    await mkdir(join(folder, 'target'), { mode: 0o700 });
    await symlink(join(folder, 'target'), join(folder, 'link'));
    await expect(makePrivate(join(folder, 'open'), user)).rejects.toMatchObject({ code: 'wrong-owner' });
    await expect(makePrivate(join(folder, 'link'), user)).rejects.toMatchObject({ code: 'wrong-owner' });
    await makePrivate(join(folder, 'foreign'), user);
    await expect(makePrivate(join(folder, 'foreign'), { ...user, uid: user.uid + 1 })).rejects.toMatchObject({ code: 'wrong-owner' });
  });
});

describe('makeHome', () => {
  it('opens the folders it makes to the database’s user, whatever the umask, and no others', async () => {
    const before = process.umask(0o077);
    try {
      await makeHome(join(folder, 'state', 'postgres'), user);
    } finally {
      process.umask(before);
    }
    expect(await modeOf(join(folder, 'state', 'postgres'))).toBe(user.other ? 0o711 : 0o700);
    expect(await modeOf(folder)).toBe(0o755);
  });

  it('leaves a folder that is there as it is', async () => {
    const home = join(folder, 'postgres');
    await mkdir(home);
    await chmod(home, 0o751);
    await makeHome(home, user);
    expect(await modeOf(home)).toBe(0o751);
  });
});

it('knows whose the data are', async () => {
  const layout = layoutOf(folder);
  expect(await ownerOf(layout)).toBeUndefined();
  await makePrivate(layout.data, user);
  expect(await ownerOf(layout)).toBe(user.uid);
});
