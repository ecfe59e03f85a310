import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { testFolder } from '../test/test-folder.ts';
import { startSshd, type TestSshd } from '../test/test-sshd.ts';
import { type Connection, openConnection } from './index.ts';

let sshd: TestSshd;
let connection: Connection;
let folder: string;

beforeAll(async () => {
  sshd = await startSshd();
  connection = await openConnection(sshd.target(), sshd.options());
});

beforeEach(async () => {
  folder = await testFolder();
});

afterAll(async () => {
  await connection.close();
  await sshd.stop();
});

describe('what an upload refuses', () => {
  test('a local file that is not there', async () => {
    const uploading = connection.upload(join(folder, 'nothing'), join(folder, 'x'), { mode: 0o644 });
    await expect(uploading).rejects.toMatchObject({ kind: 'badInput', what: expect.stringContaining('ENOENT') });
  });

  test('a target that is a folder, or in none', async () => {
    await mkdir(join(folder, 'sub'));
    const toFolder = connection.upload(Buffer.from('x'), join(folder, 'sub'), { mode: 0o644 });
    await expect(toFolder).rejects.toMatchObject({ kind: 'uploadFailed', what: 'the target is a folder' });
    const toNowhere = connection.upload(Buffer.from('x'), join(folder, 'no', 'file'), { mode: 0o644 });
    await expect(toNowhere).rejects.toMatchObject({ kind: 'uploadFailed', what: "the target's folder does not exist" });
  });

  test('an owner the host does not know', async () => {
    const uploading = connection.upload(Buffer.from('x'), join(folder, 'x'), { mode: 0o644, owner: 'no-such-user' });
    await expect(uploading).rejects.toMatchObject({ kind: 'uploadFailed', what: expect.stringMatching(/^mode or owner cannot be set/) });
    expect(await readdir(folder)).toEqual([]);
  });

  test.each([
    ['relative/path', { mode: 0o644 }],
    ['/folder/', { mode: 0o644 }],
    ['/a\nb', { mode: 0o644 }],
    ['/tmp/x', { mode: 0o10000 }],
    ['/tmp/x', { mode: 0o644, owner: '-x; rm' }],
  ])('%j %j', async (target, options) => {
    await expect(connection.upload(Buffer.from('x'), target, options)).rejects.toMatchObject({ kind: 'badInput' });
  });
});
