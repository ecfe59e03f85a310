import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab } from '../src/index.ts';
import { ClusterDriver } from './cluster-driver.ts';
import { hostState } from './host-state.ts';
import { poolPackageFolder } from '../src/package-folder.ts';

const lab = openLab({ name: `pool-${process.pid}` });
const onHost = (file: string): string => readFileSync(join(import.meta.dirname, 'on-host', file), 'utf8');
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
  return (await cluster.primaryAmong(members.keys())) ?? 'none';
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
      // Where nothing is there to ask any more each try fails at once, and would leave nobody else a turn.
      else await sleep(200);
    }
  }
}

/** Lets a writer work on a member while the primary's machine suffers; what it was told of must all be there afterwards. */
async function loseNothing(prefix: string, harm: (host: string) => Promise<void>, mend: (host: string) => Promise<void>): Promise<void> {
  const lost = await primary();
  const survivor = members.get(other(lost))!;
  const writer = new Writer(survivor, prefix);
  try {
    await expect.poll(() => writer.acknowledged.length, { timeout: 120_000, interval: 500 }).toBeGreaterThan(2);
    await harm(lost);
    const atHarm = writer.acknowledged.length;
    await expect.poll(() => writer.acknowledged.length, { timeout: 180_000, interval: 500 }).toBeGreaterThan(atHarm + 2);
  } finally {
    await writer.stop();
  }
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

/** What `muster pool promote` on one member makes of another: its exit code and all that it says. */
async function promote(on: string, to: string, ...options: string[]): Promise<{ code: number; said: string }> {
  const { code, stdout, stderr } = await lab.run(on, ['muster', 'pool', 'promote', to, ...options], { timeoutSeconds: 240 });
  return { code, said: stdout + stderr };
}

type SeenDatabase = {
  readonly protection: string;
  readonly copies: readonly { readonly role: string; readonly memberId: string | null }[];
};
type SeenPool = { readonly members: readonly { readonly id: string; readonly name: string }[]; readonly database: SeenDatabase };

/** How the database is protected, and on whose machine its primary is, as a member's server says. */
async function databaseSeenBy(name: string): Promise<string> {
  const { members: all, database } = JSON.parse(await members.get(name)!.muster('pool', 'status', '-o', 'json')) as SeenPool;
  const leader = database.copies.find(({ role }) => role === 'primary');
  return `${database.protection}, ${all.find(({ id }) => id === leader?.memberId)?.name ?? 'nobody'}`;
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
      'cd /etc/muster && stat -c "%n %a %U:%G" muster.yaml pool/pool.json pool/patroni.yaml pool/patroni-password pool/*.key',
    );
    expect(modes.split('\n')).toEqual([
      'muster.yaml 640 root:muster',
      'pool/pool.json 600 root:root',
      'pool/patroni.yaml 600 postgres:postgres',
      'pool/patroni-password 600 muster:muster',
      'pool/etcd.key 600 etcd:etcd',
      'pool/member.key 600 root:root',
      'pool/postgres.key 600 postgres:postgres',
    ]);
  });

  it('gets back what its databases share when that was changed, and nothing else is touched', async () => {
    const patronictl = (words: string) => cluster.on('node2', `patronictl -c /etc/muster/pool/patroni.yaml ${words}`);
    await patronictl('edit-config --force -s ttl=30 -p work_mem=8MB');
    const { code, finished } = await cluster.applyJson();
    expect({ code, ...finished }).toMatchObject({ code: 0, changed: 1, failed: 0 });
    const shown = await patronictl('show-config');
    expect(shown).toContain('ttl: 20');
    expect(shown).toContain('work_mem: 8MB');
    await patronictl('edit-config --force -p work_mem=null');
    expect((await cluster.applyJson()).finished).toMatchObject({ changed: 0, failed: 0 });
  });

  it("opens no door to a compute node's keys", async () => {
    await cluster.on('node4', `cat > /root/try-keys.mts <<'END'\n${onHost('try-keys.ts')}\nEND`);
    const addresses = lab.hosts.slice(0, 3).map(({ address }) => address);
    const argv = ['/opt/muster-agent/runtime/node', '/root/try-keys.mts', ...addresses];
    const { stdout, stderr } = await lab.run('node4', argv, { timeoutSeconds: 300 });
    const tried = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { server: string; door: string; isOpened: boolean; said: string });
    await cluster.on('node4', 'rm -f /root/try-keys.mts /root/tried-key');
    expect(tried.filter(({ isOpened }) => isOpened)).toEqual([]);
    // Refused by what is behind the door, and not because nothing listens there.
    for (const server of addresses.slice(0, 2)) {
      const said = new Map(tried.filter((one) => one.server === server).map((one) => [one.door, one.said]));
      expect(Object.fromEntries(said), stderr).toMatchObject({
        api: '401',
        'api, to remove a node': '401',
        agents: '403',
        etcd: expect.stringMatching(/alert|certificate/iu) as string,
        'etcd of a peer': expect.stringMatching(/alert|certificate/iu) as string,
        'Patroni, to restart': '401',
        'Patroni, to change it': '401',
        'PostgreSQL as postgres': expect.stringContaining('alert unknown ca') as string,
        'PostgreSQL as postgres, no certificate': expect.stringContaining('no pg_hba.conf entry') as string,
        'PostgreSQL as muster, no certificate': expect.stringContaining('no pg_hba.conf entry') as string,
        'ssh with /var/lib/muster-agent/identity/gen-1/key.pem': expect.stringContaining('Permission denied') as string,
        'ssh with /etc/ssh/ssh_host_ed25519_key': expect.stringContaining('Permission denied') as string,
      });
    }
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

  it('shows on every member who has the primary, and that what is acknowledged is in two copies', async () => {
    const leader = await primary();
    for (const name of members.keys())
      await expect.poll(() => databaseSeenBy(name), { timeout: 60_000, interval: 1000 }).toBe(`synchronous, ${leader}`);
    const { said } = await promote(leader, leader);
    expect(said).toContain('is the primary of the database already');
    expect((await promote(leader, 'node3')).said).toContain('No server of the pool is meant by node3');
  });

  it('moves the primary by one command while a writer works, and loses nothing; of two at once one wins', async () => {
    await loseNothing(
      'promoted',
      async (host) => {
        expect(await promote(host, other(host))).toMatchObject({ code: 0, said: expect.stringContaining('takes writes') as string });
        expect(await primary()).toBe(other(host));
      },
      () => Promise.resolve(),
    );
    const leader = await primary();
    const target = other(leader);
    const answers = await Promise.all([...members.keys()].map((name) => promote(name, target)));
    expect(answers.filter(({ code }) => code === 0).length, JSON.stringify(answers)).toBeGreaterThan(0);
    for (const { code, said } of answers) expect(said).toMatch(code === 0 ? /takes writes|already/u : /Nothing was done/u);
    expect(await primary()).toBe(target);
    await expect.poll(() => membersInStep(), { timeout: 240_000, interval: 2000 }).toBe('streaming');
  }, 900_000);

  it('takes over at a word while the machine of the primary is off, and loses nothing', async () => {
    await loseNothing(
      'over',
      async (host) => {
        await lab.kill(host);
        expect(await promote(other(host), other(host))).toMatchObject({ code: 0, said: expect.stringContaining('takes writes') as string });
      },
      (host) => lab.start(host),
    );
  }, 900_000);

  it('takes over at a word while the database of the primary hangs, which leads no more when it wakes up', async () => {
    await loseNothing(
      'hung',
      async (host) => {
        await cluster.on(host, 'pkill -STOP -u postgres');
        expect(await promote(other(host), other(host))).toMatchObject({ code: 0, said: expect.stringContaining('takes writes') as string });
      },
      async (host) => {
        await cluster.on(host, 'pkill -CONT -u postgres');
        await expect.poll(() => primary(), { timeout: 60_000, interval: 1000 }).toBe(other(host));
      },
    );
  }, 900_000);

  it('refuses to promote a copy that lacks acknowledged changes, with the figure, also while the database is away', async () => {
    const leader = await primary();
    const behind = other(leader);
    await cluster.on(behind, 'systemctl stop muster-database');
    await expect.poll(() => databaseSeenBy(leader), { timeout: 120_000, interval: 1000 }).toBe(`unprotected, ${leader}`);
    const added = Array.from({ length: 5 }, (_, index) => `alone${index}`);
    for (const name of added) await members.get(leader)!.muster('node', 'add', name);
    await lab.kill(leader);
    await cluster.on(behind, 'systemctl start muster-database');
    const refusal = () => promote(behind, behind).then(({ said }) => said);
    await expect
      .poll(refusal, { timeout: 180_000, interval: 2000 })
      .toMatch(/it lacks [1-9]\d* bytes of the write-ahead log .* Acknowledged changes would be lost\..*--accept-data-loss/su);
    expect(await members.get(behind)!.muster('pool', 'status')).toContain('The database does not answer: this is how it was');
    await lab.start(leader);
    await expect.poll(() => membersInStep(), { timeout: 240_000, interval: 2000 }).toBe('streaming');
    // Its server starts after its database.
    const lacking = async () => {
      const kept = await members.get(leader)!.nodes();
      return added.filter((name) => !kept.has(name));
    };
    await expect.poll(() => lacking().catch(() => ['no server']), { timeout: 120_000, interval: 1000 }).toEqual([]);
    for (const name of added) await members.get(leader)!.muster('node', 'remove', name);
    // What was refused, and what was done while there was no database to write it to, stands in the audit log all the same.
    const audited =
      "select count(*) from audit a join audit_results r on r.audit_id = a.id where a.route = 'promoteMember' and r.code = 'would-lose-data'";
    const count = () => cluster.on(leader, `runuser -u postgres -- psql -XAtq -h /run/muster-database -p 25432 -d muster -c "${audited}"`);
    await expect.poll(async () => Number(await count()), { timeout: 60_000, interval: 1000 }).toBeGreaterThan(0);
  }, 900_000);

  it('gets another authority while a writer works: nothing is lost, the primary stays, and no door shows what the one before has signed', async () => {
    const authority = () => cluster.on('node3', 'cat /etc/muster/pool/authority.pem');
    const former = await authority();
    await loseNothing(
      'rotated',
      async (host) => {
        const { code, stdout, stderr } = await cluster.operator('pool rotate', '--yes');
        expect(code, stdout + stderr).toBe(0);
        expect(stdout).toContain('The authority before is trusted no more. The pool has a new one.');
        expect(await primary()).toBe(host);
      },
      () => Promise.resolve(),
    );
    expect(await authority()).not.toBe(former);
    for (const [at, { address }] of lab.hosts.slice(0, 3).entries()) {
      const doors = [
        `${address}:23790`,
        `${address}:23800`,
        ...(at < 2 ? [`${address}:28008`, `${address}:25432 -starttls postgres`] : []),
      ];
      for (const door of doors) {
        const verified = (file: string) =>
          cluster.on(
            'node3',
            `openssl s_client -verify_return_error -CAfile ${file} -connect ${door} < /dev/null 2>&1 | grep -m 1 'Verif.* return code'`,
          );
        await cluster.on('node3', `cat > /root/former.pem <<'END'\n${former}\nEND`);
        expect([door, await verified('/etc/muster/pool/authority.pem')]).toEqual([door, expect.stringContaining('return code: 0 (ok)')]);
        expect([door, await verified('/root/former.pem')]).toEqual([door, expect.not.stringContaining('return code: 0 (ok)')]);
      }
    }
    await cluster.on('node3', 'rm /root/former.pem');
    expect((await cluster.applyJson()).finished).toMatchObject({ changed: 0, failed: 0 });
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
