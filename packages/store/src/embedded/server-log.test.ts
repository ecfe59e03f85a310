import { appendFile, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { reachableFolder } from '@muster/testkit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ServerLog } from './server-log.ts';

let folder: string;
let log: ServerLog;
beforeEach(async () => {
  folder = await reachableFolder();
  log = new ServerLog(join(folder, 'postgres.log'));
});
afterEach(async () => {
  log.close();
  await rm(folder, { recursive: true });
});

it('shows the last lines of this start alone', async () => {
  await appendFile(log.path, 'of an earlier start\n');
  const from = log.sizeBytes;
  expect(log.tail(from, 3)).toBe('');
  await appendFile(log.path, 'one\ntwo\nthree\nfour\n');
  expect(log.tail(from, 3)).toBe('two\nthree\nfour');
  expect(log.tail(from, 9)).toBe('one\ntwo\nthree\nfour');
  // The file was emptied since.
  expect(log.tail(from + 1_000_000, 2)).toBe('three\nfour');
});

it('shows no more than fits on a screen of a log of any size', async () => {
  await appendFile(log.path, `${'x'.repeat(100_000)}\nlast\n`);
  expect(log.tail(0, 6).length).toBeLessThan(9000);
  expect(log.tail(0, 1)).toBe('last');
});

it('is trimmed to one earlier file, and only when it is large', async () => {
  await appendFile(log.path, 'small\n');
  log.trim();
  expect(log.sizeBytes).toBe(6);
  await appendFile(log.path, Buffer.alloc(17 * 1024 * 1024, 'x'));
  log.trim();
  expect(log.sizeBytes).toBe(0);
  expect((await readFile(`${log.path}.1`, 'utf8')).slice(0, 6)).toBe('small\n');
  expect((await stat(log.path)).mode & 0o777).toBe(0o600);
});
