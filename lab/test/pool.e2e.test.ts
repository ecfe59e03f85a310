import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab } from '../src/index.ts';
import { ClusterDriver } from './cluster-driver.ts';
import { hostState } from './host-state.ts';
import { poolPackageFolder } from '../src/package-folder.ts';

const lab = openLab({ name: `pool-${process.pid}` });
/** By each member's own server. */
const members = new Map(['node1', 'node2'].map((name) => [name, new ClusterDriver(lab, name)]));
const cluster = members.get('node1')!;
const names = ['node1', 'node2', 'node3', 'node4'];
const before = new Map<string, string[]>();
let packages = '';
/** A line of the lab's own inventory for each host, as it was before the tests wrote theirs. */
let hostLines: readonly string[] = [];

/** The inventory of the lab with these groups instead of its own. */
function setGroups(groups: Readonly<Record<string, readonly string[]>>): void {
  const lineOf = (name: string): string => hostLines.find((line) => line.startsWith(`${name} `)) ?? '';
  const sections = Object.entries(groups).map(([group, hosts]) => [`[${group}]`, ...hosts.map(lineOf), ''].join('\n'));
  writeFileSync(lab.inventoryPath, `${sections.join('\n')}\n[all:vars]\nmuster_packages=${packages}\n`);
}

const pool = { management: ['node1', 'node2'], witness: ['node3'], worker: ['node4'] };
const other = (name: string): string => (name === 'node1' ? 'node2' : 'node1');

/** The member whose database takes writes. */
async function primary(): Promise<string> {
  const ask = "runuser -u postgres -- psql -XAtq -h /run/muster-database -p 25432 -d postgres -c 'select pg_is_in_recovery()'";
  for (const name of members.keys())
    if ((await cluster.on(name, `${ask} 2>/dev/null || echo away`).catch(() => 'away')) === 'f') return name;
  return 'none';
}

/** Nodes that one member's server was asked to add, and said to have added. */
class Writer {
  readonly acknowledged: string[] = [];
  readonly #driver: ClusterDriver;
  readonly #prefix: string;
  readonly #stopping = new AbortController();
  readonly #ended: Promise<void>;

  constructor(driver: ClusterDriver, prefix: string) {
    this.#driver = driver;
    this.#prefix = prefix;
    this.#ended = this.#write();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #write(): Promise<void> {
    for (let index = 0; !this.#stopping.signal.aborted; index += 1) {
      const name = `${this.#prefix}${index}`;
      const isKept = await this.#driver.muster('node', 'add', name).then(
        () => true,
        () => false,
      );
      if (isKept) this.acknowledged.push(name);
    }
  }
}

/** Lets a writer work on a member while the primary's machine suffers; what it was told of must all be there afterwards. */
async function loseNothing(prefix: string, harm: (host: string) => Promise<void>, mend: (host: string) => Promise<void>): Promise<void> {
  const lost = await primary();
  const survivor = members.get(other(lost))!;
  const writer = new Writer(survivor, prefix);
  await expect.poll(() => writer.acknowledged.length, { timeout: 120_000, interval: 500 }).toBeGreaterThan(2);
  await harm(lost);
  const atHarm = writer.acknowledged.length;
  await expect.poll(() => writer.acknowledged.length, { timeout: 180_000, interval: 500 }).toBeGreaterThan(atHarm + 2);
  await writer.stop();
  const kept = await survivor.nodes();
  expect(writer.acknowledged.filter((name) => !kept.has(name))).toEqual([]);
  await mend(lost);
  await expect.poll(() => membersInStep(), { timeout: 240_000, interval: 2000 }).toBe('streaming');
  for (const name of writer.acknowledged) await survivor.muster('node', 'remove', name);
}

/** Whether the replica takes what the primary writes, and is waited for. */
async function membersInStep(): Promise<string> {
  const leader = await primary();
  if (leader === 'none') return 'no primary';
  const ask = "select state || ' ' || sync_state from pg_stat_replication";
  const said = await cluster.on(leader, `runuser -u postgres -- psql -XAtq -h /run/muster-database -p 25432 -d postgres -c "${ask}"`);
  return said === 'streaming sync' ? 'streaming' : said;
}

beforeAll(async () => {
  await lab.down();
  await lab.up(4);
  hostLines = readFileSync(lab.inventoryPath, 'utf8').split('\n');
  packages = await poolPackageFolder(lab);
  for (const name of names) before.set(name, await hostState(cluster, name));
}, 600_000);

afterAll(() => lab.down());

/** Patroni's packages need a newer perl-base than the image has; a package that was there is upgraded, and no reset takes that back. */
const withoutPerl = (state: readonly string[]): string[] => state.filter((line) => !/\bperl/u.test(line));

/** The tests stand in the order of a pool's life and build on each other. */
describe('a pool of management servers', () => {
  it('is refused with two members alone, before any host is touched', async () => {
    setGroups({ ...pool, witness: [] });
    const { code, stderr } = await cluster.operator('apply');
    expect(code).not.toBe(0);
    expect(stderr).toMatch(/Two full members plus a witness is the smallest pool that survives a loss/u);
    expect(await hostState(cluster, 'node1')).toEqual(before.get('node1'));
  });

  it('is made of a single server, which loses nothing by it', async () => {
    setGroups({ driver: ['node1'], worker: ['node4'] });
    expect((await cluster.applyJson()).code).toBe(0);
    await cluster.muster('node', 'add', 'kept');
    const url = JSON.parse(await cluster.muster('sign-in-link', '-o', 'json')) as { url: string };
    const earlier = await cluster.nodes();
    setGroups(pool);
    const { code, finished } = await cluster.applyJson();
    expect({ code, ...finished }).toMatchObject({ code: 0, failed: 0, failures: [] });
    const later = await cluster.nodes();
    expect([...later.keys()].toSorted()).toEqual(['kept', ...names]);
    for (const name of ['node1', 'node4']) expect(later.get(name)?.certificateSerial).toBe(earlier.get(name)?.certificateSerial);
    expect(url.url).toContain('#token=');
    expect(await cluster.on('node1', 'ls -d /var/lib/muster/postgres-before-move')).toContain('postgres-before-move');
  });

  it('shows the same through every member', async () => {
    const seen = await Promise.all([...members.values()].map(async (one) => [...(await one.nodes()).keys()].toSorted()));
    expect(seen[0]).toEqual(seen[1]);
    const roots = await Promise.all([...members.keys()].map((name) => cluster.on(name, 'sha256sum < /var/lib/muster/master.key')));
    expect(new Set(roots).size).toBe(1);
    for (const one of members.values()) expect(await one.muster('status')).not.toBe('');
    expect(await membersInStep()).toBe('streaming');
  });

  it('changes nothing in a second run, and keeps its secrets to itself', async () => {
    const { code, finished } = await cluster.applyJson();
    expect({ code, ...finished }).toMatchObject({ code: 0, changed: 0, failed: 0 });
    const record = JSON.parse(await cluster.on('node1', 'cat /etc/muster/pool/pool.json')) as { passwords: Record<string, string> };
    for (const name of ['node1', 'node2', 'node3']) {
      const seen = await cluster.on(name, 'journalctl --no-pager -o cat; cat /proc/[0-9]*/cmdline | tr "\\0" " "');
      for (const password of Object.values(record.passwords)) expect(seen.includes(password), name).toBe(false);
    }
    expect(await cluster.on('node3', 'ls /etc/muster/pool')).not.toContain('pool.json');
    const modes = await cluster.on(
      'node1',
      'cd /etc/muster && stat -c "%n %a %U:%G" muster.yaml pool/pool.json pool/patroni.yaml pool/*.key',
    );
    expect(modes.split('\n')).toEqual([
      'muster.yaml 640 root:muster',
      'pool/pool.json 600 root:root',
      'pool/patroni.yaml 600 postgres:postgres',
      'pool/etcd.key 600 etcd:etcd',
      'pool/member.key 600 root:root',
      'pool/postgres.key 600 postgres:postgres',
    ]);
  });

  it('loses no acknowledged change when the database of the primary is killed', async () => {
    await loseNothing(
      'killed',
      async (host) => {
        await cluster.on(host, 'systemctl kill -s KILL muster-database; pkill -9 -u postgres; true');
      },
      // systemd starts it again by itself.
      () => Promise.resolve(),
    );
  }, 900_000);

  it('loses no acknowledged change when the whole machine of the primary stops', async () => {
    await loseNothing(
      'stopped',
      (host) => lab.kill(host),
      (host) => lab.start(host),
    );
  }, 900_000);

  it('takes a member with an empty disk in again by the same command', async () => {
    const lost = other(await primary());
    await cluster.on(
      lost,
      'systemctl stop muster muster-database muster-etcd; rm -rf /var/lib/muster-etcd /var/lib/muster-postgres /etc/muster/pool /var/lib/muster/master.key',
    );
    const { code, finished } = await cluster.applyJson();
    expect({ code, ...finished }).toMatchObject({ code: 0, failed: 0, failures: [] });
    await expect.poll(() => membersInStep(), { timeout: 120_000, interval: 1000 }).toBe('streaming');
    expect([...(await members.get(lost)!.nodes()).keys()]).toContain('kept');
  }, 900_000);

  it('is taken away with everything else: the hosts are as they were before', async () => {
    const reset = await cluster.operator('reset', '--yes');
    expect({ code: reset.code, stderr: reset.stderr }).toMatchObject({ code: 0 });
    for (const name of names) expect(withoutPerl(await hostState(cluster, name))).toEqual(withoutPerl(before.get(name) ?? []));
    expect((await cluster.operator('reset', '--yes')).stdout).toContain('4 hosts: nothing changed');
  }, 900_000);
});
