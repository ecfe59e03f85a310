import { makeTar, makeWheel, type TarEntry, type Wheel } from '@muster/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab } from '../src/index.ts';
import { ClusterDriver } from './cluster-driver.ts';

const lab = openLab({ name: `environments-${process.pid}` });
const cluster = new ClusterDriver(lab, 'node1');

/** Of a node in `muster env status -o json`. */
type SeenSync = { nodeName: string; sync: string; summary: string; environments: string; failed: number };
type SeenItem = {
  nodeName: string;
  environment: string;
  sync: string;
  observedVersion: number | null;
  work: { state: string; message: string } | null;
};

beforeAll(async () => {
  await lab.down();
  await lab.up(3);
  const { code, finished } = await cluster.applyJson();
  expect({ code, ...finished }).toMatchObject({ code: 0, failed: 0 });
});

afterAll(() => lab.down());

/** The muster command on the server's host: what it waits for takes its time on a busy machine. */
async function muster(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.run('node1', ['muster', ...args], { timeoutSeconds: 200 });
  if (code !== 0) throw new Error(`muster ${args.join(' ')}: ${stderr}`);
  return stdout;
}

/** Puts bytes into a file of a host. */
async function put(host: string, path: string, content: Buffer): Promise<void> {
  const { code, stderr } = await lab.run(host, ['sh', '-c', 'mkdir -p "$(dirname "$1")" && base64 --decode > "$1"', 'sh', path], {
    input: content.toString('base64'),
    timeoutSeconds: 60,
  });
  if (code !== 0) throw new Error(stderr);
}

const status = async (...args: string[]): Promise<Map<string, SeenSync>> =>
  new Map((JSON.parse(await muster('env', 'status', '-o', 'json', ...args)) as SeenSync[]).map((one) => [one.nodeName, one]));
const itemsOf = async (name: string): Promise<Map<string, SeenItem>> =>
  new Map((JSON.parse(await muster('env', 'status', name, '-o', 'json')) as SeenItem[]).map((one) => [one.nodeName, one]));

/** Sets what a person decides about a node. */
async function turn(name: string, environments: 'on' | 'off'): Promise<void> {
  const { code, stderr } = await lab.run('node1', ['muster', 'node', 'ensure', '-'], {
    input: JSON.stringify([{ name, environments }]),
    timeoutSeconds: 60,
  });
  if (code !== 0) throw new Error(stderr);
}

/** What a user who is not root gets when he runs something of an environment. */
const asUser = (host: string, command: string): Promise<string> => cluster.on(host, `runuser -u muster-lab -- ${command}`);

const pinOf = ({ fileName, sha256 }: Wheel): string => `${fileName.split('-').slice(0, 2).join('==')} --hash=sha256:${sha256}\n`;

/** A stand-in for what conda-pack packs: a program, and a `conda-unpack` that notes where it stands and who runs it. */
function packed(version: string, more: readonly TarEntry[] = []): Buffer {
  const condaUnpack =
    'import os\nprefix = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))\nopen(prefix + "/unpacked", "w").write("%s %d" % (prefix, os.getuid()))\n';
  return makeTar([
    { path: 'bin/python', content: '#!/bin/sh\nexec /usr/bin/python3 "$@"\n', mode: 0o755 },
    { path: 'bin/conda-unpack', content: condaUnpack, mode: 0o755 },
    { path: 'bin/tell', content: `#!/bin/sh\necho ${version}\n`, mode: 0o6755 },
    { path: 'bin/wait', content: '#!/bin/sh\nwhile sleep 1; do "$(dirname "$0")/tell" > /run/told; done\n', mode: 0o755 },
    ...more,
  ]);
}

const root = '/var/lib/muster-environments';
const stable = '/opt/muster-environments';

/** The tests stand in the order of an environment's life and build on each other. */
describe('environments on real hosts', () => {
  it('are off on a host that is only the driver, and on for workers', async () => {
    expect([...(await status()).values()].map(({ nodeName, environments }) => [nodeName, environments])).toEqual([
      ['node1', 'off'],
      ['node2', 'on'],
      ['node3', 'on'],
    ]);
  });

  it('of wheels are made on every worker without any internet, and work for any user', async () => {
    const world = makeWheel('world', '2.0', 'name = "world"\n');
    const hello = makeWheel('hello', '1.0', 'import world\nprint("hello " + world.name)\n', ['world']);
    for (const { fileName, content } of [world, hello]) await put('node1', `/root/wheels/${fileName}`, content);
    await put('node1', '/root/requirements.txt', Buffer.from(pinOf(hello) + pinOf(world)));
    const from = ['--requirements', '/root/requirements.txt', '--wheels', '/root/wheels'];
    const said = await muster('env', 'create', 'web', ...from, '--wait', '--timeout', '180');
    expect(said).toMatch(/^web is created, version 1/u);
    for (const host of ['node2', 'node3'])
      expect(await asUser(host, `${stable}/web/current/bin/python -c "import hello"`)).toBe('hello world');
    expect(await cluster.on('node1', `ls -A ${root} 2>/dev/null || true`)).toBe('');
    const packages = JSON.parse(await muster('env', 'packages', 'web', '-o', 'json')) as { name: string }[];
    expect(packages.map(({ name }) => name)).toEqual(expect.arrayContaining(['hello', 'world']));
    expect(await muster('env', 'export', 'web', '--lock')).toMatch(/^hello==1\.0$/mu);
  });

  it('belong to root, whoever built them, and nobody else may write in them', async () => {
    expect(await cluster.on('node2', `find ${root} \\( ! -user root -o -perm /6022 \\) ! -type l | head -5`)).toBe('');
  });

  it('of an archive are unpacked and rewritten by a user without rights', async () => {
    await put('node1', '/root/ml-1.tar', packed('one'));
    await muster('env', 'create', 'ml', '--archive', '/root/ml-1.tar', '--wait', '--timeout', '150');
    expect(await asUser('node2', `${stable}/ml/current/bin/tell`)).toBe('one');
    expect(await cluster.on('node2', `cat ${stable}/ml/current/unpacked`)).toBe(`${root}/ml/1 64821`);
  });

  it('are switched under a process that goes on with the old one', async () => {
    await cluster.on('node2', `systemd-run --quiet --unit=old-job ${stable}/ml/current/bin/wait`);
    await put('node1', '/root/ml-2.tar', packed('two'));
    await muster('env', 'update', 'ml', '--archive', '/root/ml-2.tar', '--wait', '--timeout', '150');
    expect(await asUser('node2', `${stable}/ml/current/bin/tell`)).toBe('two');
    expect(await cluster.on('node2', 'sleep 2; systemctl is-active old-job')).toBe('active');
    expect(await cluster.on('node2', `${root}/ml/1/bin/tell`)).toBe('one');
    await cluster.on('node2', 'systemctl stop old-job');
  });

  it('are not begun from an archive that leads out of its place, and what was in use stays', async () => {
    await put('node1', '/root/evil.tar', packed('evil', [{ path: '../../../../etc/cron.d/evil', content: '* * * * * root id\n' }]));
    const { code, stderr } = await lab.run(
      'node1',
      ['muster', 'env', 'update', 'ml', '--archive', '/root/evil.tar', '--wait', '--timeout', '150'],
      { timeoutSeconds: 200 },
    );
    expect([code, stderr]).toEqual([1, expect.stringContaining('it has a path that leads out of it')]);
    expect(await cluster.on('node2', 'ls /etc/cron.d')).not.toContain('evil');
    expect(await asUser('node2', `${stable}/ml/current/bin/tell`)).toBe('two');
  });

  it('go on to be built while the agent is killed, which finds them again', async () => {
    const slow = makeTar([
      { path: 'bin/python', content: '#!/bin/sh\nexec /usr/bin/python3 "$@"\n', mode: 0o755 },
      { path: 'bin/conda-unpack', content: 'import time\ntime.sleep(8)\n', mode: 0o755 },
      { path: 'bin/tell', content: '#!/bin/sh\necho three\n', mode: 0o755 },
    ]);
    await put('node1', '/root/ml-3.tar', slow);
    await muster('env', 'update', 'ml', '--archive', '/root/ml-3.tar');
    await expect
      .poll(() => cluster.on('node2', 'systemctl is-active muster-environments || true'), { timeout: 30_000, interval: 250 })
      .toBe('active');
    await cluster.on('node2', 'systemctl kill --signal=KILL muster-agent; systemctl is-active muster-environments');
    await expect
      .poll(async () => (await itemsOf('ml')).get('node2'), { timeout: 60_000, interval: 1000 })
      .toMatchObject({ sync: 'in-sync', work: { state: 'success' } });
    expect(await asUser('node2', `${stable}/ml/current/bin/tell`)).toBe('three');
  });

  it('whose build is killed leave what was in use, say so, and are level after a sync', async () => {
    await put(
      'node1',
      '/root/ml-4.tar',
      makeTar([
        { path: 'bin/python', content: '#!/bin/sh\nexec /usr/bin/python3 "$@"\n', mode: 0o755 },
        { path: 'bin/conda-unpack', content: 'import os, time\nif not os.path.exists("/run/go"): time.sleep(60)\n', mode: 0o755 },
        { path: 'bin/tell', content: '#!/bin/sh\necho four\n', mode: 0o755 },
      ]),
    );
    await cluster.on('node3', 'touch /run/go');
    await muster('env', 'update', 'ml', '--archive', '/root/ml-4.tar');
    await expect
      .poll(() => cluster.on('node2', 'systemctl is-active muster-environments || true'), { timeout: 30_000, interval: 250 })
      .toBe('active');
    await cluster.on('node2', 'sleep 1; systemctl kill --signal=KILL muster-environments');
    await expect
      .poll(async () => (await itemsOf('ml')).get('node2'), { timeout: 60_000, interval: 1000 })
      .toMatchObject({ sync: 'out-of-sync', work: { state: 'failed', message: expect.stringMatching(/ended without a word/u) } });
    expect(await asUser('node2', `${stable}/ml/current/bin/tell`)).toBe('three');
    await cluster.on('node2', 'touch /run/go');
    await muster('env', 'sync', 'node2', '--wait', '--timeout', '150');
    expect(await asUser('node2', `${stable}/ml/current/bin/tell`)).toBe('four');
    expect(await cluster.on('node2', `ls -A ${root}/ml`)).toBe(['4', '4.json', '5', '5.json', 'current'].join('\n'));
  });

  it('reach a node that was cut off while they were created', async () => {
    await lab.cut('node3', { silent: true });
    await cluster.until('node3', 'bad');
    await put('node1', '/root/late.tar', packed('late'));
    const said = await lab.run('node1', ['muster', 'env', 'create', 'late', '--archive', '/root/late.tar', '--wait', '--timeout', '150'], {
      timeoutSeconds: 90,
    });
    expect([said.code, said.stderr]).toEqual([0, expect.stringContaining('off or away')]);
    await lab.heal('node3');
    await expect
      .poll(async () => (await itemsOf('late')).get('node3'), { timeout: 90_000, interval: 1000 })
      .toMatchObject({ sync: 'in-sync' });
  });

  it('drift only where they are off, are shown then, and are brought level on demand', async () => {
    await turn('node3', 'off');
    await put('node1', '/root/off.tar', packed('off'));
    await muster('env', 'create', 'off', '--archive', '/root/off.tar', '--wait', '--timeout', '150');
    await muster('env', 'remove', 'late', '--wait', '--timeout', '150');
    expect((await status()).get('node3')).toMatchObject({ sync: 'off', summary: '' });
    await turn('node3', 'on');
    await expect
      .poll(async () => (await status()).get('node3'), { timeout: 20_000, interval: 500 })
      .toMatchObject({
        sync: 'out-of-sync',
        summary: 'late: there, and should not be; off: missing',
      });
    await muster('env', 'sync', 'node3', '--wait', '--timeout', '150');
    await expect.poll(async () => (await status()).get('node3')?.sync, { timeout: 20_000, interval: 500 }).toBe('in-sync');
    expect(await cluster.on('node3', `ls ${root}`)).toBe(['ml', 'off', 'web'].join('\n'));
  });

  it('leave nothing behind when they are removed', async () => {
    for (const name of ['ml', 'off', 'web']) await muster('env', 'remove', name, '--wait', '--timeout', '150');
    for (const host of ['node2', 'node3']) {
      await expect.poll(() => cluster.on(host, `ls -A ${root}`), { timeout: 20_000 }).toBe(['.lock', '.muster-environments'].join('\n'));
      expect(await cluster.on(host, 'systemctl list-units --all --plain --no-legend "muster-environments*"')).toBe('');
    }
    const artifacts = JSON.parse(await muster('artifact', 'list', '-o', 'json')) as { name: string; usedBy: string[] }[];
    expect(artifacts.flatMap(({ usedBy }) => usedBy)).toEqual([]);
    await muster('artifact', 'remove', ...artifacts.map(({ name }) => name));
    expect(await cluster.on('node1', 'ls -A /var/lib/muster/artifacts')).toBe('');
  });
});
