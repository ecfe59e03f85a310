import { describe, expect, it } from 'vitest';
import { ClusterFixture, KeptReport } from '../../test/cluster-fixture.ts';
import { FakeFirewall } from '../../test/fake-firewall.ts';
import { FakeInstalled } from '../../test/fake-installed.ts';
import { apply, type ApplyOptions, phasesFor } from '../index.ts';
import { reset } from '../reset/reset.ts';

const three = (variables = '') =>
  `[driver]\nboss ansible_host=10.0.0.10\n[worker]\nweb1 ansible_host=10.0.0.11\nweb2 ansible_host=10.0.0.12\n[all:vars]\n${variables}\n`;
const fourRules = ['tcp 7421 10.0.0.11', 'tcp 7421 10.0.0.12', 'tcp 7420 10.0.0.11', 'tcp 7420 10.0.0.12'].map((rule) => `ufw - ${rule}`);
const portsOnly = { phases: phasesFor({ only: ['preflight', 'firewall', 'reach'] }) };

async function applyTo(fixture: ClusterFixture, change: Partial<ApplyOptions> = {}) {
  const report = new KeptReport();
  const { failures } = await apply(fixture.options(change), report);
  const of = (host: string, phase: string) => report.outcomes.find((one) => one.host === host && one.phase === phase);
  return {
    failed: Object.fromEntries([...failures.values()].map(({ host, phase, message }) => [`${host} in ${phase}`, message])),
    told: (host: string) => of(host, 'firewall')?.changes.map(({ what }) => what),
    warnings: (host: string, phase: string) => of(host, phase)?.warnings,
  };
}

/** A cluster whose driver has ufw, which closes it for as long as there is no rule. */
function closedDriver(variables = '', inventory = three(variables)) {
  const fixture = new ClusterFixture(inventory);
  const firewall = new FakeFirewall(fixture.host('boss'));
  for (const host of fixture.hosts.values()) {
    const close = () => {
      const isOpen = firewall.rules.has(`ufw - tcp 7421 ${host.host.address}`);
      if (isOpen) host.blocked.clear();
      else host.blocked.set('tcp 10.0.0.10 7421', 'timeout');
    };
    host.trouble('look whether the other hosts answer', close);
  }
  return { fixture, firewall };
}

describe('hosts without a firewall of their own', () => {
  it('are not asked about one', async () => {
    const fixture = new ClusterFixture(three());
    expect((await applyTo(fixture)).failed).toEqual({});
    for (const host of fixture.hosts.values()) expect(host.sent.filter(({ label }) => label.includes('firewall'))).toEqual([]);
  });

  it('and a muster_firewall that is no word for yes or no are refused before any is asked', async () => {
    const fixture = new ClusterFixture(three('muster_firewall=some'));
    await expect(applyTo(fixture)).rejects.toThrow('boss: muster_firewall is "some": write yes or no.');
    expect(fixture.host('boss').sent).toEqual([]);
  });
});

describe('a driver whose ufw is active', () => {
  it('is opened for the hosts of the inventory, and what was closed before is only a warning', async () => {
    const { fixture, firewall } = closedDriver();
    const { failed, told, warnings } = await applyTo(fixture);
    expect(failed).toEqual({});
    expect(told('boss')).toEqual(['open tcp/7421 in ufw for web1, web2', 'open tcp/7420 in ufw for web1, web2']);
    expect(warnings('boss', 'preflight')).toEqual([
      'others do not reach its tcp/7421: the phase firewall opens ufw for them, and then it is tried again (ports-reachable)',
    ]);
    expect([...firewall.rules]).toEqual(fourRules);
    expect(firewall.notes).toContain('ufw - tcp 7421 10.0.0.11 web1');
    expect(fixture.host('web1').isEnrolled).toBe(true);
    // Both attempts of the run are one note.
    expect(fixture.host('web1').reached).toBe('tcp 10.0.0.10 7421\n');
  });

  it('is left alone by a second run', async () => {
    const { fixture } = closedDriver();
    await applyTo(fixture);
    fixture.host('boss').forget();
    expect((await applyTo(fixture)).told('boss')).toEqual([]);
    expect(fixture.host('boss').steps).not.toContain('change the firewall');
  });

  it('is told of in a dry run, and not opened', async () => {
    const { fixture, firewall } = closedDriver();
    const { failed, told } = await applyTo(fixture, { dryRun: true });
    expect([failed, told('boss')?.length, firewall.rules.size, firewall.notes]).toEqual([{}, 2, 0, []]);
  });

  it('is closed for good with muster_firewall=no, which the preflight says, and rules of a run before go', async () => {
    const { fixture, firewall } = closedDriver('muster_firewall=no');
    expect((await applyTo(fixture)).failed['boss in preflight']).toContain('web1 -> boss tcp/7421: no answer (dropped?) (ports-reachable)');
    const open = closedDriver();
    await applyTo(open.fixture);
    firewall.notes = open.firewall.notes;
    for (const rule of open.firewall.rules) firewall.rules.add(rule);
    fixture.host('boss').facts += 'firewall_notes=yes\n';
    expect((await applyTo(fixture, portsOnly)).told('boss')).toEqual([
      'close tcp/7421 in ufw to web1, web2',
      'close tcp/7420 in ufw to web1, web2',
    ]);
    expect([firewall.rules.size, firewall.notes]).toEqual([0, []]);
  });

  it.each([['firewall'], ['reach']])('is an error of the preflight where the phase %s is left out', async (skipped) => {
    const { fixture } = closedDriver();
    const { failed } = await applyTo(fixture, { phases: phasesFor({ skip: [skipped] }) });
    expect(failed['boss in preflight']).toContain('web1 -> boss tcp/7421: no answer (dropped?) (ports-reachable)');
  });

  it('stops whoever does not get through although it was opened, and nobody else', async () => {
    const { fixture } = closedDriver();
    const web2 = fixture.host('web2');
    web2.trouble('look whether the other hosts answer', undefined);
    web2.blocked.set('tcp 10.0.0.10 7421', 'refused');
    const { failed } = await applyTo(fixture);
    // The other one was reached in the second attempt, so it is not the driver that is closed.
    expect(Object.keys(failed)).toEqual(['web2 in reach']);
    expect(failed['web2 in reach']).toContain('web2 -> boss tcp/7421: refused (ports-reachable). Mend that');
    expect(fixture.host('web1').isEnrolled).toBe(true);
  });

  it('that is closed by something else than missing rules is told of in a dry run too', async () => {
    const { fixture, firewall } = closedDriver();
    for (const rule of fourRules) firewall.rules.add(rule);
    for (const name of ['web1', 'web2']) {
      fixture.host(name).trouble('look whether the other hosts answer', undefined);
      fixture.host(name).blocked.set('tcp 10.0.0.10 7421', 'timeout');
    }
    const { failed } = await applyTo(fixture, { dryRun: true, ...portsOnly });
    expect(Object.keys(failed)).toEqual(['boss in reach']);
  });

  it('that does not keep its rules is named with what is missing', async () => {
    const { fixture, firewall } = closedDriver();
    firewall.isForgetful = true;
    expect((await applyTo(fixture)).failed['boss in firewall']).toContain(
      'The firewall of boss does not keep the rules it was given; there is still to do: open tcp/7421 in ufw for web1, web2;',
    );
  });

  it('keeps rules for a host that is down, and none for one that has left', async () => {
    const { fixture, firewall } = closedDriver();
    await applyTo(fixture, portsOnly);
    fixture.host('boss').facts += 'firewall_notes=yes\n';
    fixture.unreachable.set('web2', new Error('no route'));
    expect((await applyTo(fixture, portsOnly)).told('boss')).toEqual([]);
    const later = closedDriver('', three().replace(/web2.*\n/u, ''));
    later.firewall.notes = firewall.notes;
    for (const rule of firewall.rules) later.firewall.rules.add(rule);
    expect((await applyTo(later.fixture, portsOnly)).told('boss')).toEqual([
      'close tcp/7421 in ufw to web2',
      'close tcp/7420 in ufw to web2',
    ]);
  });

  it('and is outside the limit stays as it is, and the hosts of the limit are told', async () => {
    const { fixture, firewall } = closedDriver();
    await applyTo(fixture);
    firewall.rules.delete('ufw - tcp 7421 10.0.0.11');
    fixture.host('boss').forget();
    const { warnings } = await applyTo(fixture, { limit: new Set(['web1']) });
    expect(warnings('web1', 'reach')).toEqual([
      'the firewall of boss, which is outside --limit, has no rule for it: take boss in if it does not get through (firewall)',
    ]);
    expect(fixture.host('boss').steps).toEqual([]);
  });
});

describe('a worker whose firewalld runs', () => {
  it('is opened in what runs and in what is kept', async () => {
    const fixture = new ClusterFixture(three('install_slurm=yes'));
    const firewall = new FakeFirewall(fixture.host('web1'), 'firewalld');
    const { told } = await applyTo(fixture, portsOnly);
    expect(told('web1')).toEqual(['open tcp/6818 in zone public of firewalld for boss, web2']);
    expect([...firewall.rules]).toEqual([
      'permanent public tcp 6818 10.0.0.10',
      'permanent public tcp 6818 10.0.0.12',
      'runtime public tcp 6818 10.0.0.10',
      'runtime public tcp 6818 10.0.0.12',
    ]);
    expect((await applyTo(fixture, portsOnly)).told('web1')).toEqual([]);
  });
});

describe('a reset', () => {
  it('takes away what runs have added, and nothing else', async () => {
    const { fixture, firewall } = closedDriver();
    firewall.rules.add('ufw - tcp 7420 10.0.0.12');
    await applyTo(fixture);
    const installed = [...fixture.hosts.values()].map((host) => new FakeInstalled(host));
    const report = new KeptReport();
    const options: Omit<ApplyOptions, 'atEnd'> = fixture.options();
    const result = await reset({ ...options, cluster: fixture.cluster, selected: new Set(fixture.hosts.keys()) }, report);
    expect([result.failures.size, installed.flatMap(({ traces }) => traces)]).toEqual([0, []]);
    expect(report.outcomes.find(({ host, phase }) => host === 'boss' && phase === 'firewall')?.changes.map(({ what }) => what)).toEqual([
      'close tcp/7421 in ufw to web1, web2',
      'close tcp/7420 in ufw to web1',
    ]);
    expect([[...firewall.rules], firewall.notes]).toEqual([['ufw - tcp 7420 10.0.0.12'], []]);
    expect(report.lines.indexOf('firewall starts on 3')).toBeLessThan(report.lines.indexOf('packages starts on 3'));
  });
});
