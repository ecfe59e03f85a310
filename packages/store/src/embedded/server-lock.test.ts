import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { reachableFolder } from '@muster/testkit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { EmbeddedPostgresError } from '../errors.ts';
import { lockServer } from './server-lock.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await reachableFolder();
  path = join(folder, 'server.lock');
});
afterEach(() => rm(folder, { recursive: true }));

const program = `
  const { lockServer } = await import(process.argv[1]);
  try {
    const lock = lockServer(process.argv[2]);
    process.stdout.write('held\\n');
    setInterval(() => lock, 1000);
  } catch (error) {
    process.stdout.write(error.code + '\\n');
  }`;

/** Another process that tries to take the lock. */
async function contender() {
  const module = new URL('server-lock.ts', import.meta.url).href;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, module, path], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [chunk] = await once(child.stdout, 'data');
  return { said: String(chunk).trim(), child };
}

it('is held by one at a time, and says by whom', () => {
  const lock = lockServer(path);
  expect(() => lockServer(path)).toThrow(EmbeddedPostgresError);
  expect(() => lockServer(path)).toThrow(new RegExp(`process ${process.pid}, since 20`, 'u'));
  lock.release();
  lock.release();
  lockServer(path).release();
});

it('names the present holder after several', async () => {
  for (let round = 0; round < 3; round += 1) lockServer(path).release();
  expect((await readFile(path, 'utf8')).match(/process/gu)).toHaveLength(1);
});

it('ends with its process however that dies, and not before', async () => {
  const first = await contender();
  expect(first.said).toBe('held');
  expect(() => lockServer(path)).toThrow(new RegExp(`process ${first.child.pid}`, 'u'));
  expect((await contender()).said).toBe('already-running');
  first.child.kill('SIGKILL');
  await once(first.child, 'close');
  lockServer(path).release();
});

it('is not inherited by the processes that the holder starts', async () => {
  const lock = lockServer(path);
  const child = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
  lock.release();
  lockServer(path).release();
  child.kill();
});

it('is taken by exactly one of many', async () => {
  const contenders = await Promise.all(Array.from({ length: 4 }, contender));
  expect(contenders.map((one) => one.said).toSorted()).toEqual(['already-running', 'already-running', 'already-running', 'held']);
  for (const { child } of contenders) child.kill('SIGKILL');
});
