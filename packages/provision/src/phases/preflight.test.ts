import { describe, expect, it } from 'vitest';
import { ClusterFixture, KeptReport } from '../../test/cluster-fixture.ts';
import { apply, type ApplyOptions, phasesFor } from '../index.ts';

const three = (variables = '') => `[driver]\nboss ansible_host=10.0.0.10\n[worker]\nweb[1:2]\n[all:vars]\n${variables}\n`;
const applyTo = async (fixture: ClusterFixture, change: Partial<ApplyOptions> = {}) => {
  const report = new KeptReport();
  const { failures } = await apply(fixture.options(change), report);
  return { report, failed: Object.fromEntries([...failures.values()].map(({ host, phase, message }) => [`${host} in ${phase}`, message])) };
};
const cluster = (variables = '') =>
  new ClusterFixture(three(variables).replace('web[1:2]', 'web1 ansible_host=10.0.0.11\nweb2 ansible_host=10.0.0.12'));

describe('the preflight of a cluster', () => {
  it('names the problems of every host, before any is touched, and goes on with the others', async () => {
    const fixture = cluster();
    for (const name of ['web1', 'web2']) fixture.host(name).facts = fixture.host(name).facts.replace('cores=8', 'cores=1');
    const { failed } = await applyTo(fixture);
    expect(failed).toEqual({
      'web1 in preflight':
        'web1 cannot be used: it has 1 processor core and needs 2 (cores). Mend that, or go on without these checks: --skip-check cores.',
      'web2 in preflight': expect.stringContaining('(cores)'),
    });
    expect([fixture.host('web1').uploads, fixture.host('boss').isEnrolled]).toEqual([[], true]);
  });

  it('does without a check by its name, for all hosts or by a variable for one', async () => {
    const fixture = new ClusterFixture(
      '[driver]\nboss ansible_host=10.0.0.10\n[worker]\nweb1 ansible_host=10.0.0.11 muster_skip_checks=cores,memory\nweb2 ansible_host=10.0.0.12\n',
    );
    for (const host of fixture.hosts.values()) host.facts = host.facts.replace('cores=8', 'cores=1');
    expect(Object.keys((await applyTo(fixture)).failed)).toContain('web2 in preflight');
    expect((await applyTo(fixture, { skippedChecks: new Set(['cores']) })).failed).toEqual({});
  });

  it('refuses a misspelt check of a host before any is asked', async () => {
    const fixture = cluster('muster_skip_checks=core');
    await expect(applyTo(fixture)).rejects.toThrow('boss, muster_skip_checks: there is no check core. There are: os, architecture,');
    expect(fixture.host('boss').sent).toEqual([]);
  });

  it('tells a warning and goes on', async () => {
    const fixture = cluster();
    fixture.host('web1').facts = fixture.host('web1').facts.replace('os_id=debian', 'os_id=mint');
    const { report, failed } = await applyTo(fixture);
    expect(failed).toEqual({});
    expect(report.outcomes.filter(({ warnings }) => warnings !== undefined)).toMatchObject([
      { phase: 'preflight', host: 'web1', status: 'unchanged', warnings: [expect.stringMatching(/not supported.*\(os\)$/u)] },
    ]);
  });
});

describe('the ports between the hosts of a cluster', () => {
  /** These hosts have no k3s to install: what comes after is tested elsewhere. */
  const tryPorts = (fixture: ClusterFixture, change: Partial<ApplyOptions> = {}) =>
    applyTo(fixture, { phases: phasesFor({ only: ['preflight'] }), ...change });

  it('are tried with one listener and one question for each host, and once', async () => {
    const fixture = cluster('install_k3s=yes');
    expect((await tryPorts(fixture)).failed).toEqual({});
    const asked = (name: string) => fixture.host(name).sent.filter(({ label }) => label === 'look whether the other hosts answer');
    for (const name of ['boss', 'web1', 'web2']) expect([fixture.host(name).listened, asked(name).length]).toEqual([1, 1]);
    expect(asked('web1')[0]?.stdin).toContain('tcp 10.0.0.10 6443 bound\nudp 10.0.0.10 8472 bound\nudp 10.0.0.12 8472 bound\n');
    expect(fixture.host('web1').reached).toContain('tcp 10.0.0.12 10250\n');
    await tryPorts(fixture);
    for (const name of ['boss', 'web1', 'web2']) expect([fixture.host(name).listened, asked(name).length]).toEqual([1, 1]);
    await tryPorts(fixture, { recheck: true });
    for (const name of ['boss', 'web1', 'web2']) expect([fixture.host(name).listened, asked(name).length]).toEqual([2, 2]);
  });

  it('that are closed are named with both ends, and the others of the cluster go on', async () => {
    const fixture = cluster('install_k3s=yes');
    fixture.host('web1').blocked.set('tcp 10.0.0.10 6443', 'timeout').set('udp 10.0.0.12 8472', 'refused');
    const { failed } = await tryPorts(fixture);
    expect(failed).toEqual({
      'web1 in preflight': expect.stringContaining(
        'web1 -> boss tcp/6443: no answer (dropped?) (ports-reachable); web1 -> web2 udp/8472: refused (ports-reachable). Mend that',
      ),
    });
    fixture.host('web1').blocked.clear();
    expect((await tryPorts(fixture)).failed).toEqual({});
  });

  it('that a program has already are reached at that program; what cannot be asked so is left out', async () => {
    const fixture = cluster('install_k3s=yes');
    const boss = fixture.host('boss');
    boss.busy.add('tcp/6443').add('udp/8472');
    boss.facts += 'listener=tcp 0.0.0.0:6443 99 k3s.service k3s-server\n';
    expect((await tryPorts(fixture)).failed).toEqual({});
    const stdin = fixture.host('web1').sent.find(({ label }) => label === 'look whether the other hosts answer')?.stdin;
    expect(stdin).toContain('tcp 10.0.0.10 6443 busy\n');
    expect(stdin).not.toContain('udp 10.0.0.10 8472');
  });

  it('cannot be tried from or to a host without perl and python, which is a warning', async () => {
    const fixture = cluster('install_k3s=yes');
    fixture.host('web2').facts = fixture.host('web2').facts.replace('probe=perl\n', '');
    const { failed, report } = await tryPorts(fixture);
    expect(failed).toEqual({});
    expect(report.outcomes.find(({ host, phase }) => host === 'web2' && phase === 'preflight')?.warnings).toEqual([
      expect.stringContaining('whether others reach its ports is tried only where a program listens'),
      expect.stringContaining('which ports it reaches cannot be tried'),
    ]);
  });

  it('are not noted by a dry run, which changes nothing', async () => {
    const fixture = cluster();
    await tryPorts(fixture, { dryRun: true });
    expect([fixture.host('boss').listened, fixture.host('web1').reached]).toEqual([1, '']);
  });

  it('are left out where a check is', async () => {
    const fixture = cluster('install_k3s=yes');
    fixture.host('web1').blocked.set('tcp 10.0.0.10 6443', 'refused');
    expect((await tryPorts(fixture, { skippedChecks: new Set(['ports-reachable']) })).failed).toEqual({});
    expect(fixture.host('boss').listened).toBe(0);
  });

  it('are held by another program, which is an error that names it', async () => {
    const fixture = cluster();
    fixture.host('boss').facts += 'listener=tcp 0.0.0.0:7420 77 grafana.service grafana\n';
    expect((await tryPorts(fixture)).failed['boss in preflight']).toContain(
      'its port tcp/7420 is held by grafana (process 77 of grafana.service) on 0.0.0.0 (ports-free)',
    );
  });
});
