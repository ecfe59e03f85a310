import { X509Certificate } from 'node:crypto';
import { beforeEach, describe, expect, it } from 'vitest';
import { ClusterFixture, KeptReport } from '../../test/cluster-fixture.ts';
import { grammarProblems } from '../../test/dash.ts';
import { FakePoolMachine } from '../../test/fake-pool.ts';
import { apply, phasesFor, poolRotationPhases } from '../index.ts';
import type { PoolRecord } from './record.ts';
import { furthest } from './rotation.ts';

const inventory = `
[management]
a ansible_host=10.0.0.1
b ansible_host=10.0.0.2
[witness]
c ansible_host=10.0.0.3
`;
const names = ['a', 'b', 'c'];

let fixture: ClusterFixture;
let machines: Map<string, FakePoolMachine>;
/** What was done to programs, in its order. */
let done: string[];

beforeEach(async () => {
  fixture = new ClusterFixture(inventory);
  machines = new Map([...fixture.hosts].map(([name, host]) => [name, new FakePoolMachine(host)]));
  machines.get('a')!.isPrimary = true;
  expect((await run()).failures).toEqual([]);
  done = [];
  for (const [name, host] of fixture.hosts)
    host.more.unshift(({ label }) => {
      if (/^(?:start|reload) muster/u.test(label)) done.push(`${label} ${name}`);
      return undefined;
    });
});

async function run(change: Parameters<ClusterFixture['options']>[0] = {}) {
  const report = new KeptReport();
  const result = await apply(fixture.options(change), report);
  const failures = [...result.failures.values()].map(({ host, phase, message }) => `${host} in ${phase}: ${message}`);
  const changes = report.outcomes.flatMap(({ phase, host, changes: all }) => all.map(({ what }) => `${phase} ${host}: ${what}`));
  const warnings = report.outcomes.flatMap(({ warnings: all = [] }) => all).filter((text) => !text.includes('watchdog'));
  return { failures, changes, warnings, rotation: result.rotation };
}
const turn = (change: Parameters<ClusterFixture['options']>[0] = {}) =>
  run({ phases: phasesFor({ only: [...poolRotationPhases] }), turnsAuthority: true, ...change });

const file = (name: string, path: string) => fixture.host(name).files.get(`/etc/muster/pool/${path}`) ?? '';
const recordOf = (name: string) => JSON.parse(file(name, 'pool.json')) as PoolRecord;
const trustedBy = (name: string) => file(name, 'authority.pem').match(/-----BEGIN[^]*?-----END CERTIFICATE-----\n/gu) ?? [];
/** Whether every machine trusts what every machine shows, with the key that goes with it. */
function requireTrust(): void {
  for (const name of names) {
    const [own = '', issuer = ''] = file(name, 'member.pem').match(/-----BEGIN[^]*?-----END CERTIFICATE-----\n/gu) ?? [];
    expect(new X509Certificate(own).verify(new X509Certificate(issuer).publicKey)).toBe(true);
    expect(file(name, 'etcd.key')).toBe(file(name, 'member.key'));
    const roots = trustedBy(name === 'a' ? 'b' : 'a').map((pem) => new X509Certificate(pem));
    expect(roots.some((root) => new X509Certificate(issuer).verify(root.publicKey))).toBe(true);
  }
}

describe('the authority of a pool', () => {
  it('is changed in three steps, in which all trust what all show; etcd is started anew for what it trusts', async () => {
    const before = recordOf('a').authority;
    const etcd = names.map((name) => `start muster-etcd.service ${name}`);
    const database = ['reload muster-database.service a', 'reload muster-database.service b'];
    expect(await turn()).toMatchObject({ failures: [], rotation: 'announced' });
    expect(names.map((name) => trustedBy(name).length)).toEqual([2, 2, 2]);
    expect(recordOf('a').authority).toEqual(before);
    expect(done.splice(0)).toEqual([...etcd, ...database]);
    requireTrust();

    expect(await turn()).toMatchObject({ failures: [], rotation: 'issuing' });
    const { authority } = recordOf('a');
    expect(authority.rootPem).not.toBe(before.rootPem);
    expect(done.splice(0)).toEqual(database);
    requireTrust();

    expect(await turn()).toMatchObject({ failures: [], rotation: undefined });
    expect(names.map(trustedBy)).toEqual([[authority.rootPem], [authority.rootPem], [authority.rootPem]]);
    expect(recordOf('a')).toEqual(recordOf('b'));
    expect(recordOf('a').rotation).toBeUndefined();
    expect(done.splice(0)).toEqual([...etcd, ...database]);
    requireTrust();
    expect((await run()).changes).toEqual([]);
  });

  it('goes no step further before all machines have come to the one before', async () => {
    fixture.host('c').trouble('start muster-etcd.service', { stderr: 'it does not start' });
    expect(await turn()).toMatchObject({ failures: [expect.stringContaining('c in pool-etcd')], rotation: 'announced' });
    const [announced] = [recordOf('a')];
    expect(await turn()).toMatchObject({ failures: [expect.stringContaining('c in pool-etcd')], rotation: 'announced' });
    expect(recordOf('a')).toEqual(announced);
    fixture.host('c').trouble('start muster-etcd.service', undefined);
    // This run brings the last one there; the next one goes on.
    expect(await turn()).toMatchObject({ failures: [], rotation: 'announced' });
    expect(await turn()).toMatchObject({ failures: [], rotation: 'issuing' });
    requireTrust();
  });

  it('forgets the one before only when every database shows a certificate of the new one', async () => {
    await turn();
    fixture.host('b').trouble('reload muster-database.service', { stderr: 'it was cut off' });
    expect(await turn()).toMatchObject({ failures: [expect.stringContaining('b in pool-database')], rotation: 'issuing' });
    fixture.host('b').trouble('reload muster-database.service', undefined);
    expect(await turn()).toMatchObject({ failures: [], rotation: 'issuing' });
    expect(names.map((name) => trustedBy(name).length)).toEqual([2, 2, 2]);
    expect(await turn()).toMatchObject({ failures: [], rotation: undefined });
  });

  it('is told of by an apply in between, which goes no further', async () => {
    await turn();
    const kept = recordOf('a');
    const { changes, warnings } = await run();
    expect(changes).toEqual([]);
    expect(warnings).toEqual(Array.from({ length: 2 }, () => expect.stringContaining('muster pool rotate goes on with that') as string));
    expect(recordOf('a')).toEqual(kept);
  });

  it('is changed on all machines at once, or not at all', async () => {
    const kept = recordOf('a');
    const { failures } = await turn({ limit: new Set(['a', 'b']) });
    expect(failures[0]).toMatch(/The authority of the pool is changed on all its machines in one run, and c would be left out by --limit/u);
    expect(recordOf('a')).toEqual(kept);
  });

  it('is not changed by a dry run, which says what would be', async () => {
    const { changes } = await turn({ dryRun: true });
    expect(changes).toEqual(
      expect.arrayContaining(['pool a: change /etc/muster/pool/authority.pem', 'pool c: change /etc/muster/pool/authority.pem']),
    );
    expect(done).toEqual([]);
    expect(recordOf('a').rotation).toBeUndefined();
  });

  it('has scripts that a POSIX shell takes', async () => {
    for (let step = 0; step < 3; step += 1) await turn();
    const scripts = new Map([...fixture.hosts.values()].flatMap(({ sent }) => sent.map(({ script, label }) => [label, script] as const)));
    for (const label of ['make /etc/muster/pool', 'put the certificate of the pool in place', 'look at the authority of the pool'])
      expect([label, await grammarProblems(scripts.get(label) ?? '(')]).toEqual([label, '']);
  });
});

describe('records that a run which was cut off has left unlike', () => {
  const authority = (name: string) => ({ rootPem: name, intermediatePem: name, keyPem: name });
  const of = (name: string, rotation?: PoolRecord['rotation']) =>
    ({ authority: authority(name), ...(rotation === undefined ? {} : { rotation }) }) as PoolRecord;
  const [before, after] = [of('A'), of('B')];
  const announced = of('A', { step: 'announced', next: authority('B') });
  const issuing = of('B', { step: 'issuing', formerRootPem: 'A' });

  it.each([
    [before, before, before],
    [before, announced, announced],
    [announced, issuing, issuing],
    [issuing, after, after],
  ])('are continued from the one that is furthest', (one, other, expected) => {
    expect(furthest([one, other])).toBe(expected);
    expect(furthest([other, one])).toBe(expected);
  });
});
