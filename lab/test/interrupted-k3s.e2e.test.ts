import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab } from '../src/index.ts';
import { ClusterDriver } from './cluster-driver.ts';
import { hostState } from './host-state.ts';
import { k3sArtifacts } from './k3s-artifacts.ts';
import { nvidiaStandIns } from './nvidia-stand-in.ts';
import { packageFolder } from '../src/package-folder.ts';

/*
 * Docker, registry, k3s, hub and NVIDIA driver under kill -9, and reboots of machines of a cluster. Docker, registry and Slurm are real; k3s
 * and the driver are stand-ins (`on-host/k3s-stand-in`, `nvidia-stand-in.ts`).
 */
const lab = openLab({ name: `killed-${process.pid}` });
const cluster = new ClusterDriver(lab, 'node1');
const servers = ['node1', 'node2', 'node3'];
const names = [...servers, 'node4'];
const before = new Map<string, string[]>();
let artifacts = '';
let packages = '';

beforeAll(async () => {
  await lab.down();
  await lab.up(4);
  artifacts = mkdtempSync(join(tmpdir(), 'muster-k3s-'));
  await k3sArtifacts(artifacts);
  packages = mkdtempSync(join(tmpdir(), 'muster-lab-packages-'));
  const debs = await packageFolder(lab, ['docker.io', 'docker-registry', 'skopeo', 'slurmctld', 'slurmd', 'slurm-client', 'munge']);
  for (const name of readdirSync(debs)) if (name.endsWith('.deb')) symlinkSync(join(debs, name), join(packages, name));
  await nvidiaStandIns(packages);
  const beside = dirname(lab.inventoryPath);
  mkdirSync(join(beside, 'thu-vars'), { recursive: true });
  writeFileSync(join(beside, 'thu-vars', 'jupyterhub.yaml'), 'hub: {}\n');
  cluster.setVariables(
    [
      'convect_token=k3s_hub_token',
      'jhub_config_path=thu-vars/jupyterhub.yaml',
      'http_port=9000',
      `k3s_artifacts=${artifacts}`,
      `muster_packages=${packages}`,
      '[registry]\nnode1',
      '[docker]\nnode4',
      `[k3s_server]\n${servers.join('\n')}`,
      '[k3s_agent]\nnode4',
      '[slurm_controller]\nnode1',
      '[slurm_node]\nnode4',
    ].join('\n'),
  );
  for (const name of names) before.set(name, await hostState(cluster, name));
});

afterAll(async () => {
  await lab.down();
  for (const folder of [artifacts, packages]) if (folder !== '') rmSync(folder, { recursive: true, force: true });
});

const isStartOf = (phase: string) => (event: Record<string, unknown>) => event['event'] === 'phase-started' && event['phase'] === phase;

/** What was done to nodes of k3s, in order. */
const changesOfNodes = async (): Promise<string[]> => {
  const all = await cluster.on('node1', 'cat /var/lib/rancher/k3s/stand-in/changes');
  return all.split('\n').filter((line) => /^(?:drain|uncordon) /u.test(line));
};

/** Kills an apply as soon as a host answers yes, and says whether it was killed so. */
async function killedOnceTrue(host: string, question: string): Promise<boolean> {
  const child = lab.spawnIn(cluster.argv('apply', ['-o', 'json']), { cwd: join(import.meta.dirname, '..', '..') });
  let hasEnded = false;
  const closed = new Promise<void>((resolve) => child.on('close', () => resolve())).then(() => (hasEnded = true));
  child.stdout.resume();
  child.stderr.resume();
  const isTrue = () => cluster.on(host, `if ${question}; then echo yes; fi`).catch(() => '');
  for (;;) {
    if ((await isTrue()) === 'yes') break;
    if (hasEnded) return false;
    await sleep(100);
  }
  child.kill('SIGKILL');
  await closed;
  return true;
}

async function wholeAndQuiet(): Promise<void> {
  const { code, finished } = await cluster.applyJson();
  expect({ code, ...finished }).toMatchObject({ code: 0, failed: 0, failures: [] });
  for (const node of (await cluster.nodes()).values()) expect(node.health.state).toBe('good');
  const again = await cluster.applyJson();
  expect({ code: again.code, ...again.finished }).toMatchObject({ code: 0, changed: 0, failed: 0 });
}

/** The tests stand in order and build on each other. */
describe('a run with Docker, registry, k3s and hub that is killed with kill -9', () => {
  it.each([
    ['docker', 800],
    ['docker', 4000],
    ['registry', 100],
    ['registry', 1500],
    ['k3s-servers', 300],
    ['k3s-servers', 1500],
    ['k3s-servers', 4000],
    ['k3s-agents', 300],
    ['k3s-agents', 1500],
    ['hub', 50],
    ['hub', 400],
  ] as const)('in the phase %s, after %i ms', async (phase, waitMs) => {
    expect(await cluster.killedWhen('apply', isStartOf(phase), waitMs)).toBe(true);
  });

  it('goes on after all of that: every node good, and the next run changes nothing', wholeAndQuiet);

  it('leaves a Docker that pulls from the registry by TLS, with no setting of its own', async () => {
    const address = (await cluster.on('node1', "sed -n 's/^node-ip: //p' /etc/rancher/k3s/config.yaml")).trim();
    expect(await cluster.on('node4', `readlink /etc/docker/certs.d/${address}:5000/ca.crt`)).toBe('/etc/muster/pki/current/ca.pem');
    expect(await cluster.on('node4', `docker pull --quiet ${address}:5000/tests/tiny:1`)).toBe(`${address}:5000/tests/tiny:1`);
  });
});

const bootsOf = () => Promise.all(names.map((name) => cluster.on(name, 'cat /proc/sys/kernel/random/boot_id')));

describe('a reboot of machines of a running cluster for their driver', () => {
  it('is killed with kill -9: while the driver comes, and while a machine is drained', async () => {
    cluster.setVariables(
      'has_gpu=true\nnvidia_packages=nvidia-driver-stand-in\nnvidia_check_hardware=no\nnvidia_device_plugin=no\nk3s_wait_seconds=120',
    );
    expect(await cluster.killedWhen('apply', isStartOf('nvidia'), 1000)).toBe(true);
    expect(await killedOnceTrue('node1', "grep -q '^drain ' /var/lib/rancher/k3s/stand-in/changes")).toBe(true);
  });

  it('goes on: one server after the other, each let back before the next, and the node of Slurm works again', async () => {
    const [boots, cutOff] = [await bootsOf(), await changesOfNodes()];
    await wholeAndQuiet();
    const drained = new Set(cutOff.map((line) => line.split(' ')[1]));
    const order = (await changesOfNodes()).filter((line) => servers.some((name) => line.endsWith(` ${name}`) && !drained.has(name)));
    expect(order.length).toBeGreaterThanOrEqual(2 * (servers.length - drained.size));
    for (let at = 0; at < order.length; at += 2) expect(order[at + 1]).toBe(order[at]?.replace('drain', 'uncordon'));
    const booted = (await bootsOf()).filter((boot, at) => boot !== boots[at]);
    expect(booted.length).toBeGreaterThanOrEqual(names.length - drained.size);
    expect(await cluster.on('node1', 'k3s kubectl get nodes -o json')).not.toContain('unschedulable');
    expect(await cluster.on('node1', 'sinfo -h -N -n node4 -o %T')).toBe('idle');
    for (const name of names) expect(await cluster.on(name, 'nvidia-smi -L; ls /var/lib/muster-provision')).not.toContain('drained');
  });

  it('and all that was killed leave nothing after a reset, of which the server that stays is told', async () => {
    const one = await cluster.operator('reset', '--yes', '--limit', 'node4');
    expect([one.code, one.stderr]).toEqual([0, expect.not.stringContaining('cannot be kept')]);
    const [latest] = JSON.parse(await cluster.muster('runs', '--server', '-o', 'json')) as Record<string, unknown>[];
    expect(latest).toMatchObject({ command: 'reset', state: 'done', counts: { hosts: 1, changed: 1 } });
    expect((await cluster.operator('reset', '--yes')).code).toBe(0);
    for (const name of names) expect(await hostState(cluster, name)).toEqual(before.get(name));
  });
});
