import { readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { testFolder } from '../test/test-folder.ts';
import { withFileLock } from './file-lock.ts';

test('one at a time, and nothing is left', async () => {
  const folder = await testFolder();
  let inside = 0;
  await Promise.all(
    Array.from({ length: 10 }, () =>
      withFileLock(join(folder, 'file'), async () => {
        inside += 1;
        expect(inside).toBe(1);
        await sleep(2);
        inside -= 1;
      }),
    ),
  );
  expect(await readdir(folder)).toEqual([]);
});

test('is given back when the work fails', async () => {
  const path = join(await testFolder(), 'file');
  await expect(withFileLock(path, () => Promise.reject(new Error('broken')))).rejects.toThrow('broken');
  expect(await withFileLock(path, async () => 'again')).toBe('again');
});

test('of a process that died is taken over, a fresh one is not', async () => {
  const path = join(await testFolder(), 'file');
  await writeFile(`${path}.lock`, '');
  const waiting = withFileLock(path, async () => 'mine');
  expect(await Promise.race([waiting, sleep(300, 'still locked')])).toBe('still locked');
  const longAgo = new Date(Date.now() - 60_000);
  await utimes(`${path}.lock`, longAgo, longAgo);
  expect(await waiting).toBe('mine');
});

test('a folder that does not exist is an error, not an endless wait', async () => {
  await expect(withFileLock('/nonexistent/file', async () => undefined)).rejects.toThrow(/ENOENT/);
});
