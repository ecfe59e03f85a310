import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SshError } from '@muster/ssh';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClusterFixture, KeptReport } from '../../test/cluster-fixture.ts';
import { grammarProblems } from '../../test/dash.ts';
import { FakeK3s, FakeK3sCluster, putArtifacts } from '../../test/fake-k3s.ts';
import { FakeRegistry } from '../../test/fake-registry.ts';
import { apply, phasesFor } from '../index.ts';

const secret = 'k3s_hub_token';
const phases = new Set(['artifacts', 'k3s-servers', 'k3s-agents', 'hub']);
const configOf = (name: string): string => fixture.host(name).files.get('/etc/rancher/k3s/config.yaml') ?? '';

let folder: string;
let fixture: ClusterFixture;
let k3s: ReadonlyMap<string, FakeK3s>;
let cluster: FakeK3sCluster;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'muster-k3s-'));
  putArtifacts(folder);
  use(oneServer());
});
afterEach(() => rmSync(folder, { recursive: true }));

const variables = () => `[all:vars]\nk3s_artifacts=${folder}\nk3s_wait_seconds=1\n`;
const oneServer = (more = `convect_token=${secret}\n`) =>
  `[driver]\nboss ansible_host=10.0.0.10\n[worker]\nweb1 ansible_host=10.0.0.11\nweb2 ansible_host=10.0.0.12\n${variables()}${more}`;
const threeServers = (more = '') =>
  `[driver]\nboss ansible_host=10.0.0.10\n[k3s_server]\nboss\nweb1 ansible_host=10.0.0.11\nweb2 ansible_host=10.0.0.12\n${variables()}${more}`;

function use(inventory: string): void {
  fixture = new ClusterFixture(inventory);
  cluster = new FakeK3sCluster();
  k3s = FakeK3s.onAll(fixture.hosts, cluster);
}

async function applied(change: Parameters<ClusterFixture['options']>[0] = {}) {
  for (const host of fixture.hosts.values()) host.forget();
  cluster.done.length = 0;
  const report = new KeptReport();
  const result = await apply(fixture.options(change), report);
  const told = report.outcomes.filter(({ phase }) => phases.has(phase));
  const changes = (name: string) => told.filter(({ host }) => host === name).flatMap((one) => one.changes.map(({ what }) => what));
  return { result, report, changes, why: (name: string) => result.failures.get(name)?.message ?? '' };
}

describe('k3s in a run', () => {
  it('makes a server and agents that know its authority, and runs a pod on each', async () => {
    const { result } = await applied();
    expect([...result.failures.values()]).toEqual([]);
    expect(configOf('boss')).toMatch(
      /token-file: \/etc\/rancher\/k3s\/token\nnode-name: boss\nnode-ip: 10\.0\.0\.10\nflannel-iface: eth0\n/u,
    );
    expect(configOf('boss')).not.toMatch(/cluster-init|^server:/mu);
    expect(configOf('web1')).toContain('server: https://10.0.0.10:6443\n');
    expect([k3s.get('boss')?.token, k3s.get('web1')?.token]).toEqual([secret, `K10abc::server:${secret}`]);
    expect(cluster.done).toEqual(expect.arrayContaining(['run a pod on boss', 'run a pod on web1', 'run a pod on web2']));
    expect(cluster.done.indexOf('run a pod on boss')).toBeLessThan(cluster.done.indexOf('start web1'));
  });

  it('changes nothing in a second run', async () => {
    await applied();
    const { changes } = await applied();
    for (const [name, host] of fixture.hosts) {
      expect(changes(name)).toEqual([]);
      expect(host.steps).toEqual([]);
    }
  });

  it('says in a dry run what it can know, and changes nothing', async () => {
    const { result, changes } = await applied({ dryRun: true });
    expect(result.failures.size).toBe(0);
    expect(changes('boss')).toContain('make the token of the cluster');
    expect(changes('web1')).toEqual(expect.arrayContaining(['take the token of the cluster', 'start k3s-agent.service']));
    for (const host of fixture.hosts.values()) expect(host.uploads).toEqual([]);
  });

  it('makes a token where the inventory has none, and keeps it', async () => {
    use(oneServer('install_k3s=yes\n'));
    await applied();
    expect(k3s.get('web2')?.token).toBe('K10abc::server:made by boss');
    expect((await applied()).changes('boss')).toEqual([]);
  });

  it('has the token in no script, label or report', async () => {
    const { report } = await applied();
    for (const host of fixture.hosts.values()) {
      for (const { label, script } of host.sent) expect([label, script.includes(secret)]).toEqual([label, false]);
      for (const { path, content } of host.uploads) expect([path, content.includes(secret)]).toEqual([path, false]);
    }
    expect(JSON.stringify(report.outcomes)).not.toContain(secret);
  });

  it('sets the ports of the ingress, and brings back the usual ones', async () => {
    use(oneServer(`convect_token=${secret}\nhttp_port=9000\nhttps_port=9443\n`));
    await applied();
    const path = '/var/lib/rancher/k3s/server/manifests/muster-ingress.yaml';
    const manifest = () => fixture.host('boss').files.get(path) ?? '';
    expect(manifest()).toContain('kind: HelmChartConfig');
    expect(manifest()).toMatch(/web:\n\s+exposedPort: 9000\n\s+websecure:\n\s+exposedPort: 9443/u);
  });

  it('sends scripts that are valid for a POSIX shell', async () => {
    await applied();
    putArtifacts(folder, 'v1.31.0+k3s1');
    await applied();
    for (const host of fixture.hosts.values())
      for (const { label, script } of host.sent) expect([label, await grammarProblems(script)]).toEqual([label, '']);
  });
});

describe('what k3s is not installed from', () => {
  it.each([
    ['a damaged binary', () => writeFileSync(join(folder, 'k3s'), 'damaged'), /k3s has another SHA-256 than sha256sum-amd64\.txt says/u],
    [
      'no images',
      () => rmSync(join(folder, 'k3s-airgap-images-amd64.tar.zst')),
      /k3s-airgap-images-amd64\.tar\[\.gz\|\.zst\] is not there/u,
    ],
    ['no checksums', () => rmSync(join(folder, 'sha256sum-amd64.txt')), /sha256sum-amd64\.txt is not there/u],
  ])('%s: it is refused before anything is touched', async (_what, spoil, said) => {
    spoil();
    const { why } = await applied();
    expect(why('boss')).toMatch(said);
    for (const host of fixture.hosts.values()) expect([host.steps, host.uploads]).toEqual([[], []]);
  });

  it('a folder that is not there is named, with what to do', async () => {
    rmSync(folder, { recursive: true });
    const { why } = await applied();
    expect(why('boss')).toMatch(/cannot be read.*Name the right one with k3s_artifacts, or set install_k3s=no/su);
    putArtifacts(folder);
  });
});

describe('an upgrade', () => {
  beforeEach(async () => {
    use(threeServers());
    await applied();
    putArtifacts(folder, 'v1.31.0+k3s1');
  });

  it('takes one server after the other, each drained and Ready again before the next', async () => {
    const { result } = await applied();
    expect([...result.failures.values()]).toEqual([]);
    const each = (name: string) => [`drain ${name}`, `start ${name}`, `uncordon ${name}`, `run a pod on ${name}`];
    expect(cluster.done).toEqual(['boss', 'web1', 'web2'].flatMap(each));
    expect([...cluster.nodes.values()].map(({ version }) => version)).toEqual(Array(3).fill('v1.31.0+k3s1'));
  });

  it('stops after a server that does not come back: two away are no majority', async () => {
    cluster.sick.add('web1');
    const { why } = await applied();
    expect(why('web1')).toMatch(/web1 is not Ready in k3s after 1 s: container runtime is down/u);
    expect(why('web2')).toMatch(/The server web1 of k3s has failed, and web2 is left as it is/u);
    expect(cluster.done).not.toContain('drain web2');
  });

  it('does not begin while another server is away', async () => {
    cluster.nodes.get('web2')!.isReady = false;
    const { why } = await applied();
    expect(why('boss')).toMatch(/boss is not restarted while web2 of k3s is not Ready/u);
    expect(cluster.done).toEqual([]);
  });

  it('counts a server that cannot be reached as what the cluster says of it', async () => {
    fixture.unreachable.set('web2', new Error('no route'));
    cluster.nodes.get('web2')!.isReady = false;
    expect((await applied()).why('boss')).toMatch(/boss is not restarted while web2 of k3s is not Ready/u);
    cluster.nodes.get('web2')!.isReady = true;
    expect([...(await applied()).result.failures.keys()]).toEqual(['web2']);
    expect(cluster.done).toContain('uncordon web1');
  });

  it('that was cut off after the drain is finished, and the node takes pods again', async () => {
    fixture.host('boss').trouble('put the k3s binary in use', new Error('connection lost'));
    await applied();
    expect(cluster.nodes.get('boss')?.isCordoned).toBe(true);
    fixture.host('boss').trouble('put the k3s binary in use', undefined);
    const { result } = await applied();
    expect(result.failures.size).toBe(0);
    expect([...cluster.nodes.values()].some(({ isCordoned }) => isCordoned)).toBe(false);
    expect((await applied()).changes('boss')).toEqual([]);
  });

  it('goes neither back nor over a minor version, and touches nothing then', async () => {
    putArtifacts(folder, 'v1.29.9+k3s1');
    expect((await applied()).why('boss')).toMatch(/runs v1\.30\.0\+k3s1, and the artifacts are v1\.29\.9\+k3s1: k3s does not go back/u);
    putArtifacts(folder, 'v1.32.0+k3s1');
    expect((await applied()).why('boss')).toMatch(/install each minor version between them first/u);
    expect(cluster.done).toEqual([]);
  });

  it('takes old archives of images away', async () => {
    k3s.get('boss')!.images.set('k3s-airgap-images-amd64.tar', 'a'.repeat(64));
    const { changes } = await applied();
    expect(changes('boss')).toContain('remove the images k3s-airgap-images-amd64.tar');
    expect([...k3s.get('boss')!.images.keys()]).toEqual(['k3s-airgap-images-amd64.tar.zst']);
  });
});

describe('an upgrade of agents', () => {
  it('does not go past their servers', async () => {
    await applied();
    putArtifacts(folder, 'v1.31.0+k3s1');
    const { why } = await applied({ limit: new Set(['web1']) });
    expect(why('web1')).toMatch(/web1 does not get k3s v1\.31\.0\+k3s1, because the server boss has an older one\. .*run without --limit/u);
    expect(cluster.nodes.get('web1')?.version).toBe('v1.30.0+k3s1');
    expect([...(await applied()).result.failures.values()]).toEqual([]);
    expect([...cluster.nodes.values()].map(({ version }) => version)).toEqual(Array(3).fill('v1.31.0+k3s1'));
  });
});

describe('several servers', () => {
  it('are one cluster: the first makes it, the others join by its token', async () => {
    use(threeServers());
    const { result } = await applied();
    expect([...result.failures.values()]).toEqual([]);
    expect(configOf('boss')).toContain('cluster-init: true');
    expect(configOf('web2')).toContain('server: https://10.0.0.10:6443');
    expect(cluster.done.filter((what) => what.startsWith('start'))).toEqual(['start boss', 'start web1', 'start web2']);
    expect(k3s.get('web1')?.token).toBe('K10abc::server:made by boss');
  });

  it('join through one that has the cluster when the first was made anew', async () => {
    use(threeServers());
    await applied();
    const fresh = new FakeK3s(fixture.host('boss'), cluster);
    fixture.host('boss').more.unshift(fixture.host('boss').more.pop()!);
    fixture.host('boss').services.delete('k3s.service');
    cluster.nodes.get('boss')!.isReady = false;
    for (const path of [...fixture.host('boss').files.keys()]) if (path.includes('k3s')) fixture.host('boss').files.delete(path);
    const { result } = await applied();
    expect([...result.failures.values()]).toEqual([]);
    expect(configOf('boss')).toContain('server: https://10.0.0.11:6443');
    expect(fresh.token).toBe('K10abc::server:made by boss');
  });

  it('make no second cluster beside one that could not be looked at', async () => {
    use(threeServers());
    fixture.unreachable.set('web1', new Error('no route'));
    const { why } = await applied();
    expect(why('boss')).toMatch(/web1 could not be looked at and may have it\. A second cluster is not made beside it/u);
    expect(cluster.done).toEqual([]);
  });
});

describe('a registry outside --limit', () => {
  const inventory = () =>
    `[driver]\nboss ansible_host=10.0.0.10\n[worker]\nweb1 ansible_host=10.0.0.11\nweb2 ansible_host=10.0.0.12\n[registry]\nreg ansible_host=10.0.0.13\n${variables()}convect_token=${secret}\n`;
  const registries = (name: string): string => fixture.host(name).files.get('/etc/rancher/k3s/registries.yaml') ?? '';
  beforeEach(async () => {
    use(inventory());
    const registry = new FakeRegistry(fixture.host('reg'));
    expect([...(await applied()).result.failures.values()]).toEqual([]);
    registry.pushed.length = 0;
    for (const path of [...fixture.host('web1').files.keys()]) if (path.includes('k3s')) fixture.host('web1').files.delete(path);
  });

  it('is looked at, so that a new machine gets to know it, and not changed', async () => {
    const { result } = await applied({ limit: new Set(['web1']) });
    expect([...result.failures.values()]).toEqual([]);
    expect(registries('web1')).toContain('https://10.0.0.13:5000');
    expect(fixture.host('reg').steps).toEqual([]);
  });

  it('that does not answer fails a new machine, and no other', async () => {
    fixture.unreachable.set('reg', new Error('no route'));
    expect((await applied({ limit: new Set(['web1', 'web2']) })).why('web1')).toMatch(
      /web1 is to take its images from the registry on reg, whose address is not known/u,
    );
    expect((await applied({ limit: new Set(['web2']) })).why('web2')).toBe('');
    expect(registries('web2')).toContain('https://10.0.0.13:5000');
  });
});

describe('faults of a cluster', () => {
  it('a token that changed is refused with the way out, before anything is touched', async () => {
    await applied();
    const before = cluster;
    const [hosts, all] = [fixture.hosts, k3s];
    fixture = new ClusterFixture(oneServer('convect_token=another\n'));
    for (const [name, host] of hosts) (fixture.hosts as Map<string, typeof host>).set(name, host);
    [cluster, k3s] = [before, all];
    const { why } = await applied();
    expect(why('boss')).toMatch(/The cluster of boss was made with another token.*k3s token rotate/su);
    expect(why('boss')).not.toContain('another\n');
    expect(why('web1')).toMatch(/The server boss of k3s has failed/u);
    expect(cluster.done).toEqual([]);
  });

  it('an agent that does not get Ready is named with the reason, the others go on', async () => {
    cluster.sick.add('web1');
    const { result, why } = await applied();
    expect([...result.failures.keys()]).toEqual(['web1']);
    expect(why('web1')).toMatch(/web1 is not Ready in k3s after 1 s: container runtime is down/u);
    expect(cluster.done).toContain('run a pod on web2');
  });

  it('a first server that does not start takes the agents along, which say so', async () => {
    fixture.host('boss').trouble('start k3s.service', { stderr: 'k3s.service is not ready after 1 s' });
    const { why } = await applied();
    expect(why('boss')).toMatch(/k3s\.service is not ready/u);
    expect(why('web1')).toMatch(/The server boss of k3s has failed, and nothing joins without it/u);
    expect(configOf('web1')).toBe('');
  });

  it('a server that is lost while agents join fails them, and the next run goes on', async () => {
    const { host } = fixture.host('boss');
    const lost = new SshError({ kind: 'connectionLost', host, what: 'the connection was lost', advice: 'Run it again.' });
    fixture.host('web1').trouble('start k3s-agent.service', () => fixture.host('boss').trouble('look at the nodes of k3s', lost));
    const { result } = await applied();
    expect(result.failures.get('web1')?.message).toMatch(/the connection was lost/u);
    fixture.host('boss').trouble('look at the nodes of k3s', undefined);
    fixture.host('web1').trouble('start k3s-agent.service', undefined);
    // What was started runs; only what the fault kept from being seen is seen now.
    expect([...(await applied()).result.failures.values()]).toEqual([]);
  });

  it('a pod that does not run fails its node', async () => {
    fixture.host('boss').trouble('run a pod on web2', { stderr: 'the pod is Pending after 180 s at most' });
    const { result, why } = await applied();
    expect([...result.failures.keys()]).toEqual(['web2']);
    expect(why('web2')).toMatch(/run a pod on web2 failed .*the pod is Pending/u);
    const again = await applied();
    expect([again.why('web2') === '', again.changes('web2')]).toEqual([false, ['run the pod that has not run yet']]);
    fixture.host('boss').trouble('run a pod on web2', undefined);
    const mended = await applied();
    expect([mended.result.failures.size, cluster.done]).toEqual([0, ['run a pod on web2']]);
    expect((await applied()).changes('web2')).toEqual([]);
  });

  it('a machine that was made anew takes the place of its dead node, and of no live one', async () => {
    cluster.nodes.set('web1', { version: 'v1.30.0+k3s1', isReady: false, isCordoned: false });
    cluster.nodes.set('web2', { version: 'v1.30.0+k3s1', isReady: true, isCordoned: false });
    const { result, why } = await applied();
    expect([...result.failures.keys()]).toEqual(['web2']);
    expect(why('web2')).toMatch(/k3s has a node web2 that is Ready, and this host has no k3s: another machine has that name/u);
    expect(cluster.done.filter((what) => what.endsWith(' web1'))).toEqual(['delete web1', 'start web1', 'run a pod on web1']);
  });

  it('a k3s that somebody else has installed is left alone', async () => {
    k3s.get('web1')!.foreign = '/usr/local/bin/k3s';
    const { why } = await applied();
    expect(why('web1')).toMatch(/web1 has a \/usr\/local\/bin\/k3s that Muster did not put there/u);
    expect(cluster.done).not.toContain('start web1');
  });

  it('a server is not made an agent by itself', async () => {
    fixture.host('web1').services.set('k3s.service', { active: true, enabled: true });
    expect((await applied()).why('web1')).toMatch(/web1 is a server of k3s and is to be an agent\. Take it out first: muster reset/u);
  });

  it('cards without the image of the device plugin are refused', async () => {
    use(oneServer(`convect_token=${secret}\nhas_gpu=true\n`));
    expect((await applied()).why('boss')).toMatch(/holds no archive of NVIDIA's device plugin/u);
    use(oneServer(`convect_token=${secret}\nhas_gpu=true\nnvidia_device_plugin=no\n`));
    expect((await applied({ phases: phasesFor({ skip: ['nvidia'] }) })).result.failures.size).toBe(0);
    expect(configOf('web1')).toContain('muster.node/gpu=true');
    expect(cluster.done).toContain('label web1');
  });
});
