import { existsSync, readFileSync, statSync } from 'node:fs';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { keyUser, openLab, passwordUser } from '../src/index.ts';
import type { CommandResult } from '../src/index.ts';

const lab = openLab({ name: `smoke-${process.pid}` });
const mounts = (): string[] => readFileSync('/proc/mounts', 'utf8').split('\n');
const mountsBefore = mounts();

/** Logs in as tests of the product do: with the lab's key, and only if the host shows the key the lab noted. */
function ssh(address: string, command: string, user: string = keyUser.name, input = ''): Promise<CommandResult> {
  const options = ['StrictHostKeyChecking=yes', `UserKnownHostsFile=${lab.knownHostsPath}`, 'BatchMode=yes', 'ConnectTimeout=2'];
  const argv = [
    'ssh',
    '-F',
    'none',
    '-i',
    lab.privateKeyPath,
    ...options.flatMap((option) => ['-o', option]),
    `${user}@${address}`,
    command,
  ];
  return lab.exec(argv, { input, timeoutSeconds: 30 });
}

beforeAll(async () => {
  await lab.down();
  await lab.up(2);
});

afterAll(() => lab.down());

describe('a lab of two hosts', () => {
  const [first, second] = ['node1', 'node2'];
  const addressOf = (name: string): string => lab.hosts.find((host) => host.name === name)!.address;

  it('has real hosts: own name, systemd as PID 1 and content, nothing failed', async () => {
    const { hosts } = await lab.status();
    expect(hosts).toMatchObject([
      { name: first, power: 'on', network: 'up' },
      { name: second, power: 'on', network: 'up' },
    ]);
    const seen = await lab.run(second, [
      'sh',
      '-c',
      'hostname; cat /proc/1/comm; systemctl is-system-running --wait; systemctl is-active cron',
    ]);
    expect(seen.stdout.split('\n')).toEqual([second, 'systemd', 'running', 'active', '']);
  });

  it('lets the key user in with sudo, by name to the other host', async () => {
    const seen = await ssh(addressOf(first), `hostname; sudo -n id -u; getent hosts ${second} >/dev/null && echo found`);
    expect(seen).toMatchObject({ code: 0, stdout: `${first}\n0\nfound\n` });
    expect(statSync(lab.privateKeyPath).mode & 0o777).toBe(0o600);
  });

  it('has a second user whose sudo asks for the password', async () => {
    expect((await ssh(addressOf(first), 'sudo -n true', passwordUser.name)).code).toBe(1);
    const password = readFileSync(lab.sudoPasswordPath, 'utf8');
    expect(await ssh(addressOf(first), 'sudo -S -p "" id -u', passwordUser.name, password)).toMatchObject({ code: 0, stdout: '0\n' });
  });

  it('gives each host keys and ids of its own', async () => {
    const ids = await Promise.all(
      [first, second].map((name) => lab.run(name, ['cat', '/etc/machine-id', '/proc/sys/kernel/random/boot_id'])),
    );
    expect(new Set(ids.flatMap((seen) => seen.stdout.trim().split('\n'))).size).toBe(4);
    const keys = readFileSync(lab.knownHostsPath, 'utf8')
      .trim()
      .split('\n')
      .map((line) => line.split(' ')[2]);
    expect(new Set(keys).size).toBe(4);
  });

  it.each([{ silent: false }, { silent: true }])('cuts a host off and heals it: %j', async (options) => {
    await lab.cut(second, options);
    expect((await ssh(addressOf(second), 'true')).code).toBe(255);
    expect((await ssh(addressOf(first), 'true')).code).toBe(0);
    expect((await lab.run(second, ['hostname'])).stdout).toBe(`${second}\n`);
    await lab.heal(second);
    expect(await ssh(addressOf(second), 'true')).toMatchObject({ code: 0 });
  });

  it('reboots a host: a new boot id, the same disk', async () => {
    const bootId = ['cat', '/proc/sys/kernel/random/boot_id'];
    await lab.run(second, ['touch', '/etc/kept']);
    const before = await lab.run(second, bootId);
    await lab.reboot(second);
    expect((await lab.run(second, bootId)).stdout).not.toBe(before.stdout);
    expect((await ssh(addressOf(second), 'ls /etc/kept')).code).toBe(0);
  });

  it('powers a host off and on', async () => {
    await lab.kill(second);
    expect((await lab.status()).hosts[1]).toMatchObject({ power: 'off', network: 'none' });
    await lab.kill(second);
    await lab.start(second);
    expect((await ssh(addressOf(second), 'true')).code).toBe(0);
  });

  it('grows, and refuses to shrink', async () => {
    await lab.up(3);
    expect(lab.hosts.map((host) => host.name)).toEqual([first, second, 'node3']);
    await expect(lab.up(1)).rejects.toThrow(/3 hosts already/);
    await expect(lab.run('node9', ['true'])).rejects.toThrow(/no host "node9"/);
  });

  it('is revived after its keeper was killed', async () => {
    process.kill((await lab.status()).keeper!, 'SIGKILL');
    await expect.poll(async () => (await lab.status()).state).toBe('broken');
    expect(() => lab.execArgv(['true'])).toThrow(/not up/);
    await lab.up(3);
    expect((await ssh(addressOf(second), 'ls /etc/kept')).code).toBe(0);
  });

  it('leaves nothing behind, not even what a test forgot to end', async () => {
    const forgotten = lab.spawnIn(['sh', '-c', 'echo inside; exec sleep 600']);
    await new Promise((resolve) => forgotten.stdout.once('data', resolve));
    const ended = new Promise((resolve) => forgotten.on('exit', (_code, signal) => resolve(signal)));
    await lab.down();
    expect(await ended).toBe('SIGKILL');
    expect(lab.remains()).toEqual([]);
    expect(mounts().filter((line) => !mountsBefore.includes(line))).toEqual([]);
    expect(existsSync(lab.inventoryPath)).toBe(false);
    expect(existsSync(lab.settings.stateDir)).toBe(false);
    expect(await lab.status()).toMatchObject({ state: 'down', hosts: [] });
  });
});
