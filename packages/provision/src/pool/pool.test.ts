import { beforeEach, describe, expect, it } from 'vitest';
import { ClusterFixture, KeptReport } from '../../test/cluster-fixture.ts';
import { grammarProblems } from '../../test/dash.ts';
import { FakePoolMachine } from '../../test/fake-pool.ts';
import { apply, phasesFor } from '../index.ts';
import type { PoolRecord } from './record.ts';

const inventory = `
[management]
a ansible_host=10.0.0.1
b ansible_host=10.0.0.2
[witness]
c ansible_host=10.0.0.3
[worker]
d ansible_host=10.0.0.4
`;

let fixture: ClusterFixture;
let machines: Map<string, FakePoolMachine>;
beforeEach(() => {
  fixture = new ClusterFixture(inventory);
  machines = new Map([...fixture.hosts].map(([name, host]) => [name, new FakePoolMachine(host)]));
  machines.get('a')!.isPrimary = true;
});

const machine = (name: string) => machines.get(name)!;
const file = (name: string, path: string) => fixture.host(name).files.get(path) ?? '';
const recordOf = (name: string) => JSON.parse(file(name, '/etc/muster/pool/pool.json')) as PoolRecord;

async function run(change: Parameters<ClusterFixture['options']>[0] = {}) {
  const report = new KeptReport();
  const result = await apply(fixture.options(change), report);
  const failures = [...result.failures.values()].map(({ host, phase, message }) => `${host} in ${phase}: ${message}`);
  const changes = report.outcomes.flatMap(({ phase, host, changes: all }) => all.map(({ what }) => `${phase} ${host}: ${what}`));
  return { report, failures, changes };
}

describe('a pool by muster apply', () => {
  it('is made of bare hosts: one record, one key file, one database for every server', async () => {
    expect((await run()).failures).toEqual([]);
    expect(recordOf('a')).toEqual(recordOf('b'));
    expect(recordOf('a').members).toEqual([
      { name: 'a', address: '10.0.0.1', kind: 'database' },
      { name: 'b', address: '10.0.0.2', kind: 'database' },
      { name: 'c', address: '10.0.0.3', kind: 'witness' },
    ]);
    expect(file('c', '/etc/muster/pool/pool.json')).toBe('');
    expect(file('a', '/var/lib/muster/master.key')).not.toBe('');
    expect(file('a', '/var/lib/muster/master.key')).toBe(file('b', '/var/lib/muster/master.key'));
    for (const name of ['a', 'b'])
      expect(file(name, '/etc/muster/muster.yaml')).toContain('@10.0.0.1:25432,10.0.0.2:25432/muster?sslmode=verify-ca');
    expect(file('a', '/etc/muster/muster.yaml')).toContain('https://10.0.0.1:7420');
    expect(file('b', '/etc/muster/muster.yaml')).toContain('https://10.0.0.2:7420');
    expect([...fixture.muster.nodes.keys()]).toEqual(['a', 'b', 'c', 'd']);
  });

  it('gives each server the way to Patroni, the password for its own user alone', async () => {
    await run();
    for (const name of ['a', 'b']) {
      const uploads = fixture.host(name).uploads.filter(({ path }) => path === '/etc/muster/pool/patroni-password');
      expect(uploads.map(({ mode, owner }) => [mode, owner])).toEqual([[0o600, 'muster:muster']]);
      expect(uploads[0]?.content).toBe(`${recordOf('a').passwords.rest}\n`);
      const config = file(name, '/etc/muster/muster.yaml');
      for (const part of ['https://10.0.0.1:28008', 'https://10.0.0.2:28008', uploads[0]?.path, '/etc/muster/pool/authority.pem'])
        expect(config).toContain(part);
      expect(config).not.toContain(recordOf('a').passwords.rest);
    }
  });

  it('of an older release learns the way to Patroni and who copies the database', async () => {
    await run();
    for (const name of ['a', 'b']) fixture.host(name).files.delete('/etc/muster/pool/patroni-password');
    machine('a').maySeeCopies = false;
    expect((await run()).changes).toEqual(
      expect.arrayContaining([
        'pool-account a: let the account muster see who copies the database',
        'server a: write /etc/muster/pool/patroni-password',
        'server b: write /etc/muster/pool/patroni-password',
      ]),
    );
    expect((await run()).changes).toEqual([]);
  });

  it('of an older release gets the settings that databases share, on the primary alone, and keeps others', async () => {
    await run();
    const { settings } = machine('a');
    machine('a').settings = { ...settings, ttl: 30, synchronous_mode: undefined, synchronous_node_count: 2 };
    machine('b').settings = machine('a').settings;
    expect((await run()).changes).toEqual([
      'pool-settings a: set for all databases of the pool: ttl 30 -> 20',
      'pool-settings a: set for all databases of the pool: synchronous_mode null -> true',
    ]);
    expect(machine('a').settings).toEqual({ ...settings, synchronous_node_count: 2 });
    machine('b').settings = machine('a').settings;
    expect((await run()).changes).toEqual([]);
  });

  it('changes nothing in a second run', async () => {
    await run();
    const { report, failures } = await run();
    expect(failures).toEqual([]);
    expect(report.outcomes.filter(({ status }) => status !== 'unchanged')).toEqual([]);
  });

  it('is told in a dry run, and nothing is made', async () => {
    const { changes, failures } = await run({ dryRun: true });
    expect(failures).toEqual([]);
    expect(changes).toEqual(expect.arrayContaining(['pool a: write /etc/muster/pool/pool.json', 'pool-etcd c: start muster-etcd.service']));
    for (const host of fixture.hosts.values()) expect([host.steps, host.uploads]).toEqual([[], []]);
  });

  it('shows no secret in what it tells, in scripts or in arguments', async () => {
    const { report } = await run();
    const { passwords, authority } = recordOf('a');
    const told =
      JSON.stringify(report.outcomes) +
      [...fixture.hosts.values()].flatMap(({ sent }) => sent.map(({ script, label }) => script + label)).join('');
    for (const secret of [...Object.values(passwords), authority.keyPem.slice(40, 80)]) expect(told).not.toContain(secret);
  });

  it('has scripts that a POSIX shell takes', async () => {
    await run();
    const scripts = new Map([...fixture.hosts.values()].flatMap(({ sent }) => sent.map(({ script, label }) => [script, label] as const)));
    const ofPool = [...scripts].filter(([, label]) => /pool|etcd|quorum|database|PostgreSQL|key file/u.test(label));
    expect(ofPool.length).toBeGreaterThan(12);
    await Promise.all(ofPool.map(async ([script, label]) => expect([label, await grammarProblems(script)]).toEqual([label, ''])));
  });

  it.each([
    ['make /etc/muster/pool', 'b'],
    ['give etcd its key', 'c'],
    ['start muster-etcd.service', 'b'],
    ['wait for a quorum', 'c'],
    ['start muster-database.service', 'b'],
    ['make the account of the database', 'a'],
    ['look at the settings that databases share', 'a'],
    ['start muster.service', 'b'],
  ])('goes on after a failure at "%s" on %s', async (label, name) => {
    fixture.host(name).trouble(label, { stderr: 'out of order' });
    expect((await run()).failures).not.toEqual([]);
    fixture.host(name).trouble(label, undefined);
    expect((await run()).failures).toEqual([]);
    expect((await run()).changes).toEqual([]);
  });

  it('is not made while one of its machines does not answer', async () => {
    fixture.unreachable.set('c', new Error('nobody answers'));
    const { failures } = await run();
    expect(failures).toContainEqual(expect.stringMatching(/^a in pool: The pool is made when all its machines answer, and c did not/u));
    expect(file('a', '/etc/muster/pool/pool.json')).toBe('');
  });

  it.each(['pool', 'pool-account', 'pool-key', 'pool-move'])('is not set up without the phase %s', async (name) => {
    const phases = phasesFor({ skip: [name] });
    await expect(run({ phases })).rejects.toThrow(new RegExp(`server needs what (?:.* and )?${name} finds out or makes`, 'u'));
    for (const host of fixture.hosts.values()) expect(host.sent).toEqual([]);
  });

  it('is not made by a run of one of its machines, which would get keys that nobody else has', async () => {
    const limited = await run({ limit: new Set(['c']) });
    expect(limited.failures).toContainEqual(
      expect.stringMatching(/^c in pool: The pool is made on all its machines in one run, and a, b would be left out by --limit/u),
    );
    expect([...fixture.host('c').files.keys()].filter((path) => path.startsWith('/etc/muster/pool/'))).toEqual([]);
    expect((await run()).failures).toEqual([]);
  });

  it('has its etcd founded by all its machines only', async () => {
    fixture.host('b').trouble('give etcd its key', { stderr: 'out of order' });
    await run();
    fixture.host('b').trouble('give etcd its key', undefined);
    Object.assign(machine('a'), { hasEtcdData: false, isFounded: false });
    Object.assign(machine('c'), { isFounded: false });
    expect((await run({ limit: new Set(['a']) })).failures).toContainEqual(
      expect.stringMatching(/^a in pool-etcd: The pool's etcd is founded on all its machines in one run, and b, c would be left out/u),
    );
    expect((await run()).failures).toEqual([]);
  });

  it('stays as it is while a member is away', async () => {
    await run();
    fixture.unreachable.set('a', new Error('nobody answers'));
    Object.assign(machine('b'), { isPrimary: true, hasAccount: true });
    const { failures, changes } = await run();
    expect(failures).toEqual(['a in connect: nobody answers']);
    expect(changes).toEqual([]);
  });

  it('stays as it is while the machine of the primary is away, by a replica that knows the account', async () => {
    await run();
    fixture.unreachable.set('a', new Error('nobody answers'));
    Object.assign(machine('b'), { isPrimary: false, hasAccount: true });
    expect(await run()).toMatchObject({ failures: ['a in connect: nobody answers'], changes: [] });
  });

  it('gets no new key file while the holder of its own is away, or where all have lost it', async () => {
    const key = 'k'.repeat(32);
    fixture.host('a').files.set('/var/lib/muster/master.key', key);
    await run();
    fixture.host('b').files.delete('/var/lib/muster/master.key');
    fixture.unreachable.set('a', new Error('nobody answers'));
    Object.assign(machine('b'), { isPrimary: true, hasAccount: true });
    const away =
      /^b in pool-key: b uses the database already, and no server that answers has the key file .* a may have it and could not be/u;
    expect((await run()).failures).toContainEqual(expect.stringMatching(away));
    fixture.unreachable.clear();
    fixture.host('a').files.delete('/var/lib/muster/master.key');
    expect((await run()).failures).toContainEqual(expect.stringMatching(/^b in pool-key: .* Put it back from a backup/u));
    fixture.host('a').files.set('/var/lib/muster/master.key', key);
    expect((await run()).failures).toEqual([]);
    expect(file('b', '/var/lib/muster/master.key')).toBe(key);
  });

  it('is not waited for by a run that only looks at it', async () => {
    await run();
    for (const name of ['a', 'b']) Object.assign(machine(name), { isPrimary: false, hasAccount: false });
    expect((await run({ limit: new Set(['d']) })).failures).toEqual([]);
  });

  it('refuses an old Patroni by name, before anything is installed', async () => {
    machine('b').candidate = '3.0.2-1';
    const { failures } = await run();
    expect(failures).toContainEqual(expect.stringMatching(/^b in pool-packages: b: Patroni 3\.0\.2-1 is too old/u));
    expect(machine('b').packages.size).toBe(0);
  });

  it('takes a member with an empty disk in again, as another one of the same name', async () => {
    await run();
    machine('b').wipe();
    expect((await run()).failures).toEqual([]);
    expect(machine('a').admitted).toEqual(['b']);
    expect(recordOf('b')).toEqual(recordOf('a'));
    expect(
      fixture.host('b').uploads.find(({ path, content }) => path.endsWith('etcd-join.env') && content.includes('STATE=existing')),
    ).toBeDefined();
    expect((await run()).changes).toEqual([]);
  });

  it('takes a member in again that the others had taken out, without what its etcd had', async () => {
    await run();
    machine('c').isTakenOut = true;
    fixture.host('c').services.delete('muster-etcd.service');
    const { failures, changes } = await run();
    expect(failures).toEqual([]);
    expect(changes).toContainEqual(expect.stringMatching(/c.*take it into the etcd of the pool again, without what it had/u));
    expect([machine('a').admitted, machine('c').isTakenOut]).toEqual([['c'], false]);
    expect((await run()).changes).toEqual([]);
  });

  it('starts etcd anew on one voter after the other, each waited for until it is back; not while it is founded', async () => {
    const starts = () =>
      [...fixture.hosts.values()].flatMap(({ sent }) => sent.filter(({ label }) => label === 'start muster-etcd.service'));
    await run();
    expect(starts().map(({ script }) => script.includes('endpoint health'))).toEqual([false, false, false]);
    for (const host of fixture.hosts.values()) {
      host.forget();
      host.files.set('/etc/muster/pool/etcd.env', 'as it was before');
    }
    expect((await run()).failures).toEqual([]);
    expect(starts().map(({ script }) => script.includes('endpoint health'))).toEqual([true, true, true]);
    for (const { script } of starts()) expect(await grammarProblems(script)).toBe('');
  });

  it('leaves the other voters alone where etcd does not come back on one', async () => {
    await run();
    machine('b').hasAccount = true;
    for (const host of fixture.hosts.values()) host.files.set('/etc/muster/pool/etcd.env', 'as it was before');
    fixture.host('a').trouble('start muster-etcd.service', { stderr: 'unhealthy' });
    const { failures } = await run();
    expect(failures).toContainEqual(expect.stringMatching(/^a in pool-etcd: .*unhealthy/u));
    expect(failures).toContainEqual(expect.stringMatching(/^b in pool-etcd: The etcd of a was started anew and is not back/u));
    expect(file('b', '/etc/muster/pool/etcd.env')).toBe('as it was before');
  });

  it('makes up for a reload that a run did not come to', async () => {
    await run();
    fixture.host('b').files.set('/etc/muster/pool/patroni.yaml', 'as it was before');
    fixture.host('b').trouble('reload muster-database.service', { stderr: 'cut off' });
    expect((await run()).failures).toEqual([expect.stringMatching(/^b in pool-database: .*cut off/u)]);
    fixture.host('b').trouble('reload muster-database.service', undefined);
    expect((await run()).changes).toContain('pool-database b: reload muster-database.service');
    expect((await run()).changes).toEqual([]);
  });

  it('makes certificate and key anew where one of them is lost', async () => {
    await run();
    fixture.host('c').files.delete('/etc/muster/pool/member.key');
    const { changes } = await run();
    expect(changes).toContain('pool c: issue a certificate of the pool to c (it has none)');
    expect((await run()).changes).toEqual([]);
  });

  it('refuses machines of two pools', async () => {
    await run();
    const other = { ...recordOf('b'), id: '00000000-0000-4000-8000-000000000000' };
    fixture.host('b').files.set('/etc/muster/pool/pool.json', JSON.stringify(other));
    expect((await run()).failures).toContainEqual(expect.stringMatching(/^a in pool: The members are of different pools/u));
  });
});

describe('one server that becomes a pool', () => {
  it('is moved before any server uses the database of the pool', async () => {
    machine('a').hasEmbedded = true;
    fixture.host('a').files.set('/var/lib/muster/master.key', 'k'.repeat(32));
    const { failures, changes } = await run();
    expect(failures).toEqual([]);
    const moved = changes.findIndex((what) => what.startsWith('pool-move a: stop the server and move'));
    expect(moved).toBeGreaterThan(-1);
    expect(changes.findIndex((what) => what.startsWith('server '))).toBeGreaterThan(moved);
    expect(file('b', '/var/lib/muster/master.key')).toBe('k'.repeat(32));
    const move = fixture.host('a').sent.find(({ label }) => label === 'move the embedded database')?.script ?? '';
    expect(await grammarProblems(move)).toBe('');
    // One that a killed run has left at work is waited for before the server is touched.
    expect(move).toMatch(/\/run\/muster-work\.lock.*systemctl disable.*exec runuser/su);
  });

  it('keeps every server from starting when the move fails, and goes on in the next run', async () => {
    machine('a').hasEmbedded = true;
    fixture.host('a').trouble('move the embedded database', { stderr: 'out of order' });
    const { failures } = await run();
    expect(failures).toContainEqual(expect.stringMatching(/^b in server: What the embedded database of a holds could not be moved/u));
    expect(fixture.host('b').services.has('muster.service')).toBe(false);
    fixture.host('a').trouble('move the embedded database', undefined);
    expect((await run()).failures).toEqual([]);
  });

  it('keeps every server from starting when its host fails before the move', async () => {
    machine('a').hasEmbedded = true;
    fixture.host('a').trouble('look for an embedded database', { stderr: 'out of order' });
    const { failures } = await run();
    expect(failures).toContainEqual(expect.stringMatching(/^a in pool-move: /u));
    expect(failures).toContainEqual(expect.stringMatching(/^b in server: What the embedded database of a holds could not be moved/u));
    expect(fixture.host('b').services.has('muster.service')).toBe(false);
  });

  it('is not held up by an embedded database that is gone when the move looks', async () => {
    machine('a').hasEmbedded = true;
    fixture.host('a').trouble('look for an embedded database', () => {
      machine('a').hasEmbedded = false;
    });
    expect((await run()).failures).toEqual([]);
  });

  it('is refused where two machines have one, and where key files differ', async () => {
    machine('a').hasEmbedded = true;
    machine('b').hasEmbedded = true;
    expect((await run()).failures).toContainEqual(expect.stringMatching(/in pool-move: .*two installations cannot become one/u));
    fixture.host('a').files.set('/var/lib/muster/master.key', 'k'.repeat(32));
    fixture.host('b').files.set('/var/lib/muster/master.key', 'x'.repeat(32));
    expect((await run()).failures).toContainEqual(expect.stringMatching(/in pool-key: a and b have different key files/u));
  });
});
