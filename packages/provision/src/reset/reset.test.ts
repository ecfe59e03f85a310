import { beforeEach, describe, expect, it } from 'vitest';
import { ClusterFixture, KeptReport } from '../../test/cluster-fixture.ts';
import { grammarProblems } from '../../test/dash.ts';
import { FakeInstalled } from '../../test/fake-installed.ts';
import { FakeK3s, FakeK3sCluster } from '../../test/fake-k3s.ts';
import { slurmInventory } from '../../test/fake-slurm.ts';
import type { ApplyOptions } from '../index.ts';
import { reset, type ResetOptions } from './reset.ts';

const all = ['boss', 'web1', 'web2'];

let fixture: ClusterFixture;
let installed: ReadonlyMap<string, FakeInstalled>;

beforeEach(() => {
  fixture = new ClusterFixture(slurmInventory);
  installed = new Map([...fixture.hosts].map(([name, host]) => [name, new FakeInstalled(host)]));
  for (const name of all)
    fixture.muster.run(['node', 'ensure', '-'], JSON.stringify([{ name, groups: [], privateIp: null, token: false }]));
});

async function resetOf(names: readonly string[], change: { dryRun?: boolean } & Pick<ResetOptions, 'atEnd'> = {}) {
  const report = new KeptReport();
  const options: Omit<ApplyOptions, 'atEnd'> = fixture.options();
  const result = await reset({ ...options, ...change, cluster: fixture.cluster, selected: new Set(names) }, report);
  const told = (host: string) =>
    report.outcomes.filter((one) => one.host === host).flatMap(({ changes }) => changes.map(({ what }) => what));
  return { result, told, report };
}

describe('a reset of everything', () => {
  it('stops, purges and removes, in this order, and asks no server', async () => {
    installed.get('boss')!.units = ['muster-agent.service', 'muster.service', 'slurmctld.service'];
    installed.get('boss')!.packages = ['slurmctld', 'munge'];
    const { result, told } = await resetOf(all);
    expect(result.failures.size).toBe(0);
    expect(told('boss')).toEqual([
      'stop and remove muster-agent.service',
      'stop and remove muster.service',
      'stop slurmctld.service',
      'purge slurmctld, munge',
      'remove /opt/muster-agent',
      'remove /etc/muster',
    ]);
    expect(fixture.host('boss').sent.some(({ label }) => label.startsWith('muster '))).toBe(false);
    for (const host of fixture.hosts.values()) expect(host.isClosed).toBe(true);
  });

  it('does not wait for jobs: their controller goes too', async () => {
    installed.get('web1')!.slurm = { node: 'web1', state: 'allocated' };
    const { told } = await resetOf(all);
    expect(told('web1').filter((what) => what.startsWith('drain'))).toEqual([]);
  });

  it('brings packages back that went for those of a run, or says that it could not', async () => {
    for (const name of ['web1', 'web2']) {
      installed.get(name)!.packages = ['chrony'];
      installed.get(name)!.replaced = ['systemd-timesyncd'];
    }
    installed.get('web2')!.hasSources = false;
    const { result, told, report } = await resetOf(all);
    expect(result.failures.size).toBe(0);
    expect(told('web1')).toEqual(expect.arrayContaining(['purge chrony', 'install systemd-timesyncd again']));
    expect([installed.get('web1')!.replaced, installed.get('web2')!.traces]).toEqual([[], []]);
    expect(report.outcomes.flatMap(({ host, warnings }) => (warnings ?? []).map((text) => `${host}: ${text}`))).toEqual([
      'web2: it had systemd-timesyncd before, which could not be installed again: install that there by hand',
    ]);
  });

  it('finds nothing the second time', async () => {
    await resetOf(all);
    for (const host of fixture.hosts.values()) host.forget();
    const { told } = await resetOf(all);
    for (const name of all) expect(told(name)).toEqual([]);
    for (const host of fixture.hosts.values()) expect(host.steps).toEqual([]);
  });

  it('changes nothing in a dry run', async () => {
    const { told } = await resetOf(all, { dryRun: true });
    expect(told('web1')).toContain('remove /opt/muster-agent');
    for (const one of installed.values()) expect(one.traces).not.toEqual([]);
  });

  it('goes on with the others when a host fails, and names it', async () => {
    installed.get('web1')!.packages = ['munge'];
    fixture.host('web1').trouble('purge packages', { exitCode: 1, stderr: 'packages that came since need them: mine' });
    const { result } = await resetOf(all);
    expect(result.failures.get('web1')?.message).toContain('packages that came since need them: mine');
    expect(installed.get('web1')!.traces).not.toEqual([]);
    expect(installed.get('web2')!.traces).toEqual([]);
  });

  it('passes over a package name that is none', async () => {
    installed.get('web1')!.packages = ['munge', '$(touch owned)', '-o'];
    const { told } = await resetOf(all);
    expect(told('web1')).toContain('purge munge');
    expect(fixture.host('web1').sent.find(({ label }) => label === 'purge packages')?.stdin).toBe('munge');
  });

  it('sends scripts that are valid for a POSIX shell', async () => {
    for (const one of installed.values()) one.packages = ['munge'];
    await resetOf(all);
    for (const host of fixture.hosts.values())
      for (const { label, script } of host.sent) expect([label, await grammarProblems(script)]).toEqual([label, '']);
  });
});

describe('a reset of one node', () => {
  it('drains it, takes it off the server, and leaves the others alone', async () => {
    installed.get('web1')!.slurm = { node: 'web1', state: 'mixed' };
    const { result, told } = await resetOf(['web1']);
    expect(result.failures.size).toBe(0);
    expect(told('web1').slice(0, 3)).toEqual([
      'drain web1 in Slurm and wait for its jobs',
      'remove the node web1 from the management server and revoke its certificate',
      'stop and remove muster-agent.service',
    ]);
    expect(fixture.host('boss').sent.map(({ label }) => label)).toEqual(['muster nodes', 'muster node remove']);
    expect(fixture.host('web2').sent).toEqual([]);
    expect([...fixture.muster.nodes.keys()]).toEqual(['boss', 'web2']);
  });

  it('gives the server that stays to whoever has something to tell it', async () => {
    let said: unknown;
    const atEnd: ResetOptions['atEnd'] = async ({ outcomes }, server) => {
      said = [[...outcomes.keys()], await server.muster(['runs', 'keep', '-'], 'what happened')];
    };
    fixture.host('boss').more.push(({ label, stdin }) => (label === 'muster runs keep' ? `kept: ${stdin}` : undefined));
    await resetOf(['web1'], { atEnd });
    expect(said).toEqual([['web1'], 'kept: what happened']);
    expect(fixture.host('boss').isClosed).toBe(true);
  });

  it('has no server to tell where that one goes too, or after an interruption', async () => {
    let asked = 0;
    const atEnd: ResetOptions['atEnd'] = () => Promise.resolve(void (asked += 1));
    await resetOf(all, { atEnd });
    fixture.host('web1').trouble('look at Docker', () => fixture.interrupt());
    await resetOf(['web1'], { atEnd });
    expect(asked).toBe(0);
  });

  it('does not wait where nobody answers for Slurm', async () => {
    installed.get('web1')!.slurm = { node: 'web1', state: '' };
    const { told } = await resetOf(['web1']);
    expect(told('web1')[0]).toBe('leave web1 in Slurm, whose controller does not answer; its jobs are not waited for');
    expect(fixture.host('web1').sent.some(({ label }) => label.startsWith('drain'))).toBe(false);
  });

  it('goes on without a server that is down, and says what is left to do', async () => {
    fixture.unreachable.set('boss', new Error('connection refused'));
    const { result, told } = await resetOf(['web1']);
    expect(result.failures.size).toBe(0);
    expect(told('web1')[0]).toMatch(/does not answer \(connection refused\); once it does, run there: muster node remove web1/u);
    expect(installed.get('web1')!.traces).toEqual([]);
  });

  it('refuses the management server while others need it, before anything is touched', async () => {
    await expect(resetOf(['boss', 'web1'])).rejects.toThrow(/boss runs the management server of web2/u);
    for (const host of fixture.hosts.values()) expect(host.sent).toEqual([]);
  });
});

describe('a reset of machines of k3s', () => {
  const inventory =
    '[driver]\nboss ansible_host=10.0.0.10\n[worker]\nweb1 ansible_host=10.0.0.11\nweb2 ansible_host=10.0.0.12\n[all:vars]\ninstall_k3s=yes\n';
  let k3s: FakeK3sCluster;
  beforeEach(() => {
    fixture = new ClusterFixture(inventory);
    k3s = new FakeK3sCluster();
    FakeK3s.onAll(fixture.hosts, k3s);
    installed = new Map([...fixture.hosts].map(([name, host]) => [name, new FakeInstalled(host)]));
    for (const [name, one] of installed) {
      one.k3s = true;
      k3s.nodes.set(name, { version: 'v1.30.0+k3s1', isReady: true, isCordoned: false });
    }
  });

  it('moves the pods away, stops it, and lets the cluster forget it, before its files go', async () => {
    const { result, told } = await resetOf(['web1']);
    expect(result.failures.size).toBe(0);
    expect(k3s.done).toEqual(['drain web1', 'stop web1', 'delete web1']);
    expect([...k3s.nodes.keys()]).toEqual(['boss', 'web2']);
    expect(told('web1').filter((what) => what.includes('k3s'))).toEqual([
      'drain web1 in k3s',
      'delete the node web1 of k3s',
      'stop k3s and remove its containers, mounts, interfaces, rules and files',
    ]);
    expect(installed.get('web1')!.k3s).toBe(false);
    expect((await resetOf(['web1'])).told('web1').filter((what) => what.includes('k3s'))).toEqual([]);
  });

  it('does not wait for the pods of a node that is not Ready', async () => {
    k3s.nodes.get('web1')!.isReady = false;
    await resetOf(['web1']);
    expect(k3s.done).toEqual(['stop web1', 'delete web1']);
  });

  it('goes on when no server answers, and says what is left to do there', async () => {
    fixture.host('boss').trouble('look at the nodes of k3s', { stderr: 'connection refused' });
    const { result, told } = await resetOf(['web1']);
    expect(result.failures.size).toBe(0);
    expect(told('web1')[0]).toMatch(
      /^leave the node web1 in k3s, whose servers do not answer \(.*connection refused\).*k3s kubectl delete node web1$/u,
    );
    expect(installed.get('web1')!.k3s).toBe(false);
  });

  it('keeps a node whose pods cannot leave', async () => {
    fixture.host('boss').trouble('drain web1 of k3s', { stderr: 'Cannot evict pod as it would violate the disruption budget' });
    const { result } = await resetOf(['web1']);
    expect(result.failures.get('web1')?.message).toMatch(/disruption budget/u);
    expect([installed.get('web1')!.k3s, k3s.nodes.has('web1')]).toEqual([true, true]);
  });

  it('refuses to take the last server from under an agent', async () => {
    fixture = new ClusterFixture(`${inventory}[k3s_server]\nweb1\n[k3s_agent]\nweb2\n`);
    await expect(resetOf(['web1'])).rejects.toThrow(/With web1 the last server of k3s would go, and web2 be left without one/u);
  });

  describe('of several servers', () => {
    let machines: ReadonlyMap<string, FakeK3s>;
    beforeEach(() => {
      fixture = new ClusterFixture(`${inventory}[k3s_server]\nboss\nweb1\nweb2\n`);
      machines = FakeK3s.onAll(fixture.hosts, k3s);
      installed = new Map([...fixture.hosts].map(([name, host]) => [name, new FakeInstalled(host)]));
      for (const one of installed.values()) one.k3s = true;
      for (const one of machines.values()) one.hasDatastore = true;
    });

    it('takes one after the other, each out of etcd while it still runs', async () => {
      const { result, told } = await resetOf(['web1', 'web2']);
      expect([...result.failures.values()]).toEqual([]);
      const each = (name: string) => [`drain ${name}`, `take ${name} out of etcd`, `stop ${name}`, `delete ${name}`];
      expect(k3s.done).toEqual(['web1', 'web2'].flatMap(each));
      expect(told('web1')).toContain('take web1 out of etcd');
    });

    it('takes none while another is not Ready, but that one', async () => {
      k3s.nodes.get('web1')!.isReady = false;
      const { result } = await resetOf(['web2']);
      expect(result.failures.get('web2')?.message).toMatch(/web2 does not leave while web1 of k3s is not Ready: .*reset it first, alone/u);
      expect([k3s.done, installed.get('web2')!.k3s]).toEqual([[], true]);
      expect((await resetOf(['web1'])).result.failures.size).toBe(0);
      expect((await resetOf(['web2'])).result.failures.size).toBe(0);
    });

    it('stops none that etcd has not let go', async () => {
      fixture.host('boss').trouble('take web1 out of etcd', { stderr: 'etcd has not let it go after 120 s' });
      const { result } = await resetOf(['web1']);
      expect(result.failures.get('web1')?.message).toMatch(/etcd has not let it go/u);
      expect([k3s.done, installed.get('web1')!.k3s]).toEqual([['drain web1'], true]);
    });

    it('wipes none while those that stay do not answer, unless it has no data of the cluster', async () => {
      fixture.host('boss').trouble('look at the nodes of k3s', { stderr: 'connection refused' });
      machines.get('web2')!.hasDatastore = false;
      const { result } = await resetOf(['web1', 'web2']);
      expect([...result.failures.keys()]).toEqual(['web1']);
      expect(result.failures.get('web1')?.message).toMatch(
        /web1 is a server of k3s, and of those that stay none answers .*Mend them first/u,
      );
      expect([installed.get('web1')!.k3s, installed.get('web2')!.k3s]).toEqual([true, false]);
    });

    it('sends scripts that are valid for a POSIX shell', async () => {
      await resetOf(['web1']);
      for (const { label, script } of fixture.host('boss').sent) expect([label, await grammarProblems(script)]).toEqual([label, '']);
    });
  });

  it('asks nobody when all of it goes', async () => {
    const { result } = await resetOf(all);
    expect(result.failures.size).toBe(0);
    expect(k3s.done).toEqual([]);
    for (const name of all) expect(installed.get(name)!.k3s).toBe(false);
  });

  it('sends scripts that are valid for a POSIX shell', async () => {
    await resetOf(['web1']);
    for (const host of fixture.hosts.values())
      for (const { label, script } of host.sent) expect([label, await grammarProblems(script)]).toEqual([label, '']);
  });
});

describe('controllers of Slurm that share a folder', () => {
  const folder = '/srv/state';
  beforeEach(() => {
    fixture = new ClusterFixture(`${slurmInventory}slurm_state_folder=${folder}\n[slurm_controller]\nboss\nweb2\n`);
    installed = new Map([...fixture.hosts].map(([name, host]) => [name, new FakeInstalled(host)]));
    for (const name of all)
      fixture.muster.run(['node', 'ensure', '-'], JSON.stringify([{ name, groups: [], privateIp: null, token: false }]));
    for (const name of ['boss', 'web2']) installed.get(name)!.stateFolders = [folder];
  });

  it('leave it, before their packages go', async () => {
    installed.get('boss')!.packages = ['slurmctld'];
    const { told } = await resetOf(all);
    const left = told('boss').filter((what) => /srv|purge/u.test(what));
    expect(left).toEqual([`leave ${folder}, and empty it of the state of Slurm if no other controller uses it`, 'purge slurmctld']);
    expect(told('web1').filter((what) => what.includes(folder))).toEqual([]);
    expect((await resetOf(all)).told('boss')).toEqual([]);
  });

  it('leave a node to be drained while one of them stays', async () => {
    installed.get('web1')!.slurm = { node: 'web1', state: 'idle' };
    const { told } = await resetOf(['web1', 'web2']);
    expect(told('web1')).toContain('drain web1 in Slurm and wait for its jobs');
  });

  it('leave nobody to drain a node when all of them go', async () => {
    installed.get('web1')!.slurm = { node: 'web1', state: 'idle' };
    const { told } = await resetOf(all);
    expect(told('web1').filter((what) => what.startsWith('drain'))).toEqual([]);
  });
});
