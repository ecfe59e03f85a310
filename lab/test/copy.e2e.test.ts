import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab } from '../src/index.ts';

const lab = openLab({ name: `copy-${process.pid}` });
const names = ['node1', 'node2', 'node3', 'node4'];
const folder = mkdtempSync(join(tmpdir(), 'muster-copy-'));
const [small, large] = [join(folder, 'small'), join(folder, 'large')];
const digests = new Map<string, string>();

type SeenHost = {
  readonly host: string;
  readonly status: string;
  readonly from?: string;
  readonly sentBytes: number;
  readonly failure?: { readonly message: string };
};

function makeFile(file: string, megabytes: number): void {
  const content = randomBytes(megabytes * 1024 * 1024);
  digests.set(file, createHash('sha256').update(content).digest('hex'));
  writeFileSync(file, content);
}

const argv = (file: string, target: string, ...options: string[]): string[] => [
  join(import.meta.dirname, '..', '..', 'bin', 'muster'),
  ...['copy', file, target, '-i', lab.inventoryPath, '--known-hosts', lab.knownHostsPath, '-o', 'json', ...options],
];

/** Copies, and what it said of each host. */
async function copy(...args: Parameters<typeof argv>): Promise<{ code: number; hosts: SeenHost[] }> {
  const { code, stdout, stderr } = await lab.exec(argv(...args), { timeoutSeconds: 150 });
  if (!stdout.startsWith('{')) throw new Error(`muster copy said no JSON (${code}): ${stdout}${stderr}`);
  return { code, hosts: (JSON.parse(stdout) as { hosts: SeenHost[] }).hosts };
}

async function on(host: string, script: string): Promise<string> {
  return (await lab.run(host, ['sh', '-s'], { input: script, timeoutSeconds: 120 })).stdout.trim();
}

const onAll = (hosts: readonly string[], script: string): Promise<string[]> => Promise.all(hosts.map((host) => on(host, script)));

const statuses = (hosts: readonly SeenHost[]): string[] => hosts.map(({ status }) => status);

const MEGABYTE = 1024 * 1024;

beforeAll(async () => {
  await lab.down();
  await lab.up(names.length);
  makeFile(small, 16);
  makeFile(large, 200);
});

afterAll(async () => {
  await lab.down();
  rmSync(folder, { recursive: true, force: true });
});

/** The tests stand in order and build on each other. */
describe('muster copy to real hosts', () => {
  const target = '/var/tmp/small';

  it('brings the file to all of them, sent once by this machine and given on by those that have it', async () => {
    const { code, hosts } = await copy(small, target, '--mode', '0644', '--owner', 'root:root');
    expect([code, statuses(hosts)]).toEqual([0, names.map(() => 'changed')]);
    expect(hosts.map(({ sentBytes }) => sentBytes).toSorted((a, b) => a - b)).toEqual([0, 0, 0, 16 * MEGABYTE]);
    expect(hosts.filter(({ from }) => from !== undefined)).toHaveLength(3);
    expect(await onAll(names, `sha256sum <${target}; stat -c '%a %U:%G' ${target}; ls -A /var/tmp | grep muster-upload`)).toEqual(
      names.map(() => `${digests.get(small)}  -\n644 root:root`),
    );
  });

  it('leaves it alone the second time, and nothing of the giving is left', async () => {
    const before = await onAll(names, `stat -c '%i %y %z' ${target}`);
    const { code, hosts } = await copy(small, target, '--mode', '0644', '--owner', 'root:root');
    expect([code, statuses(hosts)]).toEqual([0, names.map(() => 'unchanged')]);
    expect(hosts.every(({ sentBytes, from }) => sentBytes === 0 && from === undefined)).toBe(true);
    expect(await onAll(names, `stat -c '%i %y %z' ${target}`)).toEqual(before);
    await expect.poll(() => onAll(names, 'pgrep -c systemd-socket || true'), { timeout: 30_000 }).toEqual(names.map(() => '0'));
  });

  it('goes on after a kill -9 in its middle where it was', async () => {
    const place = '/var/tmp/resumed';
    // What receives is frozen in the middle, so the middle lasts as long as it takes to kill.
    const isFrozen = on(
      'node1',
      `until [ "$(stat -c %s /var/tmp/.muster-upload-* 2>/dev/null || echo 0)" -gt ${8 * MEGABYTE} ]; do sleep 0.01; done; pkill -STOP -x cat`,
    );
    const client = lab.spawnIn(argv(large, place, '--limit', 'node1'));
    const ended = new Promise((resolve) => client.once('exit', resolve));
    await isFrozen;
    expect(await on('node1', `test -e ${place} || echo absent`)).toBe('absent');
    client.kill('SIGKILL');
    await ended;
    await on('node1', 'pkill -CONT -x cat');
    const part = `/var/tmp/.muster-upload-${digests.get(large)?.slice(0, 32)}.part`;
    await expect.poll(() => on('node1', `test -s ${part} && echo kept`), { timeout: 30_000 }).toBe('kept');
    const keptBytes = Number(await on('node1', `stat -c %s ${part}`));
    const { code, hosts } = await copy(large, place, '--limit', 'node1');
    expect([code, hosts]).toMatchObject([0, [{ status: 'changed', sentBytes: 200 * MEGABYTE - keptBytes }]]);
    expect(await on('node1', `sha256sum <${place}; ls -A /var/tmp | grep muster-upload`)).toBe(`${digests.get(large)}  -`);
  });

  it('passes it on from host to host while it comes', async () => {
    await Promise.all(names.map((host) => on(host, 'tc qdisc add dev eth0 root tbf rate 200mbit burst 1mb latency 100ms')));
    const place = '/var/tmp/passed';
    const copying = copy(large, place, '-f', '4');
    // All four have some of it at once, and none has all: each but the last gives what it has not got to the end.
    const sizes = `stat -c %s /var/tmp/.muster-upload-* 2>/dev/null || echo 0`;
    const isUnderWay = async (): Promise<boolean> => (await onAll(names, sizes)).every((size) => Number(size) > 0);
    await expect.poll(isUnderWay, { timeout: 60_000, interval: 100 }).toBe(true);
    const { code, hosts } = await copying;
    expect([code, statuses(hosts)]).toEqual([0, names.map(() => 'changed')]);
    expect(new Set(hosts.map(({ from }) => from)).size).toBe(4);
    expect(await onAll(names, `sha256sum <${place}; ls -A /var/tmp | grep muster-upload`)).toEqual(
      names.map(() => `${digests.get(large)}  -`),
    );
  });

  it.each([
    { which: 'the one that this machine sends to', looks: 'pgrep -x perl && ! pgrep -f "^timeout --foreground"' },
    { which: 'one in the middle of the row', looks: 'pgrep -x perl && pgrep -f "^timeout --foreground"' },
  ])('brings it to the others when a host dies that passes it on: $which', async ({ which, looks }) => {
    const place = `/var/tmp/${which.replaceAll(' ', '-')}`;
    // A host that lost its power says nothing: it is given up after fifteen seconds of silence.
    const config = join(folder, 'ssh_config');
    writeFileSync(config, 'Host *\n  ServerAliveInterval 5\n  ServerAliveCountMax 3\n');
    const copying = copy(large, place, '-f', '4', '--ssh-config', config);
    const passes = async (): Promise<string | undefined> => {
      const seen = await onAll(names, `{ ${looks}; } >/dev/null && echo passes`);
      return names.find((_name, at) => seen[at] === 'passes');
    };
    let dead = '';
    await expect.poll(async () => (dead = (await passes()) ?? ''), { timeout: 60_000, interval: 50 }).not.toBe('');
    await lab.kill(dead);
    const { hosts } = await copying;
    const alive = names.filter((host) => host !== dead);
    const ends = hosts.filter(({ host }) => alive.includes(host)).map(({ status, failure }) => failure?.message ?? status);
    expect(ends).toEqual(alive.map(() => 'changed'));
    expect(hosts.find(({ host }) => host === dead)?.status).toBe('failed');
    expect(await onAll(alive, `sha256sum <${place}; ls -A /var/tmp | grep muster-upload`)).toEqual(
      alive.map(() => `${digests.get(large)}  -`),
    );
    await lab.start(dead);
    await on(dead, 'rm -f /var/tmp/.muster-upload-*; tc qdisc add dev eth0 root tbf rate 200mbit burst 1mb latency 100ms');
  });
});
