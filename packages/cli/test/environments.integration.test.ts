import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { makeTar, makeWheel, reachableFolder } from '@muster/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ended, startMuster } from './run-muster.ts';

const muster = join(import.meta.dirname, '..', '..', '..', 'bin', 'muster');
let folder: string;
let demo: ChildProcess;

async function freePort(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return String(port);
}

/** A server with two agents of its own: processes of this machine that build what they are asked to. */
beforeAll(async () => {
  folder = await reachableFolder();
  const env = {
    ...process.env,
    MUSTER_DATA_DIR: join(folder, '.muster'),
    MUSTER_HTTP_PORT: await freePort(),
    MUSTER_AGENTS_PORT: await freePort(),
  };
  demo = spawn(muster, ['up', '--demo', '2'], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
  await new Promise<void>((resolve, reject) => {
    let said = '';
    const note = (text: string) => {
      said += text;
      if (said.includes('Ctrl-C stops everything')) resolve();
    };
    demo.stdout?.setEncoding('utf8').on('data', note);
    demo.stderr?.setEncoding('utf8').on('data', note);
    demo.once('close', () => reject(new Error(said)));
  });
}, 180_000);

afterAll(async () => {
  const ended = new Promise((resolve) => demo.once('close', resolve));
  demo.kill('SIGINT');
  await ended;
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

const run = (...args: string[]): Promise<Ended> => startMuster(args, '', { cwd: folder });

async function answered<T>(...args: string[]): Promise<T> {
  const { code, stdout, stderr } = await run(...args, '-o', 'json');
  expect([code, stderr]).toEqual([0, expect.anything()]);
  return JSON.parse(stdout) as T;
}

const archive = (name: string, version: string): string => {
  const path = join(folder, name);
  writeFileSync(path, makeTar([{ path: 'bin/tell', content: `#!/bin/sh\necho ${version}\n`, mode: 0o755 }]));
  return path;
};
const rootOf = (node: string): string => join(folder, '.muster', 'demo', node, 'environments-root');
const tell = (node: string, name: string): string =>
  execFileSync(join(rootOf(node), name, 'current/bin/tell'), { encoding: 'utf8' }).trim();
const summary = async (node: string) =>
  (await answered<{ nodeName: string; sync: string; summary: string }[]>('env', 'status')).find(({ nodeName }) => nodeName === node);
const wait = ['--wait', '--timeout', '100'];

describe('muster env', () => {
  it('creates, updates, shows and removes an environment on every node', async () => {
    const created = await run('env', 'create', 'ml', '--archive', archive('one.tar', 'one'), '--description', 'models', ...wait);
    expect([created.code, created.stdout]).toEqual([0, 'ml is created, version 1, for 2 nodes.\n']);
    expect(created.stderr).toMatch(/ml 1: 2 of 2 done/u);
    expect(['demo-1', 'demo-2'].map((node) => tell(node, 'ml'))).toEqual(['one', 'one']);
    expect((await run('env', 'update', 'ml', '--archive', archive('two.tar', 'two'), ...wait)).stdout).toBe('ml has version 2 now.\n');
    expect(['demo-1', 'demo-2'].map((node) => tell(node, 'ml'))).toEqual(['two', 'two']);
    expect((await run('env', 'show', 'ml')).stdout).toMatch(/^Version {7}2 \(archive\)$/mu);
    expect((await run('env', 'list', '-o', 'name')).stdout).toBe('ml\n');
    expect((await run('env', 'status', 'ml')).stdout).toMatch(/^demo-1 {2}ml +in-sync +2 +2 +update success/mu);
    const removed = await run('env', 'remove', 'ml', ...wait);
    expect([removed.code, removed.stdout]).toEqual([0, 'ml is removed from the nodes that are there.\n']);
    expect(execFileSync('ls', [rootOf('demo-1')], { encoding: 'utf8' })).toBe('');
  }, 240_000);

  it('makes virtual environments of the wheels in a folder, lists their packages and exports them', async () => {
    const [hello, other] = [makeWheel('hello', '1.0', 'print("hello")\n'), makeWheel('other', '1.0', '')];
    mkdirSync(join(folder, 'wheels'), { recursive: true });
    for (const { fileName, content } of [hello, other]) writeFileSync(join(folder, 'wheels', fileName), content);
    const requirements = `hello==1.0 --hash=sha256:${hello.sha256}\n`;
    writeFileSync(join(folder, 'requirements.txt'), requirements);
    const made = await run(
      'env',
      'create',
      'web',
      '--requirements',
      'requirements.txt',
      '--wheels',
      'wheels',
      '--python',
      '/usr/bin/python3',
      '--nodes',
      'demo-1',
      ...wait,
    );
    expect([made.code, made.stderr]).toEqual([0, expect.stringMatching(/web 1: 1 of 1 done/u)]);
    expect(execFileSync(join(rootOf('demo-1'), 'web/current/bin/python'), ['-c', 'import hello'], { encoding: 'utf8' })).toBe('hello\n');
    expect((await answered<{ name: string }[]>('artifact', 'list')).map(({ name }) => name)).toContain(hello.fileName);
    expect((await answered<{ name: string }[]>('artifact', 'list')).map(({ name }) => name)).not.toContain(other.fileName);
    expect((await run('env', 'packages', 'web', '-o', 'name')).stdout).toMatch(/^hello$/mu);
    expect((await run('env', 'export', 'web')).stdout).toBe(requirements);
    expect((await run('env', 'export', 'web', '--lock')).stdout).toMatch(/^hello==1\.0$/mu);
    expect((await run('env', 'packages', 'web', '--node', 'demo-1', '--refresh', '-o', 'name')).stdout).toMatch(/^hello$/mu);
  }, 240_000);

  it('shows what was missed while environments were off, and brings it level', async () => {
    const turn = (environments: string) =>
      startMuster(['node', 'ensure', '-'], JSON.stringify([{ name: 'demo-2', environments }]), { cwd: folder });
    expect((await turn('off')).code).toBe(0);
    expect((await run('env', 'create', 'late', '--archive', archive('late.tar', 'late'), ...wait)).stderr).toMatch(
      /1 of 2 done, 1 off or away/u,
    );
    expect(await summary('demo-2')).toMatchObject({ sync: 'off', summary: '' });
    await turn('on');
    await expect.poll(() => summary('demo-2'), { timeout: 20_000 }).toMatchObject({ sync: 'out-of-sync', summary: 'late: missing' });
    const synced = await run('env', 'sync', 'demo-2', ...wait);
    expect([synced.code, synced.stdout]).toEqual([0, 'Done on 1 of 1 nodes:\n  demo-2: create late (version 1)\n']);
    expect(tell('demo-2', 'late')).toBe('late');
    expect((await run('env', 'sync', 'demo-2')).stdout).toMatch(/^Nothing to do/u);
  }, 240_000);

  it('names the nodes on which it failed, with the reason', async () => {
    writeFileSync(join(folder, 'environment.yml'), 'dependencies:\n  - zlib\n');
    const { code, stderr } = await run('env', 'create', 'bad', '--conda', 'environment.yml', ...wait);
    expect(code).toBe(1);
    expect(stderr).toMatch(/error: bad 1: failed on 2 nodes\.\n {2}demo-1, bad: There is no micromamba, mamba, conda on the node/u);
    expect(stderr).not.toMatch(/\n\s+at /u);
  }, 120_000);

  it.each([
    [['env', 'create', 'x'], 2, /What is it made of\?/u],
    [['env', 'create', 'x', '--archive', 'a', '--conda', 'b'], 2, /cannot be used with/u],
    [['env', 'create', 'x', '--archive', 'no-such-file'], 1, /no-such-file cannot be read/u],
    [['env', 'create', 'x', '--wheels', 'w', '--conda', 'c'], 2, /belong to --requirements/u],
    [['env', 'update', 'late'], 2, /Nothing to change/u],
    [['env', 'show', 'nothing'], 1, /no environment with the id or name "nothing"/u],
    [['env', 'sync', 'nobody'], 1, /no node or group is named nobody/u],
    [['env', 'packages', 'late', '--refresh'], 2, /--node NAME/u],
    [['artifact', 'remove', 'late.tar'], 1, /belongs to the present version or the one before of late/u],
  ])('%j ends with %d and one clear line', async (args, code, message) => {
    const ended = await run(...args);
    expect([ended.code, ended.stderr]).toEqual([code, expect.stringMatching(message)]);
    expect(ended.stderr).not.toMatch(/\n\s+at /u);
  });
});
