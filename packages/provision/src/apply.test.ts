import { describe, expect, it } from 'vitest';
import { ClusterFixture, KeptReport } from '../test/cluster-fixture.ts';
import { apply } from './index.ts';

const names = ['boss', 'web1', 'web2'];

describe('muster apply', () => {
  it('makes a cluster of bare hosts, each with the phases it needs', async () => {
    const fixture = new ClusterFixture();
    const report = new KeptReport();
    const result = await apply(fixture.options(), report);
    expect(result).toMatchObject({ failures: new Map(), notDone: [], panelUrl: 'https://10.0.0.10:7420' });
    expect(report.lines.filter((line) => line.includes('starts'))).toEqual([
      'connect starts on 3',
      'detect starts on 3',
      'preflight starts on 3',
      'firewall starts on 3',
      'reach starts on 3',
      'stage starts on 3',
      'server starts on 1',
      'agent starts on 3',
      'enrol starts on 3',
      'control starts on 3',
      'verify starts on 3',
    ]);
    expect([...fixture.muster.nodes.keys()]).toEqual(names);
    for (const node of fixture.muster.nodes.values()) {
      expect(node).toMatchObject({
        registration: 'registered',
        health: { state: 'good' },
        privateIp: expect.stringMatching(/^10\.0\.0\./u),
      });
    }
    expect(result.signInUrl).toContain('#secret-1');
    expect([...fixture.hosts.values()].map((host) => host.isClosed)).toEqual([true, true, true]);
  });

  it('changes nothing in a second run: nothing is sent but looks, and no link is made', async () => {
    const fixture = new ClusterFixture();
    await apply(fixture.options(), new KeptReport());
    for (const host of fixture.hosts.values()) host.forget();
    const report = new KeptReport();
    const result = await apply(fixture.options(), report);
    expect(report.outcomes.filter((outcome) => outcome.status !== 'unchanged')).toEqual([]);
    for (const host of fixture.hosts.values()) expect([host.steps, host.uploads]).toEqual([[], []]);
    expect(result).toMatchObject({ panelUrl: 'https://10.0.0.10:7420' });
    expect(result.signInUrl).toBeUndefined();
    expect(fixture.muster.links).toBe(1);
  });

  it('tells in a dry run the same changes as it then makes, and makes none', async () => {
    const fixture = new ClusterFixture();
    const dry = new KeptReport();
    await apply(fixture.options({ dryRun: true }), dry);
    for (const host of fixture.hosts.values()) expect([host.steps, host.uploads]).toEqual([[], []]);
    const real = new KeptReport();
    await apply(fixture.options(), real);
    const told = ({ outcomes }: KeptReport) =>
      outcomes.flatMap(({ host, changes }) => changes.map(({ what }) => `${host}: ${what}`)).toSorted();
    expect(told(dry)).toEqual(told(real));
    expect(told(dry).length).toBeGreaterThan(10);
  });

  it('goes on without a host that cannot be reached, and takes it in later', async () => {
    const fixture = new ClusterFixture();
    fixture.unreachable.set('web1', new Error('nobody answers'));
    const result = await apply(fixture.options(), new KeptReport());
    expect([...result.failures.values()]).toEqual([{ host: 'web1', phase: 'connect', kind: 'failed', message: 'nobody answers' }]);
    expect([...fixture.muster.nodes.keys()]).toEqual(['boss', 'web2']);
    fixture.unreachable.clear();
    const report = new KeptReport();
    expect((await apply(fixture.options(), report)).failures.size).toBe(0);
    const changed = report.outcomes.filter((outcome) => outcome.status === 'changed').map((outcome) => outcome.host);
    expect([...new Set(changed)]).toEqual(['web1']);
  });

  it('says on every host that nothing goes on without the server, and which host to mend', async () => {
    const fixture = new ClusterFixture();
    fixture.host('boss').trouble('install the server', { stderr: 'tar: no space left on device' });
    const { failures } = await apply(fixture.options(), new KeptReport());
    expect(failures.get('boss')).toMatchObject({
      phase: 'server',
      command: 'install the server',
      message: expect.stringContaining('no space'),
    });
    for (const name of ['web1', 'web2']) {
      expect(failures.get(name)).toMatchObject({ phase: 'enrol', message: expect.stringContaining('host boss has failed') });
    }
    expect(fixture.host('web1').services.size).toBe(0);
  });

  it.each([
    'install the server',
    'start muster.service',
    'wait for the server to answer',
    'install the agent',
    'enrol the agent',
    'start muster-agent.service',
    'muster node ensure',
  ])('goes on after a failure at "%s" until nothing is left to do', async (label) => {
    const fixture = new ClusterFixture();
    for (const host of fixture.hosts.values()) host.trouble(label, { stderr: 'out of order' });
    expect((await apply(fixture.options(), new KeptReport())).failures.size).toBeGreaterThan(0);
    for (const host of fixture.hosts.values()) host.trouble(label, undefined);
    expect((await apply(fixture.options(), new KeptReport())).failures.size).toBe(0);
    const third = new KeptReport();
    await apply(fixture.options(), third);
    expect(third.outcomes.filter((outcome) => outcome.status !== 'unchanged')).toEqual([]);
  });

  it.each(['stage', 'server', 'agent', 'enrol'])('interrupted in the phase %s is finished by the next run', async (phase) => {
    const fixture = new ClusterFixture();
    const report = new KeptReport();
    report.phaseStarted = (name) => {
      if (name === phase) fixture.interrupt();
    };
    const result = await apply(fixture.options(), report);
    expect(result.notDone.length + result.failures.size).toBe(3);
    for (const host of fixture.hosts.values()) expect(host.isClosed).toBe(true);
    const next = await apply(fixture.options({ signal: new AbortController().signal }), new KeptReport());
    expect(next).toMatchObject({ failures: new Map(), notDone: [] });
  });

  it('restarts an agent whose new configuration an interrupted run had written but not put into use', async () => {
    const fixture = new ClusterFixture();
    await apply(fixture.options(), new KeptReport());
    const web1 = fixture.host('web1');
    web1.files.delete('/etc/muster/agent.json');
    web1.trouble('look at muster-agent.service', () => fixture.interrupt());
    await apply(fixture.options(), new KeptReport());
    expect(web1.files.has('/etc/muster/agent.json')).toBe(true);
    web1.trouble('look at muster-agent.service', undefined);
    web1.forget();
    await apply(fixture.options({ signal: new AbortController().signal }), new KeptReport());
    expect(web1.steps).toEqual(['start muster-agent.service']);
  });
});
