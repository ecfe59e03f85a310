import { describe, expect, it } from 'vitest';
import { ClusterFixture, KeptReport } from '../../test/cluster-fixture.ts';
import { withoutIpOutput } from '../../test/host-outputs.ts';
import { before, finishedCluster } from '../../test/installed-host.ts';
import { apply, type ApplyResult } from '../index.ts';
import { verifyPhase } from './verify.ts';

const applyTo = async (fixture: ClusterFixture): Promise<ApplyResult & { report: KeptReport }> => {
  const report = new KeptReport();
  return { ...(await apply(fixture.options(), report)), report };
};

describe('what the phases do on a host', () => {
  it('is, for the first time on a worker, this', async () => {
    const fixture = new ClusterFixture();
    await applyTo(fixture);
    const web1 = fixture.host('web1');
    expect(web1.steps).toEqual([
      'note what was reached',
      'make /var/cache/muster',
      'install the agent',
      'enrol the agent',
      'start muster-agent.service',
      'make the folders of the control access',
      'enable the control access',
    ]);
    expect(web1.uploads.map(({ path, mode, owner }) => [path, mode, owner])).toEqual([
      [`/var/cache/muster/${'a'.repeat(64)}.tar.gz`, 0o644, 'root:root'],
      ['/etc/muster/agent.json', 0o644, 'root:root'],
      ['/var/lib/muster-control/control', 0o755, 'root:root'],
      ['/var/lib/muster-control/.ssh/authorized_keys', 0o644, 'root:root'],
      ['/var/lib/muster-control/sudoers', 0o440, 'root:root'],
    ]);
  });

  it('turns environments off for a host that runs no jobs, when it is added and never again', async () => {
    const fixture = new ClusterFixture();
    await applyTo(fixture);
    const kept = () => ['boss', 'web1'].map((name) => fixture.muster.nodes.get(name)?.environments);
    expect(kept()).toEqual(['off', 'on']);
    fixture.muster.put('boss', { environments: 'on', groups: ['old'] });
    fixture.muster.put('web1', { environments: 'off', groups: ['old'] });
    await applyTo(fixture);
    expect(kept()).toEqual(['on', 'off']);
  });

  it('leaves a running agent alone when only its node is corrected', async () => {
    const fixture = await finishedCluster();
    fixture.muster.put('web1', { groups: ['old'] });
    await applyTo(fixture);
    expect(fixture.host('web1').steps).toEqual([]);
    expect(fixture.muster.nodes.get('web1')?.groups).toEqual(['worker']);
  });

  it('asks the server for nothing when only an agent has to be started', async () => {
    const fixture = await finishedCluster();
    fixture.host('web1').services.set('muster-agent.service', { active: false, enabled: true });
    await applyTo(fixture);
    expect(fixture.host('boss').steps).toEqual([]);
    expect(fixture.host('web1').steps).toEqual(['start muster-agent.service']);
  });

  it('unpacks no release that is there already', async () => {
    const fixture = await finishedCluster();
    fixture.host('web1').files.delete('/etc/muster/agent.json');
    fixture.host('boss').files.delete('/etc/muster/muster.yaml');
    await applyTo(fixture);
    const installs = [...fixture.hosts.values()].flatMap((host) => host.sent).filter(({ label }) => label.startsWith('install'));
    expect(installs.map(({ script }) => script.includes('tar -xzf'))).toEqual([false, false]);
  });

  it('keeps the identity of agents when the server is only restarted', async () => {
    const fixture = await finishedCluster();
    fixture.host('boss').trouble('muster nodes', () => fixture.host('boss').trouble('muster nodes', undefined));
    fixture.host('boss').pending.add('muster.service');
    const { failures } = await applyTo(fixture);
    expect(failures.size).toBe(0);
    expect([...fixture.hosts.values()].flatMap((host) => host.steps)).not.toContain('enrol the agent');
  });
});

describe('a host that does not come to work', () => {
  it('is told in the preflight, with everything that is wrong, before anything is touched', async () => {
    const fixture = new ClusterFixture('[driver]\nboss ansible_host=10.0.0.10\n[worker]\nweb_1 ansible_host=10.0.0.11 my_iface=eth9\n');
    const { failures } = await applyTo(fixture);
    expect([...failures.keys()]).toEqual(['web_1']);
    expect(failures.get('web_1')).toMatchObject({
      phase: 'preflight',
      message: expect.stringMatching(/^web_1 cannot be used: as a node it cannot have this name.*; it has no interface eth9/u),
    });
    expect(fixture.host('web_1').steps).toEqual([]);
  });

  it('is the driver when it has no address for the agents', async () => {
    const fixture = new ClusterFixture();
    fixture.host('boss').facts = withoutIpOutput;
    const { failures } = await applyTo(fixture);
    expect(failures.get('boss')).toMatchObject({
      phase: 'server',
      message: expect.stringContaining('boss has no address that agents could use'),
    });
  });

  it('is one whose agent does not stay up', async () => {
    const fixture = new ClusterFixture();
    const web1 = fixture.host('web1');
    web1.trouble('start muster-agent.service', () => {
      web1.trouble('look at muster-agent.service', { exitCode: 0, stdout: 'active=failed\nenabled=enabled\n' });
    });
    const { failures } = await applyTo(fixture);
    expect(failures.get('web1')).toMatchObject({ phase: 'enrol', message: expect.stringContaining('Read: journalctl -u muster-agent') });
  });

  it('is the driver when its server does not answer, with the end of its journal', async () => {
    const fixture = new ClusterFixture();
    fixture.host('boss').trouble('wait for the server to answer', { stderr: 'Port 7420 cannot be opened' });
    const { failures } = await applyTo(fixture);
    expect(failures.get('boss')).toMatchObject({ phase: 'server', message: expect.stringContaining('Port 7420 cannot be opened') });
  });

  it('is one to which sudo gives no root', async () => {
    const fixture = new ClusterFixture();
    fixture.host('web2').trouble('sudo id -u', { exitCode: 0, stdout: '1000' });
    const { failures } = await applyTo(fixture);
    expect(failures.get('web2')).toMatchObject({ phase: 'connect', command: 'sudo id -u' });
  });
});

describe('the last look', () => {
  it('waits until every node of the run is good and has a certificate', async () => {
    const fixture = await finishedCluster();
    fixture.muster.put('web1', { health: { state: 'bad', reasons: [], since: null } });
    let looks = 0;
    const { run } = await before('verify', fixture);
    fixture.host('boss').trouble('muster nodes', () => {
      if (++looks === 2) fixture.muster.hear('web1');
    });
    await verifyPhase.before?.(run.hosts, { ...run, dryRun: false });
    expect(looks).toBe(2);
  });

  it('does not wait for hosts that are no longer in the run', async () => {
    const fixture = await finishedCluster();
    fixture.muster.put('web1', { health: { state: 'bad', reasons: [], since: null } });
    const { run } = await before('verify', fixture);
    fixture.host('boss').forget();
    const rest = run.hosts.filter(({ host }) => host.name !== 'web1');
    await verifyPhase.before?.(rest, { ...run, dryRun: false });
    expect(fixture.host('boss').sent.map(({ label }) => label)).toEqual(['muster nodes', 'muster agent check']);
  });

  it('ends when the run is interrupted', async () => {
    const fixture = await finishedCluster();
    fixture.muster.put('web1', { health: { state: 'bad', reasons: [], since: null } });
    const { run } = await before('verify', fixture);
    fixture.host('boss').trouble('muster nodes', () => void setImmediate(() => fixture.interrupt()));
    await expect(verifyPhase.before?.(run.hosts, { ...run, dryRun: false })).rejects.toThrow();
  });

  it.each([
    [
      'is bad',
      { state: 'bad' as const, reasons: [{ code: 'not-heard' as const, message: 'Not heard within 15 s.' }] },
      'web1 is bad after 60 s. Not heard within 15 s.',
    ],
    ['is unknown', { state: 'unknown' as const, reasons: [] }, 'web1 is unknown after 60 s.'],
  ])('names a node that %s, with the reason', async (_what, health, message) => {
    const fixture = await finishedCluster();
    fixture.muster.put('web1', { health: { ...health, since: null } });
    const { run, host } = await before('verify', fixture);
    await expect(verifyPhase.observe(host('web1'), { ...run, dryRun: false })).rejects.toThrow(message);
  });

  it('names a node that the server does not know', async () => {
    const fixture = await finishedCluster();
    fixture.muster.nodes.delete('web1');
    const { run, host } = await before('verify', fixture);
    await expect(verifyPhase.observe(host('web1'), { ...run, dryRun: false })).rejects.toThrow('web1 is not known to the server');
  });
});
