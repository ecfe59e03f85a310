import { beforeEach, describe, expect, it } from 'vitest';
import { ClusterFixture, KeptReport } from '../../test/cluster-fixture.ts';
import { grammarProblems } from '../../test/dash.ts';
import { FakeGpu } from '../../test/fake-gpu.ts';
import { FakeK3s, FakeK3sCluster } from '../../test/fake-k3s.ts';
import { FakeSlurm } from '../../test/fake-slurm.ts';
import { apply, phasesFor } from '../index.ts';

const hosts = (names: string) =>
  names
    .split(' ')
    .map((name, at) => `${name} ansible_host=10.0.0.${at + 10}\n`)
    .join('');
const driver = '[driver]\nm ansible_host=10.0.0.9 has_gpu=no\n';
const everyone = '[all:vars]\nhas_gpu=yes\nnvidia_packages=driver\nk3s_wait_seconds=1\n';

let fixture: ClusterFixture;
let cluster: FakeK3sCluster;
let gpus: ReadonlyMap<string, FakeGpu>;
let done: string[];

/** A cluster in which k3s runs already, as the inventory says. */
function use(inventory: string, before = driver): void {
  fixture = new ClusterFixture(`${before}${inventory}${everyone}`);
  cluster = new FakeK3sCluster();
  ({ done } = cluster);
  FakeK3s.onAll(fixture.hosts, cluster);
  gpus = new Map([...fixture.hosts].map(([name, host]) => [name, new FakeGpu(host, done, cluster)]));
  for (const { name, roles } of fixture.cluster.hosts) {
    const kind = roles.find((role) => role.startsWith('k3s-'));
    if (kind === undefined) continue;
    gpu(name).runs = [kind === 'k3s-server' ? 'k3s' : 'k3s-agent'];
    cluster.nodes.set(name, { version: 'v1', isReady: true, isCordoned: false, bootId: 'boot-0' });
  }
}

const gpu = (name: string): FakeGpu => gpus.get(name)!;

async function applied(change: Parameters<ClusterFixture['options']>[0] = {}) {
  const report = new KeptReport();
  const options = { phases: phasesFor({ only: ['nvidia'] }), rebootPatience: { waitMs: 30, everyMs: 1 }, ...change };
  const result = await apply(fixture.options(options), report);
  const told = report.outcomes.filter(({ phase }) => phase === 'nvidia').flatMap(({ changes }) => changes.map(({ what }) => what));
  return { told, result, why: (name: string) => result.failures.get(name)?.message ?? '' };
}

/** What happened to one host, in order. */
const of = (name: string): string[] => done.filter((what) => what.endsWith(` ${name}`));
const wholeReboot = (name: string) => [`drain ${name}`, `reboot ${name}`, `uncordon ${name}`];

describe('hosts of no cluster', () => {
  it('reboot at the same time', async () => {
    use(`[worker]\n${hosts('a b c')}`);
    const { result, told } = await applied();
    expect([...result.failures.values()]).toEqual([]);
    expect(done.toSorted()).toEqual(['reboot a', 'reboot b', 'reboot c']);
    expect(told).toEqual(Array.from({ length: 3 }, () => 'reboot: nvidia-smi does not reach the driver yet'));
  });

  it('are not drained for a k3s that is yet to come', async () => {
    use(`[k3s_server]\n${hosts('a')}`);
    gpu('a').runs = [];
    await applied();
    expect(done).toEqual(['reboot a']);
  });
});

describe('voters of the pool', () => {
  beforeEach(() => {
    use(`[management]\n${hosts('a b')}[witness]\nc ansible_host=10.0.0.20\n[worker]\nd ansible_host=10.0.0.21\n`, '');
    for (const name of ['a', 'b', 'c']) {
      gpu(name).runs = ['muster-etcd'];
      fixture
        .host(name)
        .more.unshift(({ label }) => (label === 'wait for the voter of the pool' ? (done.push(`back ${name}`), '') : undefined));
    }
  });
  const ofVoters = () => done.filter((what) => !what.endsWith(' d'));

  it('reboot one after the other, each counted on again before the next', async () => {
    const { result } = await applied();
    expect([...result.failures.values()]).toEqual([]);
    expect(ofVoters()).toEqual(['a', 'b', 'c'].flatMap((name) => [`reboot ${name}`, `back ${name}`]));
    const scripts = fixture
      .host('a')
      .sent.filter(({ label }) => label === 'wait for the voter of the pool')
      .map(({ script }) => script);
    expect([scripts.length, await grammarProblems(scripts.join('\n'))]).toEqual([1, '']);
    expect(of('d')).toEqual(['reboot d']);
  });

  it('stop after one that the pool cannot count on again: the others are named and left as they are', async () => {
    fixture.host('a').trouble('wait for the voter of the pool', { stderr: 'its copy of the database is not in step with the primary' });
    const { result, why } = await applied();
    expect([...result.failures.keys()]).toEqual(['a', 'b', 'c']);
    expect(why('a')).toMatch(/not in step with the primary/u);
    expect(why('b')).toMatch(/b is not rebooted .* because the voter a of the pool has failed: .*Mend a/u);
    expect(ofVoters()).toEqual(['reboot a']);
  });
});

describe('servers of k3s', () => {
  beforeEach(() => use(`[k3s_server]\n${hosts('a b c')}`));

  it('reboot one after the other, each drained before, and Ready and let back before the next', async () => {
    const { result, told } = await applied();
    expect([...result.failures.values()]).toEqual([]);
    expect(told[0]).toBe('drain it in k3s and reboot: nvidia-smi does not reach the driver yet');
    expect(done).toEqual(['a', 'b', 'c'].flatMap(wholeReboot));
  });

  it('stop after one that is not heard in its new boot: the others are named and left as they are', async () => {
    fixture.host('b').more.unshift(({ label }) => (label === 'look at the new boot' ? 'another\n' : undefined));
    const { result, why } = await applied();
    expect([...result.failures.keys()]).toEqual(['b', 'c']);
    expect(why('b')).toMatch(/^b is not Ready in k3s after 1 s: it was not heard since it was booted/u);
    expect(why('c')).toMatch(
      /c is not rebooted .* because the server b of k3s has failed: .*Its driver is installed.*Mend b, then run the same command again/u,
    );
    expect(done).toEqual([...wholeReboot('a'), 'drain b', 'reboot b']);
  });

  it('stop after one that does not come back, and after one whose driver does not answer then', async () => {
    gpu('a').comesBack = false;
    const away = await applied();
    expect([...away.result.failures.keys()]).toEqual(['a', 'b', 'c']);
    for (const name of ['b', 'c']) expect(away.why(name)).toContain('because the server a of k3s has failed');
    expect(done).toEqual(['drain a', 'reboot a']);
    use(`[k3s_server]\n${hosts('a b c')}`);
    gpu('a').isDriverGood = false;
    const { why } = await applied();
    expect([why('a'), why('b')]).toEqual([
      expect.stringMatching(/a was rebooted .* and nvidia-smi/u),
      expect.stringMatching(/the server a/u),
    ]);
    expect(done).toEqual(wholeReboot('a'));
  });

  it('wait for no server that is away: two away are no majority', async () => {
    cluster.nodes.get('c')!.isReady = false;
    const { why } = await applied({ limit: new Set(['a', 'b']) });
    expect(why('a')).toMatch(/a is not rebooted while c of k3s is not Ready/u);
    expect(done).toEqual([]);
  });

  it('whose pods cannot leave are not rebooted, nor is the next', async () => {
    fixture.host('a').trouble('drain a of k3s', { stderr: 'Cannot evict pod as it would violate the disruption budget' });
    const { why } = await applied();
    expect(why('a')).toContain('disruption budget');
    expect(why('b')).toContain('the server a of k3s has failed');
    expect(done.filter((what) => what.startsWith('reboot'))).toEqual([]);
  });

  it('reboot all the same where no API answers: there is no majority to lose', async () => {
    for (const host of fixture.hosts.values()) host.trouble('look at the nodes of k3s', { stderr: 'connection refused' });
    expect((await applied()).result.failures.size).toBe(0);
    expect(done).toEqual(['reboot a', 'reboot b', 'reboot c']);
  });

  it('that a person has cordoned stay so; those that an interrupted run has drained are let back', async () => {
    cluster.nodes.get('a')!.isCordoned = true;
    cluster.nodes.get('b')!.isCordoned = true;
    gpu('b').drainedOf = ['pods'];
    await applied();
    expect([of('a'), of('b')]).toEqual([['drain a', 'reboot a'], wholeReboot('b')]);
    expect(['a', 'b', 'c'].map((name) => cluster.nodes.get(name)?.isCordoned)).toEqual([true, false, false]);
  });

  it('are asked by scripts that are valid for a POSIX shell', async () => {
    await applied();
    for (const host of fixture.hosts.values())
      for (const { label, script } of host.sent) expect([label, await grammarProblems(script)]).toEqual([label, '']);
  });
});

describe('agents of k3s', () => {
  const inventory = `[k3s_server]\ns ansible_host=10.0.0.8\n[k3s_agent]\n${hosts('a b c d')}`;
  beforeEach(() => use(inventory));

  it('go in batches of half of them at most, and no server goes with them', async () => {
    const { result } = await applied();
    expect([...result.failures.values()]).toEqual([]);
    for (const name of ['s', 'a', 'b', 'c', 'd']) expect(of(name)).toEqual(wholeReboot(name));
    const away = new Set<string>();
    for (const what of done) {
      const [verb = '', name = ''] = what.split(' ');
      if (verb === 'drain') away.add(name);
      if (verb === 'uncordon') away.delete(name);
      expect(away.size).toBeLessThanOrEqual(away.has('s') ? 1 : 2);
    }
  });

  it('ask a server outside --limit, and close what they opened', async () => {
    await applied({ limit: new Set(['b']) });
    expect(done).toEqual(wholeReboot('b'));
    expect([fixture.host('s').isClosed, fixture.host('s').sent.some(({ label }) => label === 'hold the host')]).toEqual([true, false]);
  });

  it('are not rebooted while no server answers; one that fails leaves the others alone', async () => {
    gpu('s').boots = 1;
    fixture.unreachable.set('s', new Error('connection refused'));
    expect((await applied()).why('a')).toMatch(
      /a is not rebooted: no server of k3s answers \(connection refused\), so its pods cannot be moved away/u,
    );
    expect(done).toEqual([]);
    fixture.unreachable.clear();
    fixture.host('s').trouble('drain a of k3s', { stderr: 'no' });
    const { result } = await applied();
    expect([...result.failures.keys()]).toEqual(['a']);
    expect(of('d')).toEqual(wholeReboot('d'));
  });

  it('that are not Ready, or unknown to the cluster, have nothing to be drained of and are not waited for', async () => {
    cluster.nodes.get('a')!.isReady = false;
    cluster.nodes.delete('b');
    const { result } = await applied({ limit: new Set(['a', 'b']) });
    expect([result.failures.size, done.toSorted()]).toEqual([0, ['reboot a', 'reboot b']]);
  });
});

describe('hosts of Slurm', () => {
  let slurm: ReadonlyMap<string, FakeSlurm>;
  beforeEach(() => {
    use(`[worker]\n${hosts('a b')}\n[all:vars]\ninstall_slurm=yes\n`, '[driver]\nm ansible_host=10.0.0.9\n');
    slurm = new Map([...fixture.hosts].map(([name, host]) => [name, new FakeSlurm(host)]));
    gpu('m').runs = ['slurmctld'];
    for (const name of ['a', 'b']) gpu(name).runs = ['slurmd'];
  });
  const stepsOf = (name: string) =>
    fixture
      .host(name)
      .sent.map(({ label }) => label)
      .filter((label) => /^(?:drain|note the drain|reboot|resume|wait for the c)/u.test(label));

  it('end their jobs before, and take some again', async () => {
    const { result, told } = await applied();
    expect([...result.failures.values()]).toEqual([]);
    expect(told).toContain('drain it in Slurm and reboot: nvidia-smi does not reach the driver yet');
    expect(stepsOf('a')).toEqual(['note the drain of jobs', 'drain a', 'reboot the host', 'resume a']);
    expect(fixture.host('a').sent.find(({ label }) => label === 'drain a')?.stdin).toBe('a\nmuster reboot\n');
    expect(stepsOf('m')).toEqual(['reboot the host', 'wait for the controller of Slurm']);
  });

  it('that a person has drained stay so, and their jobs end all the same', async () => {
    slurm.get('a')!.state = 'draining';
    await applied();
    expect(stepsOf('a')).toEqual(['drain a', 'reboot the host']);
    expect(fixture.host('a').sent.find(({ label }) => label === 'drain a')?.stdin).toBe('a\n\n');
  });

  it('are not rebooted while their jobs are not known', async () => {
    slurm.get('a')!.state = '';
    const { why, result } = await applied();
    expect(why('a')).toMatch(/a is not rebooted: the controller of Slurm does not answer, so its jobs cannot be waited for/u);
    expect([...result.failures.keys()]).toEqual(['a']);
  });

  it('that an interrupted run has drained are let back', async () => {
    slurm.get('a')!.state = 'drained';
    gpu('a').drainedOf = ['jobs'];
    await applied();
    expect(stepsOf('a').at(-1)).toBe('resume a');
  });
});
