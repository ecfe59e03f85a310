import { mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab } from '../src/index.ts';
import { ClusterDriver } from './cluster-driver.ts';
import { hostState } from './host-state.ts';
import { nvidiaStandIns } from './nvidia-stand-in.ts';
import { packageFolder } from '../src/package-folder.ts';

const lab = openLab({ name: `docker-${process.pid}` });
const cluster = new ClusterDriver(lab, 'node1');
let folder = '';
let before: string[] = [];

beforeAll(async () => {
  await lab.down();
  await lab.up(1);
  // The stand-ins beside Debian's packages, in a folder of their own.
  folder = mkdtempSync(join(tmpdir(), 'muster-lab-packages-'));
  const debs = await packageFolder(lab, ['docker.io']);
  for (const name of readdirSync(debs)) if (name.endsWith('.deb')) symlinkSync(join(debs, name), join(folder, name));
  await nvidiaStandIns(folder);
  // A mirror that is a folder of the host, with no package in it.
  await cluster.on('node1', 'mkdir -p /srv/mirror; : > /srv/mirror/Packages; echo "# of the host" > /etc/apt/sources.list.d/own.list');
  await cluster.on(
    'node1',
    'echo "deb http://own.invalid/debian bookworm main" >> /etc/apt/sources.list.d/own.list; useradd --create-home ada',
  );
  before = await hostState(cluster, 'node1');
  cluster.setVariables(
    [
      'apt_mirror=file:/srv/mirror',
      'apt_mirror_suites=./',
      'apt_mirror_trusted=yes',
      `muster_packages=${folder}`,
      'install_docker=yes',
      'docker_users=ada',
      'docker_daemon={"log-driver": "local"}',
      'has_gpu=true',
      'nvidia_packages=nvidia-driver-stand-in',
    ].join('\n'),
  );
});

afterAll(async () => {
  await lab.down();
  if (folder !== '') rmSync(folder, { recursive: true });
});

const bootId = () => cluster.on('node1', 'cat /proc/sys/kernel/random/boot_id');
const times = () =>
  cluster.on('node1', 'systemctl show -p ExecMainStartTimestampMonotonic docker.service containerd.service nvidia-persistenced.service');

/** The tests stand in the order of a host's life and build on each other. */
describe('package sources, Docker and a stand-in of the NVIDIA driver', () => {
  it('refuses a host that has no card, and says how it is meant', async () => {
    const { code, finished } = await cluster.applyJson('--dry-run');
    expect(code).toBe(1);
    expect(JSON.stringify(finished)).toMatch(/node1 has has_gpu=yes and no NVIDIA card/u);
    expect(await hostState(cluster, 'node1')).toEqual(before);
  });

  it('runs containers, and goes on after the reboot that the driver needs', async () => {
    cluster.setVariables('nvidia_check_hardware=no');
    const boot = await bootId();
    const { code, events, finished } = await cluster.applyJson();
    expect({ code, ...finished }).toMatchObject({ code: 0, changed: 1, failed: 0, failures: [] });
    const told = events.flatMap((event) => (event['changes'] as { what: string }[] | undefined) ?? []).map(({ what }) => what);
    expect(told).toEqual(
      expect.arrayContaining([
        'put /etc/apt/sources.list.d/own.list aside',
        `install docker.io from ${folder}`,
        'add the user ada to the group docker',
        `install nvidia-driver-stand-in, nvidia-container-toolkit from ${folder}`,
        'reboot, if nvidia-smi does not answer then',
      ]),
    );
    expect(await bootId()).not.toBe(boot);
    expect(await cluster.on('node1', 'nvidia-smi -L')).toContain('stand-in');
    expect(await cluster.on('node1', 'systemctl is-active docker.service nvidia-persistenced.service')).toBe('active\nactive');
    expect(await cluster.on('node1', "docker info --format '{{.LoggingDriver}} {{json .Runtimes}}'")).toMatch(/^local .*"nvidia"/u);
    expect(await cluster.on('node1', 'id -nG ada')).toContain('docker');
    expect(await cluster.on('node1', 'ls /etc/apt/sources.list.d; apt-get indextargets --format "\\$(URI)" | head -n 1')).toMatch(
      /^muster-mirror\.sources\nfile:\/srv\/mirror/u,
    );
  });

  it('changes nothing in a second run: no restart, no reboot', async () => {
    const [boot, started] = [await bootId(), await times()];
    const { code, events, finished } = await cluster.applyJson();
    const told = events.flatMap((event) => (event['changes'] as { what: string }[] | undefined) ?? []).map(({ what }) => what);
    expect(told).toEqual([]);
    expect({ code, ...finished }).toMatchObject({ code: 0, changed: 0, failed: 0 });
    expect(await bootId()).toBe(boot);
    expect(await times()).toBe(started);
  });

  it('goes without a trace, with containers that run: sources, rules, networks and accounts are as before', async () => {
    const image =
      'd=$(mktemp -d); cp -L "$(command -v docker-init)" $d/init; cp -L /bin/sleep $d/; tar -C $d -c init | docker import - mine:1; rm -r $d';
    await cluster.on('node1', `${image}; docker network create mine; docker create --network mine --name left mine:1 /init --version`);
    const reset = await cluster.operator('reset', '--yes');
    expect({ code: reset.code, stdout: reset.stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('1 host: 1 changed') as string,
    });
    expect(await hostState(cluster, 'node1')).toEqual(before);
    expect(await cluster.on('node1', 'ls /sys/class/net')).toBe('eth0\nlo');
    expect((await cluster.operator('reset', '--yes')).stdout).toContain('1 host: nothing changed');
  });
});
