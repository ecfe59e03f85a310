import { existsSync, readdirSync } from 'node:fs';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runSql, withDatabase } from '@muster/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contentOf, fillSql, restore, snapshotOf, startOtherPostgres, type TestConnection } from '../../test/backup-databases.ts';
import { silentLog } from '../../test/builders.ts';
import { ownMigrations } from '../migrate.ts';
import { openStore } from '../store.ts';

/** Debian's; where the machine has another one only, that is taken. */
const otherBinaries = ['15', '16', '17'].map((version) => `/usr/lib/postgresql/${version}`).find((folder) => existsSync(folder));

async function migratedTo(connection: TestConnection, migrationsDir = ownMigrations): Promise<TestConnection> {
  await (await openStore({ connection, log: silentLog, migrationsDir })).close();
  return connection;
}

async function filled(connection: TestConnection): Promise<TestConnection> {
  await migratedTo(connection);
  await runSql(connection, fillSql);
  return connection;
}

/** What a restore changes on purpose. */
const settled = [
  'session',
  'join_tokens',
  'sign_in_links',
  'tasks',
  'operations',
  'deliveries',
  'audit',
  'audit_results',
  'events',
  'node_presence',
];
function without(content: Record<string, string[]>, names = settled): Record<string, string[]> {
  return Object.fromEntries(Object.entries(content).filter(([name]) => !names.includes(name)));
}

describe('a restored backup', () => {
  it('has every row of every table, and numbers that go on after those that were given out', async () => {
    const source = await filled(await withDatabase());
    const target = await withDatabase();
    const restored = await restore(target, await snapshotOf(source));
    expect(restored).toMatchObject({ replaced: false, migrated: 0, head: { muster: '0.1.0', artifacts: { count: 1, bytes: 5e9 } } });
    const [before, after] = [await contentOf(source), await contentOf(target)];
    expect(without(after)).toEqual(without(before));
    expect(after['events']?.slice(0, 1)).toEqual(before['events']?.slice(0, 1));
    const [numbers] = await runSql(target, "select nextval('crl_number')::int as crl, (select max(id) from events)::int as event");
    expect(numbers).toEqual({ crl: 1_000_003, event: 1_000_002 });
    await runSql(target, "insert into audit (actor_kind, actor_name, address, route) values ('local', 'root', 'local', 'x')");
  });

  it('works as a store, with its triggers', async () => {
    const target = await withDatabase();
    await restore(target, await snapshotOf(await filled(await withDatabase())));
    const store = await openStore({ connection: target, log: silentLog });
    try {
      await store.nodes.remove('web2');
      const [{ kind } = { kind: '' }] = await store.events.list({ limit: 1 });
      expect(kind).toBe('node-removed');
      await expect(runSql(target, 'delete from events')).rejects.toThrow('append-only');
      const addresses = await runSql(target, 'select count(*)::int as count from node_addresses');
      expect(addresses).toEqual([{ count: 2 }]);
      const { items } = await store.audit.list({ limit: 10 });
      expect(items[0]).toMatchObject({ what: 'restoreBackup', who: { kind: 'local', name: 'tester' }, result: 'done' });
    } finally {
      await store.close();
    }
  });

  it('lets nothing that counted once count again', async () => {
    const target = await withDatabase();
    const restored = await restore(target, await snapshotOf(await filled(await withDatabase())));
    expect(restored).toMatchObject({
      sessionsEnded: 1,
      joinTokensDropped: 3,
      signInLinksDropped: 1,
      tasksEnded: 2,
      notificationsDropped: 1,
      apiKeysInForce: 2,
    });
    const tasks = await runSql(target, 'select node_name, state, finished_at is not null as finished from tasks order by node_name');
    expect(tasks).toEqual([
      { node_name: 'web1', state: 'cancelled', finished: true },
      { node_name: 'web2', state: 'unknown', finished: true },
      { node_name: 'ünï-☃', state: 'succeeded', finished: false },
    ]);
    expect(await runSql(target, 'select (select count(*) from session)::int as s, (select count(*) from join_tokens)::int as j')).toEqual([
      { s: 0, j: 0 },
    ]);
  });

  it('is the same when it is taken and restored once more', async () => {
    const [once, twice] = [await withDatabase(), await withDatabase()];
    await restore(once, await snapshotOf(await filled(await withDatabase())));
    await restore(twice, await snapshotOf(once));
    const passing = ['audit', 'audit_results', 'events'];
    expect(without(await contentOf(twice), passing)).toEqual(without(await contentOf(once), passing));
  });
});

describe.skipIf(otherBinaries === undefined)('between versions of PostgreSQL', () => {
  let other: Awaited<ReturnType<typeof startOtherPostgres>>;
  beforeAll(async () => {
    other = await startOtherPostgres(otherBinaries ?? '');
  });
  afterAll(() => other?.stop());

  it('goes from the embedded one to an older one, and back', async () => {
    const source = await filled(await withDatabase());
    const [older, back] = [await other.fresh(), await withDatabase()];
    const first = await restore(older, await snapshotOf(source));
    const second = await restore(back, await snapshotOf(older));
    expect([first.head.postgres.split('.')[0], second.head.postgres.split('.')[0]]).toEqual(['18', otherBinaries?.split('/').at(-1)]);
    const [before, between, after] = [await contentOf(source), await contentOf(older), await contentOf(back)];
    expect(without(between)).toEqual(without(before));
    expect(without(after)).toEqual(without(before));
  });
});

/** The newest schema there is, and a migration that only a newer Muster has. */
const level = readdirSync(ownMigrations).length;
const laterName = `${String(level + 1).padStart(4, '0')}-later.sql`;

describe('between versions of Muster', () => {
  let scratch = '';
  beforeAll(async () => {
    scratch = await mkdtemp(join(tmpdir(), 'muster-levels-'));
  });
  afterAll(() => rm(scratch, { recursive: true }));

  async function migrations(count: number, others: Record<string, string> = {}): Promise<string> {
    const folder = await mkdtemp(join(scratch, 'set-'));
    for (const name of (await readdir(ownMigrations)).toSorted().slice(0, count)) await cp(join(ownMigrations, name), join(folder, name));
    for (const [name, sql] of Object.entries(others)) await writeFile(join(folder, name), sql);
    return folder;
  }

  it.each([1, 3, 5, 6, 8])('brings the tables of schema version %i up to date', async (older) => {
    const migrationsDir = await migrations(older);
    const source = await withDatabase();
    await migratedToOld(source, migrationsDir);
    await runSql(source, "insert into nodes (name, private_ip) values ('old1', '10.0.0.1'), ('old2', null)");
    if (older < 6)
      await runSql(
        source,
        "insert into authority (kind, certificate_pem, sealed_key) values ('root', 'r', 'x'), ('intermediate', 'i', 'y')",
      );
    const target = await withDatabase();
    expect(await restore(target, await snapshotOf(source, { migrationsDir, version: '0.0.9' }))).toMatchObject({
      migrated: level - older,
      head: { muster: '0.0.9' },
    });
    const store = await openStore({ connection: target, log: silentLog });
    expect((await store.nodes.get('old1')).privateIp).toBe('10.0.0.1');
    if (older < 6) expect((await store.authority.load())?.authorities).toMatchObject([{ generation: 1 }]);
    await store.close();
  });

  /** An older Muster knew its own tables only: nothing of the store is opened. */
  async function migratedToOld(connection: TestConnection, migrationsDir: string): Promise<void> {
    await migratedTo(connection, migrationsDir);
  }

  it('refuses what a newer Muster made, and names both', async () => {
    const migrationsDir = await migrations(99, { [laterName]: 'create table later (id integer);' });
    const source = await withDatabase();
    await migratedToOld(source, migrationsDir);
    const target = await withDatabase();
    await expect(restore(target, await snapshotOf(source, { migrationsDir, version: '0.9.0' }))).rejects.toThrow(
      `The backup was made by Muster 0.9.0 (schema version ${level + 1}); this is Muster 0.1.0, which knows ${level}. Restore it with Muster 0.9.0 or a newer one. Nothing was changed.`,
    );
    expect(await contentOf(target)).toEqual({});
  });

  it('refuses one of changed migrations', async () => {
    const migrationsDir = await migrations(0, { '0001-nodes.sql': 'create table nodes (id integer);' });
    const source = await withDatabase();
    await migratedToOld(source, migrationsDir);
    await expect(restore(await withDatabase(), await snapshotOf(source, { migrationsDir }))).rejects.toMatchObject({
      code: 'migration-changed',
    });
  });

  it('goes back to an older Muster, whose newer tables are dropped', async () => {
    const migrationsDir = await migrations(99, {
      [laterName]: 'create table later (id integer); insert into later values (1); alter table people rename to persons;',
    });
    const source = await filled(await withDatabase());
    const target = await withDatabase();
    await migratedToOld(target, migrationsDir);
    await runSql(target, "insert into nodes (name) values ('of the newer one')");
    await restore(target, await snapshotOf(source), { replace: true });
    expect(without(await contentOf(target))).toEqual(without(await contentOf(source)));
  });
});
