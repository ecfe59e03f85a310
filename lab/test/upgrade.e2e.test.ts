import { readFileSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openLab } from '../src/index.ts';
import { poolPackageFolder } from '../src/package-folder.ts';
import { ClusterDriver } from './cluster-driver.ts';
import { type OtherRelease, otherRelease } from './other-release.ts';

const lab = openLab({ name: `upgrade-${process.pid}` });
const members = ['node1', 'node2'] as const;
const cluster = new ClusterDriver(lab, 'node1');
const expand = { name: 'expand', reader: 0, sql: 'alter table nodes add column later text' };
const contract = { name: 'contract', reader: 1, sql: 'alter table nodes drop column later' };
const releases: OtherRelease[] = [];

type SeenPool = {
  readonly answeredBy: string;
  readonly members: readonly { readonly name: string; readonly version: string; readonly state: string; readonly lostAt: string | null }[];
  readonly database: { readonly copies: readonly { readonly role: string; readonly place: string }[]; readonly protection: string };
};

/** What the first member that answers prints. */
async function ask(...args: string[]): Promise<string> {
  const failures: string[] = [];
  for (const name of members) {
    const { code, stdout, stderr } = await lab.run(name, ['muster', ...args], { timeoutSeconds: 60 });
    if (code === 0) return stdout;
    failures.push(`${name}: ${stderr}`);
  }
  throw new Error(failures.join('; '));
}

const poolNow = async () => JSON.parse(await ask('pool', 'status', '-o', 'json')) as SeenPool;
const versions = async () => (await poolNow()).members.map(({ name, version, state, lostAt }) => [name, version, state, lostAt]);
const all = (version: string) => members.map((name) => [name, version, 'active', null]);

/** Adds nodes through a member that is up, and looks at those of the lab meanwhile. */
class Writer {
  readonly acknowledged: string[] = [];
  readonly bad = new Set<string>();
  /** The longest time between two acknowledged changes. */
  longestGapMs = 0;
  readonly #stopping = new AbortController();
  readonly #ended = this.#write();

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#ended;
  }

  async #write(): Promise<void> {
    let lastMs = performance.now();
    for (let index = 0; !this.#stopping.signal.aborted; index += 1) {
      const name = `added${index}`;
      const isAdded = await ask('node', 'add', name).then(
        () => true,
        () => false,
      );
      if (isAdded) {
        this.acknowledged.push(name);
        this.longestGapMs = Math.max(this.longestGapMs, performance.now() - lastMs);
        lastMs = performance.now();
      }
      const nodes = JSON.parse(await ask('nodes', '-o', 'json').catch(() => '[]')) as { name: string; health: { state: string } }[];
      for (const node of nodes) if (node.name.startsWith('node') && node.health.state === 'bad') this.bad.add(node.name);
      await sleep(200);
    }
  }
}

/** When the server of a host was started, by the clock of the machine that all hosts of the lab share. */
const startedAt = async (name: string) =>
  Number((await cluster.on(name, 'systemctl show -p ExecMainStartTimestampMonotonic --value muster.service')) || '0');

async function primary(): Promise<string> {
  const name = await cluster.primaryAmong(members);
  if (name === undefined) throw new Error('there is no primary');
  return name;
}

/** `muster pool upgrade` of a release. */
async function upgrade(release: OtherRelease): Promise<{ code: number; said: string; finished: Record<string, unknown> }> {
  const driver = new ClusterDriver(lab, 'node1', release.folder);
  const { code, stdout, stderr } = await driver.operator('pool upgrade', '--yes', '-o', 'json');
  const finished = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Record<string, unknown>;
  return { code, said: stdout + stderr, finished };
}

beforeAll(async () => {
  await lab.down();
  await lab.up(4);
  const lines = readFileSync(lab.inventoryPath, 'utf8').split('\n');
  const lineOf = (name: string) => lines.find((line) => line.startsWith(`${name} `)) ?? '';
  const groups = { management: members, witness: ['node3'], worker: ['node4'] };
  const sections = Object.entries(groups).map(([group, hosts]) => [`[${group}]`, ...hosts.map(lineOf), ''].join('\n'));
  writeFileSync(lab.inventoryPath, `${sections.join('\n')}\n[all:vars]\nmuster_packages=${await poolPackageFolder(lab)}\n`);
  const { code, finished } = await cluster.applyJson();
  expect({ code, ...finished }).toMatchObject({ code: 0, failed: 0, failures: [] });
}, 900_000);

afterAll(async () => {
  await lab.down();
  for (const release of releases) await release.remove();
});

/** The tests stand in the order in which releases come, and build on each other. */
describe('a pool that is upgraded while it works', () => {
  it('loses no acknowledged change, holds no node to be bad, and has one release at the end', async () => {
    const next = await otherRelease('0.2.0', [expand]);
    releases.push(next);
    expect(await versions()).toEqual(all('0.1.0'));
    const leader = await primary();
    const writer = new Writer();
    try {
      await expect.poll(() => writer.acknowledged.length, { timeout: 60_000, interval: 500 }).toBeGreaterThan(2);
      const { code, said } = await upgrade(next);
      expect(said, said).toContain('"server"');
      expect(code, said).toBe(0);
      const after = writer.acknowledged.length;
      await expect.poll(() => writer.acknowledged.length, { timeout: 60_000, interval: 500 }).toBeGreaterThan(after + 2);
    } finally {
      await writer.stop();
    }
    const kept = new Set((JSON.parse(await ask('nodes', '-o', 'json')) as { name: string }[]).map(({ name }) => name));
    expect(writer.acknowledged.filter((name) => !kept.has(name))).toEqual([]);
    expect([...writer.bad]).toEqual([]);
    expect(await versions()).toEqual(all('0.2.0'));
    const other = members.find((name) => name !== leader)!;
    expect(await startedAt(other)).toBeLessThan(await startedAt(leader));
    process.stdout.write(`acknowledged ${writer.acknowledged.length}, longest gap ${Math.round(writer.longestGapMs)} ms\n`);
    for (const name of writer.acknowledged) await ask('node', 'remove', name);
  }, 900_000);

  it('is as it should be then: the same command changes nothing', async () => {
    const before = await Promise.all(members.map(startedAt));
    const { code, finished } = await upgrade(releases[0]!);
    expect({ code, ...finished }).toMatchObject({ code: 0, changed: 0, failed: 0 });
    expect(await Promise.all(members.map(startedAt))).toEqual(before);
  }, 600_000);

  it('does not begin when a release was skipped: all members serve as before', async () => {
    const skipping = await otherRelease('0.4.0', [
      expand,
      { ...contract, reader: 2, name: 'between' },
      { ...contract, reader: 2, sql: 'select 1' },
    ]);
    releases.push(skipping);
    const before = await Promise.all(members.map(startedAt));
    const { code, said } = await upgrade(skipping);
    expect(code).not.toBe(0);
    expect(said).toContain('Upgrade all members to the release between first');
    for (const name of members) expect(said).toMatch(new RegExp(`${name} was (?:left as it is|not stopped), and serves`, 'u'));
    expect(await versions()).toEqual(all('0.2.0'));
    expect((await poolNow()).members).toMatchObject(members.map(() => ({ state: 'active', lostAt: null })));
    expect(await Promise.all(members.map(startedAt))).toEqual(before);
    await ask('node', 'add', 'after-it-was-refused');
  }, 900_000);
});
