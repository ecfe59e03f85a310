import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { findLeftBehind, runMark } from './left-behind.ts';

it('finds a process by the mark of its run, until it ends', async () => {
  const mark = randomUUID();
  const child = spawn('sleep', ['60'], { env: { ...process.env, [runMark]: mark } });
  await once(child, 'spawn');
  expect(await findLeftBehind(mark, 0)).toEqual([{ pid: child.pid, command: 'sleep 60' }]);
  expect(await findLeftBehind(randomUUID(), 0)).toEqual([]);
  setTimeout(() => child.kill('SIGKILL'), 200);
  expect(await findLeftBehind(mark, 5000)).toEqual([]);
});
