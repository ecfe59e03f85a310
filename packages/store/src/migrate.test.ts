import { randomUUID } from 'node:crypto';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withDatabase } from '@muster/testkit';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { nodeCreate, query, silentLog } from '../test/builders.ts';
import { patientClientConfig, type StoreConnection } from './connection.ts';
import { migrate, ownMigrations } from './migrate.ts';
import { checkStore, openStore } from './store.ts';
import type { MemberSign } from './tables/members.ts';

let scratch: string;
let names: string[];
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'muster-migrations-'));
  names = (await readdir(ownMigrations)).toSorted();
});
afterAll(() => rm(scratch, { recursive: true }));

/** A folder with the first `count` of our migrations and others. */
async function folderWith(count: number, others: Record<string, string> = {}): Promise<string> {
  const folder = await mkdtemp(join(scratch, 'set-'));
  for (const name of names.slice(0, count)) await cp(join(ownMigrations, name), join(folder, name));
  for (const [name, sql] of Object.entries(others)) await writeFile(join(folder, name), sql);
  return folder;
}

async function migrated(connection: StoreConnection, folder: string, serverId?: string): Promise<number> {
  const client = new pg.Client(patientClientConfig(connection));
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await migrate(client, folder, { log: silentLog, serverId });
  } finally {
    await client.end();
  }
}

/** Everything about the schema that could differ. */
async function schemaOf(connection: StoreConnection) {
  const columns = query(
    connection,
    `select table_name, column_name, data_type, is_nullable, column_default, generation_expression, identity_generation
     from information_schema.columns where table_schema = 'public' order by 1, ordinal_position`,
  );
  const constraints = query(
    connection,
    "select conrelid::regclass::text as table, conname, pg_get_constraintdef(oid) from pg_constraint where connamespace = 'public'::regnamespace order by 1, 2",
  );
  const indexes = query(connection, "select indexdef from pg_indexes where schemaname = 'public' order by 1");
  const triggers = query(connection, 'select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal order by 1');
  return Promise.all([columns, constraints, indexes, triggers]);
}

describe('our migrations', () => {
  it('make everything from nothing, and nothing the second time', async () => {
    const connection = await withDatabase();
    expect(await migrated(connection, ownMigrations)).toBe(names.length);
    expect(await migrated(connection, ownMigrations)).toBe(0);
    const rows = await query(connection, 'select version, name from schema_migrations order by version');
    expect(rows).toEqual(names.map((name, index) => ({ version: index + 1, name })));
  });

  it('lead from each earlier version to the same schema', async () => {
    const fresh = await withDatabase();
    await migrated(fresh, ownMigrations);
    const wanted = await schemaOf(fresh);
    for (let version = 1; version < names.length; version += 1) {
      const connection = await withDatabase();
      expect(await migrated(connection, await folderWith(version))).toBe(version);
      expect(await migrated(connection, ownMigrations)).toBe(names.length - version);
      expect(await schemaOf(connection), `from version ${version}`).toEqual(wanted);
    }
  });

  it('run once when many servers start at once', async () => {
    const connection = await withDatabase();
    const counts = await Promise.all(Array.from({ length: 8 }, () => migrated(connection, ownMigrations)));
    expect(counts.toSorted((a, b) => a - b)).toEqual([0, 0, 0, 0, 0, 0, 0, names.length]);
  });

  it('use nothing newer than PostgreSQL 15', async () => {
    // The words that later versions brought into the language of schemas and queries.
    const newer =
      /\b(?:json_table|json_exists|json_query|json_value|any_value|merge\s+.*returning|virtual|uuidv7|without overlaps|not enforced|old\.\w+ as|nulls not distinct)\b/iu;
    for (const name of names) expect(await readFile(join(ownMigrations, name), 'utf8'), name).not.toMatch(newer);
  });
});

describe('a database that is not ours to change', () => {
  it('is refused when a newer Muster made it', async () => {
    const connection = await withDatabase();
    await migrated(
      connection,
      await folderWith(names.length, { [`${String(names.length + 1).padStart(4, '0')}-later.sql`]: 'create table later ()' }),
    );
    const opening = openStore({ connection, log: silentLog });
    await expect(opening).rejects.toMatchObject({ name: 'StoreRefused', code: 'newer-schema' });
    await expect(opening).rejects.toThrow(/later\.sql.*newer Muster/u);
  });

  it('is refused when a migration of ours is not the one that made it', async () => {
    const connection = await withDatabase();
    await migrated(connection, await folderWith(0, { [names[0] ?? '']: 'create table other ()' }));
    await expect(migrated(connection, ownMigrations)).rejects.toMatchObject({ code: 'migration-changed' });
  });
});

describe('releases side by side', () => {
  const next = (by: number, name: string) => `${String(names.length + by).padStart(4, '0')}-${name}.sql`;
  const expand = () => ({ [next(1, 'expand')]: `-- reader: ${names.length}\n\nalter table nodes add column later text;` });
  const contract = () => ({ ...expand(), [next(2, 'contract')]: `-- reader: ${names.length + 1}\n\nalter table nodes drop column notes;` });
  const ofMember = (id: string, run = randomUUID()): MemberSign => ({
    ...{
      id,
      run,
      name: `server-${id}`,
      zone: '',
      version: '0.1.0',
      agentAddresses: [],
      panelUrl: '',
      agents: 0,
      certificates: [],
      wallMs: Date.now(),
    },
  });

  it('go on with a database that a newer one has only added to, and not with one that it took something from', async () => {
    const connection = await withDatabase();
    expect(await migrated(connection, await folderWith(names.length, expand()))).toBe(names.length + 1);
    expect(await migrated(connection, ownMigrations)).toBe(0);
    const store = await openStore({ connection, log: silentLog });
    await store.nodes.add(nodeCreate('still-works'));
    const backup = store.snapshot({ version: '0.1.0', files: [] }).next();
    await expect(backup).rejects.toMatchObject({ code: 'newer-schema', message: expect.stringContaining('expand.sql') as string });
    await store.close();
    expect(await migrated(connection, await folderWith(names.length, contract()))).toBe(1);
    await expect(migrated(connection, ownMigrations)).rejects.toThrow(/contract\.sql is only for those that know/u);
    expect(await migrated(connection, await folderWith(names.length, expand()))).toBe(0);
  });

  it('do not take from under a server at work what it needs, and say which one', async () => {
    const connection = await withDatabase();
    const [older, newer] = [await openStore({ connection, log: silentLog }), await folderWith(names.length, contract())];
    await older.members.sign(ofMember('a'));
    const refused = migrated(connection, newer, 'b');
    await expect(refused).rejects.toMatchObject({ name: 'StoreRefused', code: 'older-members' });
    await expect(refused).rejects.toThrow(`server-a (Muster 0.1.0, schema ${names.length})`);
    expect(await query(connection, 'select max(version) as level from schema_migrations')).toEqual([{ level: names.length }]);
    expect(await migrated(connection, await folderWith(names.length, expand()), 'b')).toBe(1);
    // One's own row is of the process before.
    expect(await migrated(connection, newer, 'a')).toBe(1);
    await older.close();
  });

  it('can be looked at before, and nothing is changed by it', async () => {
    const connection = await withDatabase();
    const [older, migrationsDir] = [await openStore({ connection, log: silentLog }), await folderWith(names.length, contract())];
    await older.members.sign(ofMember('a'));
    const look = (serverId: string) => checkStore({ connection, log: silentLog, migrationsDir, serverId });
    await expect(look('b')).rejects.toMatchObject({
      code: 'older-members',
      message: expect.stringContaining('server-a (Muster') as string,
    });
    // Its own process of before is not another server.
    await look('a');
    expect(await query(connection, 'select max(version) as level from schema_migrations')).toEqual([{ level: names.length }]);
    await migrated(connection, migrationsDir, 'a');
    await expect(checkStore({ connection, log: silentLog })).rejects.toMatchObject({ code: 'newer-schema' });
    await older.close();
    await checkStore({ connection: await withDatabase(), log: silentLog });
  });

  it('hold a server of before schemas were told to know what its database has', async () => {
    const connection = await withDatabase();
    await migrated(connection, await folderWith(12));
    await query(
      connection,
      `insert into members (id, run, name, zone, version, agent_addresses, panel_url, agents, clock_skew_ms)
       values ('a', gen_random_uuid(), 'old', '', '0.0.9', '{}', '', 0, 0)`,
    );
    await expect(migrated(connection, await folderWith(names.length, contract()), 'b')).rejects.toThrow('old (Muster 0.0.9, schema 12)');
    expect(await migrated(connection, ownMigrations, 'b')).toBe(names.length - 12);
    await expect(migrated(connection, await folderWith(names.length, contract()), 'b')).rejects.toThrow('old (Muster 0.0.9, schema 12)');
  });
});

describe('a migration that fails', () => {
  it('changes nothing, keeps those before it, and can be mended', async () => {
    const connection = await withDatabase();
    const bad = { '0001-good.sql': 'create table good (id int)', '0002-bad.sql': 'create table half (id int); select 1 / 0' };
    const failing = migrated(connection, await folderWith(0, bad));
    await expect(failing).rejects.toMatchObject({ code: 'migration-failed' });
    await expect(failing).rejects.toThrow(/0002-bad\.sql.*division by zero/u);
    expect(await query(connection, "select tablename from pg_tables where schemaname = 'public' order by 1")).toEqual([
      { tablename: 'good' },
      { tablename: 'schema_migrations' },
    ]);
    const mended = await folderWith(0, { ...bad, '0002-bad.sql': 'create table whole (id int)' });
    expect(await migrated(connection, mended)).toBe(1);
  });

  it.each([
    ['a gap', { '0001-a.sql': '', '0003-c.sql': '' }],
    ['two of one number', { '0001-a.sql': '', '0001-b.sql': '' }],
    ['a name of another kind', { 'first.sql': '' }],
    ['nothing', {}],
  ])('is %s in the folder', async (_, files) => {
    const connection = await withDatabase();
    await expect(migrated(connection, await folderWith(0, files))).rejects.toMatchObject({ code: 'migration-failed' });
  });

  it('is one that the role may not do', async () => {
    const connection = await withDatabase();
    await query(connection, 'revoke create on schema public from public');
    await query(connection, 'create role weak login');
    const client = new pg.Client(patientClientConfig(connection));
    await client.connect();
    await client.query('set role weak');
    await expect(migrate(client, ownMigrations, { log: silentLog })).rejects.toThrow(/OWNER TO/u);
    await client.end();
  });
});
