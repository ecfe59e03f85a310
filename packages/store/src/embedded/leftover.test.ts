import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reachableFolder } from '@muster/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { processesIn, stopLeftovers } from './leftover.ts';

/* Programs that only look like PostgreSQL, so that they can be made to ignore what they are asked. */

let folder: string;
let data: string;
const started: ChildProcess[] = [];
beforeEach(async () => {
  folder = await reachableFolder();
  data = join(folder, 'data');
  await mkdir(data);
  // The name of the program is part of what makes it PostgreSQL.
  await copyFile('/bin/bash', join(folder, 'postgres'));
  await copyFile('/bin/bash', join(folder, 'other'));
});
afterEach(async () => {
  for (const child of started.splice(0)) child.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

async function pretend(program: string, cwd: string, traps: string): Promise<ChildProcess> {
  const child = spawn(join(folder, program), ['-c', `${traps}; echo ready; while :; do read -t 0.02 <> <(:); done`], {
    cwd,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  started.push(child);
  await once(child.stdout ?? child, 'data');
  return child;
}

const writePid = (pid: number | undefined) => writeFile(join(data, 'postmaster.pid'), `${pid}\n${data}\n`);

describe('processesIn', () => {
  it('are those of PostgreSQL that work in the folder, and no others', async () => {
    const ours = await pretend('postgres', data, ':');
    await pretend('other', data, ':');
    await pretend('postgres', folder, ':');
    expect(await processesIn(data)).toEqual([ours.pid]);
    expect(await processesIn(join(folder, 'not-there'))).toEqual([]);
  });
});

describe('stopLeftovers', () => {
  it('does nothing where nothing is left', async () => {
    const lines: string[] = [];
    await stopLeftovers(data, (line) => lines.push(line));
    await stopLeftovers(join(folder, 'not-there'), (line) => lines.push(line));
    expect(lines).toEqual([]);
  });

  it('asks a postmaster to stop in order', async () => {
    const postmaster = await pretend('postgres', data, "trap 'exit 7' INT");
    await writePid(postmaster.pid);
    const lines: string[] = [];
    const exit = once(postmaster, 'exit');
    await stopLeftovers(data, (line) => lines.push(line));
    expect(await exit).toEqual([7, null]);
    expect(lines).toEqual([expect.stringContaining(String(postmaster.pid))]);
  });

  it('waits for backends without a postmaster, then ends them', async () => {
    const backend = await pretend('postgres', data, "trap '' INT; trap 'exit 8' QUIT");
    const exit = once(backend, 'exit');
    await stopLeftovers(data, () => undefined);
    expect(await exit).toEqual([8, null]);
  });

  it('never signals a process that only has the number', async () => {
    const stranger = await pretend('other', data, "trap 'exit 9' INT QUIT TERM");
    await writePid(stranger.pid);
    await stopLeftovers(data, () => undefined);
    expect(stranger.exitCode).toBeNull();
    await expect(stat(join(data, 'postmaster.pid'))).rejects.toThrow(/ENOENT/u);
  });

  it('leaves the file of a dead postmaster to PostgreSQL', async () => {
    const dead = await pretend('postgres', data, ':');
    dead.kill('SIGKILL');
    await once(dead, 'exit');
    await writePid(dead.pid);
    await stopLeftovers(data, () => undefined);
    expect((await stat(join(data, 'postmaster.pid'))).size).toBeGreaterThan(0);
  });
});
