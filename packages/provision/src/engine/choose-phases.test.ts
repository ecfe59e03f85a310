import { describe, expect, it } from 'vitest';
import { ClusterFixture, inventoryOf, KeptReport } from '../../test/cluster-fixture.ts';
import { apply, applyPhases, driverNeeded, needsArtifacts, phasesFor } from '../apply.ts';
import { clusterOf } from '../host/cluster.ts';
import { ProvisionError } from '../provision-error.ts';
import type { Phase, Run } from './phase.ts';
import { runPhases } from './run-phases.ts';

const namesOf = (phases: readonly Phase[]) => phases.map(({ name }) => name);

describe('a choice of phases', () => {
  it('is all of them without --only and --skip', () => {
    expect(phasesFor({})).toEqual(applyPhases);
  });

  it('keeps the order of the run, and connect and detect', () => {
    expect(namesOf(phasesFor({ only: ['enrol, stage', 'server'] }))).toEqual(['connect', 'detect', 'stage', 'server', 'enrol']);
    expect(namesOf(phasesFor({ only: ['detect'] }))).toEqual(['connect', 'detect']);
    expect(namesOf(phasesFor({ only: ['stage', 'server'], skip: ['stage'] }))).toEqual(['connect', 'detect', 'server']);
  });

  it('leaves out what --skip names', () => {
    expect(namesOf(phasesFor({ skip: ['verify', 'control,enrol'] }))).toEqual(
      namesOf(applyPhases).filter((name) => !['verify', 'control', 'enrol'].includes(name)),
    );
  });

  it.each([
    [{ only: ['stagee'] }, /--only: there is no phase stagee\. The phases are connect, detect, .*verify\./u],
    [{ skip: ['a', 'b,verify'] }, /--skip: there is no phase a, b\./u],
    [{ only: [','] }, /--only names no phase/u],
    [{ skip: ['connect'] }, /connect and detect always run/u],
    [{ only: ['stage'], skip: ['stage'] }, /leave no phase/u],
  ])('is refused with a reason: %j', (choice, reason) => {
    expect(() => phasesFor(choice)).toThrow(reason);
    expect(() => phasesFor(choice)).toThrow(ProvisionError);
  });

  it('is refused where a phase needs what was left out, before any host is asked', async () => {
    const fixture = new ClusterFixture();
    const run = apply(fixture.options({ phases: phasesFor({ only: ['enrol'] }) }), new KeptReport());
    await expect(run).rejects.toThrow(/enrol needs what server and agent finds out or makes/u);
    expect(fixture.host('boss').sent).toEqual([]);
  });

  it('needs no phase that concerns nobody: without Slurm its phases can be left out', async () => {
    const fixture = new ClusterFixture();
    const phases = phasesFor({ skip: ['slurm-packages'] });
    const { failures } = await apply(fixture.options({ phases }), new KeptReport());
    expect(failures.size).toBe(0);
  });

  it('needs archives and a management server only for what uses them', () => {
    const inventory = inventoryOf('[worker]\nweb1\n');
    const looking = phasesFor({ only: ['preflight'] });
    const cluster = clusterOf(inventory, driverNeeded(looking));
    expect([cluster.driver, needsArtifacts(looking, cluster), needsArtifacts(applyPhases, cluster)]).toEqual([undefined, false, true]);
    expect(() => clusterOf(inventory, driverNeeded(applyPhases))).toThrow(/no host in the group \[driver\]/u);
  });
});

describe('a run with a limit', () => {
  it('changes the hosts of the limit, looks at the driver, and leaves the others alone', async () => {
    const fixture = new ClusterFixture();
    await apply(fixture.options(), new KeptReport());
    for (const host of fixture.hosts.values()) host.forget();
    for (const name of ['boss', 'web1', 'web2']) fixture.host(name).files.set('/etc/muster/agent.json', 'spoilt');
    const report = new KeptReport();
    const { failures } = await apply(fixture.options({ limit: new Set(['web1']) }), report);
    expect(failures.size).toBe(0);
    expect(fixture.host('web1').steps).toContain('install the agent');
    expect(fixture.host('boss').steps).toEqual([]);
    expect(fixture.host('web2').sent).toEqual([]);
    expect(new Set(report.outcomes.map(({ host }) => host))).toEqual(new Set(['web1']));
  });

  it('does not even log in to the driver when nothing needs a management server', async () => {
    const fixture = new ClusterFixture();
    await apply(fixture.options({ phases: phasesFor({ only: ['preflight'] }), limit: new Set(['web1']) }), new KeptReport());
    expect(fixture.host('boss').sent).toEqual([]);
    expect(fixture.host('web1').sent.length).toBeGreaterThan(0);
  });

  it('fails for its hosts when the driver, outside the limit, has no server yet', async () => {
    const { failures } = await apply(new ClusterFixture().options({ limit: new Set(['web1']) }), new KeptReport());
    expect(failures.get('web1')?.message).toMatch(/does not answer, and that host is outside --limit/u);
  });

  it('notes what it held back on an observed host', async () => {
    const run: Run = new ClusterFixture().run();
    const hosts = run.hosts.map((host) => (host.host.name === 'boss' ? { ...host, part: 'observed' as const } : host));
    const acted: string[] = [];
    const phase: Phase = {
      name: 'one',
      concerns: () => true,
      informs: true,
      observe: async () => undefined,
      plan: () => [{ what: 'change' }],
      act: async (_observed, { host }) => void acted.push(host.name),
    };
    const { outcomes } = await runPhases([phase], { ...run, hosts }, new KeptReport());
    expect([acted.toSorted(), hosts[0]?.heldBack, outcomes.has('boss')]).toEqual([['web1', 'web2'], ['one'], false]);
  });
});
