import { beforeEach, describe, expect, it } from 'vitest';
import { ClusterFixture, KeptReport } from '../../test/cluster-fixture.ts';
import { grammarProblems } from '../../test/dash.ts';
import { FakePoolMachine } from '../../test/fake-pool.ts';
import { apply, phasesFor, poolUpgradePhases } from '../index.ts';

const inventory = `
[management]
a ansible_host=10.0.0.1
b ansible_host=10.0.0.2
c ansible_host=10.0.0.3
`;

const upgradePatience = { healthySeconds: 0.1, emptySeconds: 0.1, shareSeconds: 0.1, everyMs: 10 };

let fixture: ClusterFixture;
let machines: Map<string, FakePoolMachine>;
/** What was done to servers, in its order. */
let done: string[];

/** A pool of three of the release before, with the primary on the first. */
beforeEach(async () => {
  fixture = new ClusterFixture(inventory);
  machines = new Map([...fixture.hosts].map(([name, host]) => [name, new FakePoolMachine(host)]));
  machines.get('a')!.isPrimary = true;
  expect((await run()).failures).toEqual([]);
  for (const [name, host] of fixture.hosts) {
    host.releases.set('muster', 'b'.repeat(64));
    fixture.muster.members.set(name, { state: 'active', lostAt: null, agents: 4, version: '0.1.0' });
  }
  done = [];
  for (const [name, host] of fixture.hosts)
    host.more.unshift(({ label }) => {
      if (/^(?:muster pool (?:drain|undrain)|install the server|start muster\.service)$/u.test(label)) done.push(`${label} ${name}`);
      return undefined;
    });
});

async function run(change: Parameters<ClusterFixture['options']>[0] = {}) {
  const report = new KeptReport();
  const result = await apply(fixture.options({ upgradePatience, ...change }), report);
  const failures = [...result.failures.values()].map(({ host, phase, message }) => `${host} in ${phase}: ${message}`).toSorted();
  const changes = report.outcomes.flatMap(({ phase, host, changes: all }) => all.map(({ what }) => `${phase} ${host}: ${what}`));
  const warnings = report.outcomes.flatMap(({ warnings: all = [] }) => all).filter((text) => !text.includes('watchdog'));
  return { failures, changes, warnings };
}

const stepsOf = (name: string) =>
  ['muster pool drain', 'install the server', 'start muster.service', 'muster pool undrain'].map((step) => `${step} ${name}`);
const states = () => [...fixture.muster.members].map(([name, { state, version }]) => `${name} ${state} ${version}`);

describe('a newer release on a pool', () => {
  it('is brought by an upgrade of the pool without that of agents, who wait for the next apply; again it changes nothing', async () => {
    for (const host of fixture.hosts.values()) host.releases.set('muster-agent', 'c'.repeat(64));
    const ofServers = { phases: phasesFor({ only: [...poolUpgradePhases] }) };
    const { changes, failures } = await run(ofServers);
    expect(failures).toEqual([]);
    expect(changes.filter((change) => change.startsWith('stage '))).toEqual(
      ['a', 'b', 'c'].map((name) => `stage ${name}: upload muster-server-0.2.0-x64.tar.gz`),
    );
    expect((await run(ofServers)).changes).toEqual([]);
    expect((await run()).changes).toEqual(expect.arrayContaining(['stage a: upload muster-agent-0.2.0-x64.tar.gz']));
  });

  it('comes to one member after the other, drained meanwhile, the primary last; a second run changes nothing', async () => {
    expect(await run()).toMatchObject({ failures: [], warnings: [] });
    expect(done).toEqual([...stepsOf('b'), ...stepsOf('c'), ...stepsOf('a')]);
    expect(states()).toEqual(['a active 0.2.0', 'b active 0.2.0', 'c active 0.2.0']);
    done.length = 0;
    expect((await run()).changes).toEqual([]);
    expect(done).toEqual([]);
  });

  it('comes by the phases of the servers alone, on the members alone, as "muster pool upgrade" has it', async () => {
    const { failures } = await run({ phases: phasesFor({ only: [...poolUpgradePhases] }), limit: new Set(['a', 'b', 'c']) });
    expect(failures).toEqual([]);
    expect(done).toEqual([...stepsOf('b'), ...stepsOf('c'), ...stepsOf('a')]);
    expect(fixture.host('a').releases.get('muster-agent')).toBe('a'.repeat(64));
  });

  it('is told in a dry run, with the member that comes last', async () => {
    const { changes } = await run({ dryRun: true });
    const last = 'let the other members take its nodes, and have them back afterwards';
    expect(changes).toEqual(expect.arrayContaining([`server a: ${last} (last: the primary is here)`, `server b: ${last}`]));
    expect(done).toEqual([]);
  });

  it('has scripts that a POSIX shell takes', async () => {
    await run();
    const scripts = new Map([...fixture.hosts.values()].flatMap(({ sent }) => sent.map(({ script, label }) => [label, script] as const)));
    for (const label of [
      'look at the voters',
      'look at the database with the new release',
      'note the upgrade',
      'look for an upgrade',
      'look at the server',
    ])
      expect([label, await grammarProblems(scripts.get(label) ?? '(')]).toEqual([label, '']);
  });

  it('stops at the first that does not come back; the others serve as they are, and the next run goes on', async () => {
    fixture.host('b').trouble('wait for the server to answer', { stderr: 'it does not' });
    const { failures } = await run();
    expect(failures).toEqual([
      expect.stringMatching(/^a in server: a was left as it is, and serves: the upgrade stopped at b\./u),
      expect.stringMatching(/^b in server: /u),
      expect.stringMatching(/^c in server: c was left as it is, and serves: the upgrade stopped at b\./u),
    ]);
    expect(done).toEqual(stepsOf('b').slice(0, 3));
    expect(states()).toEqual(['a active 0.1.0', 'b draining 0.2.0', 'c active 0.1.0']);
    fixture.host('b').trouble('wait for the server to answer', undefined);
    done.length = 0;
    expect((await run()).failures).toEqual([]);
    expect(done).toEqual(['muster pool undrain b', ...stepsOf('c'), ...stepsOf('a')]);
    expect(states()).toEqual(['a active 0.2.0', 'b active 0.2.0', 'c active 0.2.0']);
  });

  it.each<[string, () => void, RegExp]>([
    [
      'a member is gone',
      () => fixture.muster.members.set('d', { state: 'active', lostAt: '2026-01-01T00:00:00.000Z', agents: 0, version: '0.1.0' }),
      /d is not there/u,
    ],
    [
      'somebody drains another member',
      () => fixture.muster.members.set('d', { state: 'draining', lostAt: null, agents: 0, version: '0.1.0' }),
      /d gives its nodes away/u,
    ],
    ['a copy of the database is missing', () => void (fixture.muster.protection = 'unprotected'), /in one copy only/u],
    [
      'a voter is not well',
      () => machines.forEach((one) => (one.sickVoters = 'https://10.0.0.3:23790 is unhealthy')),
      /Not every voter .* is well/u,
    ],
  ])('does not begin while %s', async (_, harm, why) => {
    harm();
    const { failures } = await run();
    expect(failures[1]).toMatch(/^b in server: The server of b was not stopped, and serves\. /u);
    expect(failures[1]).toMatch(why);
    expect(done).toEqual([]);
  });

  it('does not begin where the new release could not work with the database beside the others', async () => {
    fixture
      .host('b')
      .more.unshift(({ label }) =>
        label === 'look at the database with the new release'
          ? 'error: The database was left as it is: upgrade to the release between first.\n'
          : undefined,
      );
    const { failures } = await run();
    expect(failures).toEqual([
      expect.stringMatching(/^a in server: a was left as it is, and serves: the upgrade stopped at b\./u),
      'b in server: The server of b was not stopped, and serves. The database was left as it is: upgrade to the release between first.',
      expect.stringMatching(/^c in server: c was left as it is/u),
    ]);
    expect(done).toEqual([]);
    expect(states()).toEqual(['a active 0.1.0', 'b active 0.1.0', 'c active 0.1.0']);
  });

  it('takes a member in again that a run has drained and left, and leaves one as it is that an administrator has drained', async () => {
    const member = fixture.muster.members.get('b')!;
    expect((await run()).failures).toEqual([]);
    fixture.muster.members.set('b', { ...member, version: '0.2.0', state: 'draining' });
    expect((await run()).changes).toEqual([]);
    fixture.host('b').isDrained = true;
    expect((await run()).changes).toEqual(['server b: take its nodes again: an upgrade was cut off']);
    expect(states()[1]).toBe('b active 0.2.0');
  });

  it('says when a server is of another version than what was installed', async () => {
    fixture.host('b').trouble('wait for the server to answer', () => fixture.muster.serve('b', '0.1.9'));
    expect((await run()).failures[1]).toMatch(/^b in server: The server of b says that it is version 0\.1\.9, and 0\.2\.0 was installed/u);
  });

  it('says when its agents do not come back, and goes on', async () => {
    fixture
      .host('b')
      .trouble('muster pool undrain', () =>
        fixture.muster.members.set('b', { state: 'active', lostAt: null, agents: 0, version: '0.2.0' }),
      );
    fixture.host('b').more.unshift(({ label }) => (label === 'muster pool undrain' ? '' : undefined));
    const { failures, warnings } = await run();
    expect(failures).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining('does not have its share of the agents again')]);
  });
});
