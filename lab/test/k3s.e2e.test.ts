import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab } from '../src/index.ts';
import { ClusterDriver } from './cluster-driver.ts';
import { hostState } from './host-state.ts';
import { k3sArtifacts, putStandIn } from './k3s-artifacts.ts';
import { packageFolder } from '../src/package-folder.ts';

/*
 * k3s, registry and hub of the guide's variables. The registry is real: Debian's docker-registry. k3s is NOT: what stands in the artifact
 * folder as the k3s binary is a stand-in (`on-host/k3s-stand-in`), and so is the page of the hub that it serves.
 */
const lab = openLab({ name: `k3s-${process.pid}` });
const cluster = new ClusterDriver(lab, 'node1');
const names = ['node1', 'node2', 'node3'];
const before = new Map<string, string[]>();
const secret = 'k3s_hub_token';
let artifacts: string;

beforeAll(async () => {
  await lab.down();
  await lab.up(3);
  artifacts = mkdtempSync(join(tmpdir(), 'muster-k3s-'));
  await k3sArtifacts(artifacts);
  const beside = dirname(lab.inventoryPath);
  mkdirSync(join(beside, 'thu-vars'), { recursive: true });
  writeFileSync(join(beside, 'thu-vars', 'jupyterhub.yaml'), 'hub:\n  extraVolumes: ["{{ convect_workdir }}"]\n');
  const packages = await packageFolder(lab, ['docker-registry', 'skopeo']);
  cluster.setVariables(
    [
      'convect_workdir=/tmp/convecthub',
      `convect_token=${secret}`,
      'has_gpu=false',
      'jhub_config_path=thu-vars/jupyterhub.yaml',
      'http_port=9000',
      'https_port=9443',
      `k3s_artifacts=${artifacts}`,
      `muster_packages=${packages}`,
      '[registry]',
      'node1',
    ].join('\n'),
  );
  for (const name of names) before.set(name, await hostState(cluster, name));
});

afterAll(async () => {
  await lab.down();
  rmSync(artifacts, { recursive: true, force: true });
});

const kubectl = (words: string) => cluster.on('node1', `k3s kubectl ${words}`);

async function nodesOfK3s(): Promise<string[]> {
  const { items } = JSON.parse(await kubectl('get nodes -o json')) as {
    items: { metadata: { name: string }; status: { conditions: { status: string }[]; nodeInfo: { kubeletVersion: string } } }[];
  };
  return items.map(({ metadata, status }) => `${metadata.name} ${status.conditions[0]?.status ?? ''} ${status.nodeInfo.kubeletVersion}`);
}

const startTimes = (host: string) =>
  cluster.on(host, 'systemctl show -p ExecMainStartTimestampMonotonic k3s.service k3s-agent.service docker-registry.service');

/** The tests stand in the order of a cluster's life and build on each other. */
describe('k3s (a stand-in), registry and hub of muster apply', () => {
  it('make a cluster of the variables of the guide', async () => {
    const { code, finished } = await cluster.applyJson();
    expect({ code, ...finished }).toMatchObject({ code: 0, changed: 3, failed: 0, failures: [] });
    expect(await nodesOfK3s()).toEqual(names.map((name) => `${name} True v1.30.0+k3s1`));
  });

  it('serve images from the registry by TLS of the node, and take none from the network', async () => {
    const address = (await cluster.on('node1', "sed -n 's/^node-ip: //p' /etc/rancher/k3s/config.yaml")).trim();
    const curl = (words: string) => cluster.on('node3', `curl -sS --cacert /var/lib/muster-agent/identity/current/root.pem ${words}`);
    const url = `https://${address}:5000/v2/tests/tiny`;
    const pulled = await curl(`-f -H "Accept: application/vnd.docker.distribution.manifest.v2+json" ${url}/manifests/1`);
    expect((JSON.parse(pulled) as { layers: unknown[] }).layers).toHaveLength(1);
    expect(await curl(`-o /dev/null -w '%{http_code}' -X POST ${url}/blobs/uploads/`)).toBe('405');
    expect(await cluster.on('node3', 'cat /etc/rancher/k3s/registries.yaml')).toContain(`https://${address}:5000`);
  });

  it('keep the token to root, and out of arguments, environment and journal', async () => {
    for (const name of names) {
      expect(await cluster.on(name, 'stat -c "%a %U" /etc/rancher/k3s/token /etc/rancher/k3s/config.yaml')).toBe('600 root\n600 root');
      const seen = await cluster.on(
        name,
        'journalctl --no-pager -o cat; cat /var/lib/rancher/k3s/stand-in/calls.jsonl /etc/rancher/k3s/config.yaml',
      );
      expect(seen.includes(secret)).toBe(false);
    }
  });

  it('change nothing in a second run, and restart nothing', async () => {
    const times = await Promise.all(names.map((name) => startTimes(name)));
    const { code, finished } = await cluster.applyJson();
    expect({ code, ...finished }).toMatchObject({ code: 0, changed: 0, failed: 0 });
    expect(await Promise.all(names.map((name) => startTimes(name)))).toEqual(times);
  });

  it('are upgraded, and a step back is refused before anything is touched', async () => {
    putStandIn(artifacts, 'v1.31.2+k3s1');
    const { code, finished } = await cluster.applyJson();
    expect({ code, ...finished }).toMatchObject({ code: 0, changed: 3, failed: 0 });
    expect(await nodesOfK3s()).toEqual(names.map((name) => `${name} True v1.31.2+k3s1`));
    putStandIn(artifacts, 'v1.30.0+k3s1');
    const back = await cluster.applyJson();
    expect(back.code).toBe(1);
    expect(JSON.stringify(back.finished['failures'])).toContain('k3s does not go back');
    putStandIn(artifacts, 'v1.31.2+k3s1');
  });

  it('give their kubeconfig, with an address that others reach', async () => {
    const file = join(artifacts, 'kubeconfig');
    const { code, stderr } = await cluster.operator('kubeconfig', '--file', file);
    expect([code, stderr]).toEqual([0, '']);
    const { stdout } = await lab.exec(['stat', '-c', '%a', file]);
    expect(stdout.trim()).toBe('600');
  });

  it('let a node go, and leave it as it was', async () => {
    const reset = await cluster.operator('reset', '--yes', '--limit', 'node3', '-o', 'json');
    expect(reset.code).toBe(0);
    expect(await hostState(cluster, 'node3')).toEqual(before.get('node3'));
    expect((await nodesOfK3s()).map((line) => line.split(' ')[0])).toEqual(['node1', 'node2']);
  });

  it('go with the API down, and leave the hosts as they were', async () => {
    await cluster.on('node1', 'systemctl kill --signal=KILL k3s.service; systemctl stop k3s.service');
    const reset = await cluster.operator('reset', '--yes');
    expect(reset.stdout).toContain('3 hosts: 2 changed');
    expect(reset.code).toBe(0);
    for (const name of names) expect(await hostState(cluster, name)).toEqual(before.get(name));
    const again = await cluster.operator('reset', '--yes');
    expect(again.stdout).toContain('3 hosts: nothing changed');
  });
});
