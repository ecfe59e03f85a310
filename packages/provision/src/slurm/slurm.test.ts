import { beforeEach, describe, expect, it } from 'vitest';
import { ClusterFixture, KeptReport } from '../../test/cluster-fixture.ts';
import { grammarProblems } from '../../test/dash.ts';
import { FakeSlurm, hardwareOutput, slurmInventory } from '../../test/fake-slurm.ts';
import { apply } from '../index.ts';

const phases = new Set(['slurm-packages', 'slurm-state', 'slurm-controller', 'slurm-nodes']);
const confOf = (name: string) => fixture.host(name).files.get('/etc/slurm/slurm.conf') ?? '';
const keyOf = (name: string) => fixture.host(name).files.get('/etc/munge/munge.key');

let fixture: ClusterFixture;
let slurm: ReadonlyMap<string, FakeSlurm>;

beforeEach(() => {
  fixture = new ClusterFixture(slurmInventory);
  slurm = new Map([...fixture.hosts].map(([name, host]) => [name, new FakeSlurm(host)]));
});

async function applied(change: Parameters<ClusterFixture['options']>[0] = {}) {
  const report = new KeptReport();
  const result = await apply(fixture.options(change), report);
  const changes = report.outcomes
    .filter(({ phase }) => phases.has(phase))
    .map(({ host, changes: all }) => [host, all.map(({ what }) => what)]);
  return { result, changes: new Map(changes.map(([host, all]) => [host as string, all as string[]])), report };
}

describe('Slurm in a run', () => {
  it('gives controller and nodes the same configuration and the same key', async () => {
    const { result } = await applied();
    expect([...result.failures.values()]).toEqual([]);
    expect(confOf('boss')).toContain('NodeName=web1 ');
    expect(confOf('web1')).toBe(confOf('boss'));
    expect(confOf('web2')).toBe(confOf('boss'));
    expect(keyOf('boss')).toBe('key of boss');
    expect([keyOf('web1'), keyOf('web2')]).toEqual(['key of boss', 'key of boss']);
    expect([...slurm.get('boss')!.installed]).toEqual(['munge', 'slurm-client', 'slurmctld']);
    expect([...slurm.get('web1')!.installed]).toEqual(['munge', 'slurm-client', 'slurmd']);
  });

  it('changes nothing in a second run', async () => {
    await applied();
    for (const host of fixture.hosts.values()) host.forget();
    const { changes } = await applied();
    expect([...changes.values()].flat()).toEqual([]);
    for (const host of fixture.hosts.values()) expect(host.steps).toEqual([]);
  });

  it('lets a node take jobs again that a run has drained for a reboot and was cut off', async () => {
    await applied();
    slurm.get('web1')!.isDrained = true;
    slurm.get('web1')!.state = 'drained';
    const { changes } = await applied();
    expect(changes.get('web1')).toEqual(['let the node take jobs again']);
    expect([slurm.get('web1')!.isDrained, slurm.get('web1')!.state]).toEqual([false, 'idle']);
    expect((await applied()).changes.get('web1')).toEqual([]);
  });

  it('says in a dry run what it can know', async () => {
    const { result, report } = await applied({ dryRun: true });
    expect(result.failures.size).toBe(0);
    const told = report.outcomes.filter(({ phase }) => phases.has(phase)).flatMap(({ changes }) => changes.map(({ what }) => what));
    expect(told).toEqual(
      expect.arrayContaining(['install munge, slurm-client, slurmd', 'write /etc/slurm/slurm.conf', 'make the munge key']),
    );
    for (const host of fixture.hosts.values()) expect(host.uploads).toEqual([]);
  });

  it('keeps the line of a node that cannot be reached, as the controller has it', async () => {
    slurm.get('web2')!.hardware = hardwareOutput.replace('gpus=0', 'gpus=2');
    await applied();
    const before = confOf('boss');
    fixture.unreachable.set('web2', new Error('no route'));
    const { result, changes } = await applied();
    expect([...result.failures.keys()]).toEqual(['web2']);
    expect(confOf('boss')).toBe(before);
    expect(changes.get('boss')).toEqual([]);
    expect(fixture.host('boss').files.get('/etc/slurm/gres.conf')).toContain('NodeName=web2 Name=gpu File=/dev/nvidia[0-1]');
  });

  it('keeps the lines of nodes outside --limit, and asks the controller without changing it', async () => {
    slurm.get('web2')!.hardware = hardwareOutput.replace('gpus=0', 'gpus=2');
    await applied();
    const before = confOf('boss');
    for (const host of fixture.hosts.values()) host.forget();
    fixture.host('web1').files.set('/etc/slurm/slurm.conf', 'spoilt');
    const { result, changes } = await applied({ limit: new Set(['web1']) });
    expect([...result.failures.values()]).toEqual([]);
    expect([confOf('boss'), confOf('web1')]).toEqual([before, before]);
    expect([...changes.keys()]).toEqual(['web1']);
    expect(fixture.host('web2').sent).toEqual([]);
    expect(fixture.host('boss').uploads).toEqual([]);
  });

  it('refuses a node whose controller, outside --limit, would have to change first', async () => {
    await applied();
    slurm.get('web1')!.hardware = hardwareOutput.replace('RealMemory=64213', 'RealMemory=128000');
    const { result } = await applied({ limit: new Set(['web1']) });
    expect(result.failures.get('web1')?.message).toMatch(
      /controller of Slurm, boss, has changes due \(slurm-controller\) and is outside --limit/u,
    );
  });

  it('changes the configuration everywhere when a node has other hardware', async () => {
    await applied();
    slurm.get('web1')!.hardware = hardwareOutput.replace('RealMemory=64213', 'RealMemory=128000');
    const { report } = await applied();
    const told = (phase: string, host: string) =>
      report.outcomes.find((one) => one.phase === phase && one.host === host)?.changes.map(({ what }) => what);
    expect(told('slurm-controller', 'boss')).toEqual(['change /etc/slurm/slurm.conf', 'restart slurmctld.service']);
    expect(told('slurm-nodes', 'web2')).toEqual(['change /etc/slurm/slurm.conf', 'restart slurmd.service']);
    expect(confOf('web2')).toBe(confOf('boss'));
  });

  it('gives a node its key again, and nothing else of it', async () => {
    await applied();
    fixture.host('web1').files.set('/etc/munge/munge.key', 'another');
    const { report } = await applied();
    expect(report.outcomes.find(({ phase, host }) => phase === 'slurm-nodes' && host === 'web1')?.changes.map(({ what }) => what)).toEqual([
      'take the munge key of the controller',
      'restart munge.service',
      'restart slurmd.service',
    ]);
    expect(keyOf('web1')).toBe('key of boss');
  });

  it('has the key in no script, label or report', async () => {
    const { report } = await applied();
    const key = Buffer.from('key of boss').toString('base64');
    for (const host of fixture.hosts.values())
      for (const { label, script } of host.sent) expect([label, script.includes(key)]).toEqual([label, false]);
    expect(JSON.stringify(report.outcomes)).not.toContain(key);
  });

  it('goes no further with nodes when the controller fails, and says so', async () => {
    fixture.host('boss').trouble('wait for slurmctld', { stderr: 'fatal: bad configuration' });
    const { result } = await applied();
    expect(result.failures.get('boss')?.message).toContain('fatal: bad configuration');
    expect(result.failures.get('web1')?.message).toMatch(/The controller of Slurm has failed/u);
    expect(confOf('web1')).toBe('');
  });

  it('says where to read when a node does not work', async () => {
    fixture.host('boss').trouble('run a job on web1', { stderr: 'Slurm has the node as down*: Not responding' });
    const { result } = await applied();
    expect([...result.failures.keys()]).toEqual(['web1']);
    expect(result.failures.get('web1')?.message).toMatch(/web1 does not work for Slurm.*Not responding.*journalctl -u slurmd/su);
  });

  it('does not take over a Slurm that somebody else has configured, unless it is told to', async () => {
    fixture.host('boss').files.set('/etc/slurm/slurm.conf', 'ClusterName=production\n');
    const { result } = await applied();
    expect(result.failures.get('boss')?.message).toMatch(
      /boss has a \/etc\/slurm\/slurm\.conf that Muster did not write\. Set slurm_take_over=yes/u,
    );
    expect(confOf('boss')).toBe('ClusterName=production\n');
    expect(confOf('web1')).toBe('');
    fixture = new ClusterFixture(`${slurmInventory}slurm_take_over=yes\n`);
    slurm = new Map([...fixture.hosts].map(([name, host]) => [name, new FakeSlurm(host)]));
    fixture.host('boss').files.set('/etc/slurm/slurm.conf', 'ClusterName=production\n');
    expect((await applied()).result.failures.size).toBe(0);
    expect(confOf('boss')).toContain('ClusterName=muster');
  });

  it('leaves the restart of slurmd to the phase of the nodes, on a machine that is both', async () => {
    fixture = new ClusterFixture(slurmInventory.replace('[worker]\n', '[worker]\nboss\n'));
    slurm = new Map([...fixture.hosts].map(([name, host]) => [name, new FakeSlurm(host)]));
    await applied();
    slurm.get('web1')!.hardware = hardwareOutput.replace('CPUs=16', 'CPUs=8');
    for (const host of fixture.hosts.values()) host.forget();
    await applied();
    const folders = fixture.host('boss').sent.find(({ label }) => label === 'make the folders of Slurm');
    expect(folders?.script).toContain('/run/muster-restart-pending.slurmd.service');
  });

  it('watches the daemons of Slurm', async () => {
    await applied();
    expect(fixture.host('boss').files.get('/etc/muster/agent.json')).toContain('slurmctld.service');
    expect(fixture.host('web1').files.get('/etc/muster/agent.json')).toContain('slurmd.service');
  });

  it('refuses a hostname that would be more than a name in the configuration', async () => {
    fixture.host('web1').facts = fixture.host('web1').facts.replace(/^hostname=.*$/mu, 'hostname=a CPUs=900');
    const { result } = await applied();
    expect([...result.failures.keys()]).toEqual(['web1']);
    expect(result.failures.get('web1')?.message).toMatch(/web1 has a hostname that Slurm cannot use/u);
  });

  it('sends scripts that are valid for a POSIX shell', async () => {
    await applied();
    const sent = [...fixture.hosts.values()].flatMap((host) =>
      host.sent.filter(({ label }) => /slurm|state|munge|mark|Slurm/u.test(label)),
    );
    for (const [script, label] of new Map(sent.map((one) => [one.script, one.label])))
      expect([label, await grammarProblems(script)]).toEqual([label, '']);
  });
});
