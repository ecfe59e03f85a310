import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { allOf, snapshotOf } from '../test/snapshot.ts';
import { CheckedRecords } from './checked-records.ts';
import { openBackup } from './open-backup.ts';
import { writeBackup } from './write-backup.ts';

const passphrase = 'correct horse battery staple';
let folder = '';
let path = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'muster-backup-'));
  path = join(folder, 'muster.backup');
});
afterEach(() => rm(folder, { recursive: true }));

const write = (force = false, source = snapshotOf({ nodes: 'a\t1\nb\t2\n' })) => writeBackup(source, { path, passphrase, force });

async function read(given = passphrase) {
  const backup = await openBackup(path, given);
  try {
    return await new CheckedRecords(backup.snapshot).drain();
  } finally {
    await backup.close();
  }
}

describe('a backup', () => {
  it('is read back as it was written, and is for its owner only', async () => {
    const written = await write();
    expect(await read()).toEqual({ head: written.head, tables: written.tables, rows: 2, bytes: 8 });
    expect(written).toMatchObject({ path, rows: 2, sizeBytes: (await stat(path)).size });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['muster.backup']);
  });

  it('shows nothing of what is in it', async () => {
    await write(false, snapshotOf({ nodes: 'the-name-of-a-node\n' }));
    expect((await readFile(path)).includes('the-name-of-a-node')).toBe(false);
  });

  it('opens for its passphrase alone', async () => {
    await write();
    await expect(read('another passphrase')).rejects.toMatchObject({ code: 'wrong-passphrase' });
  });

  it('does not replace a file that is there, unless that is wanted', async () => {
    await writeFile(path, 'precious');
    await expect(write()).rejects.toMatchObject({ code: 'file-exists' });
    expect(await readFile(path, 'utf8')).toBe('precious');
    await write(true);
    expect((await read()).rows).toBe(2);
  });

  it('does not replace a file that came meanwhile', async () => {
    const source = async function* () {
      yield* snapshotOf({ nodes: 'a\n' });
      await writeFile(path, 'precious');
    };
    await expect(write(false, source())).rejects.toMatchObject({ code: 'file-exists' });
    expect([await readFile(path, 'utf8'), await readdir(folder)]).toEqual(['precious', ['muster.backup']]);
  });

  it.each([false, true])('leaves nothing, or what was before, when its source breaks off (force %s)', async (force) => {
    if (force) await writeFile(path, 'the last good one');
    const source = async function* () {
      yield* snapshotOf({ nodes: 'a\n' });
      throw new Error('the server is gone');
    };
    await expect(write(force, source())).rejects.toThrow('the server is gone');
    expect(await readdir(folder)).toEqual(force ? ['muster.backup'] : []);
    if (force) expect(await readFile(path, 'utf8')).toBe('the last good one');
  });

  it('is not written of a snapshot without its end', async () => {
    const pieces = await allOf(snapshotOf({ nodes: 'a\n' }));
    await expect(
      write(
        false,
        (async function* () {
          yield* pieces.slice(0, -1);
        })(),
      ),
    ).rejects.toMatchObject({ code: 'incomplete' });
    expect(existsSync(path)).toBe(false);
  });

  it('writes over what a killed run left behind', async () => {
    await writeFile(`${path}.partial`, 'half of something');
    await write();
    expect(await readdir(folder)).toEqual(['muster.backup']);
  });

  it('of two runs on one file only gives a whole one', async () => {
    const ended = await Promise.allSettled([write(true), write(true)]);
    expect(ended.some(({ status }) => status === 'fulfilled')).toBe(true);
    expect((await read()).rows).toBe(2);
  });

  it('wants a passphrase that is worth the name, and a folder', async () => {
    await expect(writeBackup(snapshotOf({}), { path, passphrase: 'short', force: false })).rejects.toMatchObject({
      code: 'weak-passphrase',
    });
    await expect(writeBackup(snapshotOf({}), { path: join(folder, 'no', 'file'), passphrase, force: false })).rejects.toMatchObject({
      code: 'file-unusable',
    });
  });

  it('is told from any other file', async () => {
    await writeFile(path, 'PGDMP and so on, a dump of something else');
    await expect(read()).rejects.toMatchObject({ code: 'not-a-backup' });
  });
});

describe('a backup that was changed', () => {
  it('is refused wherever a bit was turned, and wherever it was cut', async () => {
    await write(false, snapshotOf({ nodes: 'a\t1\n' }));
    const whole = await readFile(path);
    for (let at = 14; at < whole.byteLength; at += 41) {
      const turned = Buffer.from(whole);
      turned[at] = (turned[at] ?? 0) ^ 0x10;
      await writeFile(path, turned);
      await expect(read()).rejects.toThrow(/damaged|other|form that this Muster/u);
    }
    for (const length of [0, 13, 40, 64, 65, 66, 200, whole.byteLength - 1]) {
      await writeFile(path, whole.subarray(0, length));
      await expect(read()).rejects.toMatchObject({ name: 'BackupError' });
    }
    await writeFile(path, Buffer.concat([whole, whole]));
    await expect(read()).rejects.toMatchObject({ code: 'damaged' });
    // Each look costs a scrypt, as it should.
  }, 60_000);
});
