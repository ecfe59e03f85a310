import { copyFile, cp, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { reachableFolder, runSql, withDatabase } from '@muster/testkit';
import { afterEach, describe, expect, it } from 'vitest';
import { openServer, type OtherRelease, type TestServer } from '../../test/server-fixture.ts';

const ownMigrations = fileURLToPath(new URL('../../../store/src/migrations', import.meta.url));

const open: TestServer[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

type Place = { readonly url: string; readonly dataDir: string };

async function start({ url, dataDir }: Place, name: string, release: OtherRelease = {}): Promise<TestServer> {
  const server = await openServer({ MUSTER_DATABASE_URL: url, MUSTER_DATA_DIR: dataDir, MUSTER_POOL_NAME: name }, release);
  open.push(server);
  return server;
}

async function stop(server: TestServer): Promise<void> {
  open.splice(open.indexOf(server), 1);
  await server.close();
}

/** Two data folders with one key, and an empty database. */
async function two() {
  const connection = await withDatabase();
  const url = `postgresql://${connection.user}@/${connection.database}?host=${encodeURIComponent(connection.host)}`;
  const [one, other] = await Promise.all([1, 2].map(async () => ({ url, dataDir: join(await reachableFolder(), 'data') })));
  if (one === undefined || other === undefined) throw new Error('no folders');
  const share = async () => {
    await mkdir(other.dataDir, { recursive: true });
    await copyFile(join(one.dataDir, 'master.key'), join(other.dataDir, 'master.key'));
  };
  return { one, other, share, sql: (text: string) => runSql(connection, text) };
}

/** The migrations of this build, and those of a release after it, each with the oldest schema that may still read. */
async function later(...steps: readonly { reader: number; sql: string }[]): Promise<{ migrationsDir: string; level: number }> {
  const migrationsDir = join(await reachableFolder(), 'migrations');
  await cp(ownMigrations, migrationsDir, { recursive: true });
  const own = (await readdir(ownMigrations)).length;
  for (const [index, { reader, sql }] of steps.entries()) {
    const number = String(own + index + 1).padStart(4, '0');
    await writeFile(join(migrationsDir, `${number}-later.sql`), `-- reader: ${own + reader}\n\n${sql};\n`);
  }
  return { migrationsDir, level: own };
}

const expand = { reader: 0, sql: 'alter table nodes add column later text' };
const contract = { reader: 1, sql: 'alter table nodes drop column later' };

const versionsOf = async (one: TestServer) =>
  (await one.local.getPool({})).members.filter(({ lostAt }) => lostAt === null).map(({ name, version }) => [name, version]);
const addNode = (one: TestServer, name: string) => one.local.addNode({ body: { name } });
const namesOn = async (one: TestServer) => (await one.local.listNodes({ query: {} })).items.map(({ name }) => name).toSorted();

describe('servers of two releases on one database', { timeout: 180_000 }, () => {
  it('work side by side after the newer one has migrated it, and the older one starts again on it', async () => {
    const { one, other, share } = await two();
    const first = await start(one, 'm1');
    await share();
    const second = await start(other, 'm2');
    const { migrationsDir } = await later(expand);
    await stop(second);
    const newer = await start(other, 'm2', { version: '0.2.0', migrationsDir });
    await expect
      .poll(() => versionsOf(first), { timeout: 20_000 })
      .toEqual([
        ['m1', '0.1.0'],
        ['m2', '0.2.0'],
      ]);
    await addNode(first, 'of-older');
    await addNode(newer, 'of-newer');
    expect(await namesOn(first)).toEqual(await namesOn(newer));
    await stop(first);
    const again = await start(one, 'm1');
    await addNode(again, 'of-older-again');
    expect(await namesOn(newer)).toEqual(['of-newer', 'of-older', 'of-older-again']);
    expect(again.lines.some(({ message }) => message.includes('a newer server has migrated the database'))).toBe(true);
    await stop(again);
    const upgraded = await start(one, 'm1', { version: '0.2.0', migrationsDir });
    await expect
      .poll(() => versionsOf(upgraded), { timeout: 20_000 })
      .toEqual([
        ['m1', '0.2.0'],
        ['m2', '0.2.0'],
      ]);
  });

  it('are refused across a skipped release while the older one works, which goes on; and in turn the older one after that', async () => {
    const { one, other, share, sql } = await two();
    const first = await start(one, 'm1');
    await share();
    const { migrationsDir, level } = await later(expand, contract);
    const release = { version: '0.3.0', migrationsDir };
    await expect(start(other, 'm2', release)).rejects.toThrow(
      new RegExp(`at work: m1 \\(Muster 0\\.1\\.0, schema ${level}\\)\\. Upgrade all members to the release between`, 'u'),
    );
    await addNode(first, 'still-serving');
    expect(await sql('select max(version) as level from schema_migrations')).toEqual([{ level }]);
    await stop(first);
    const newer = await start(other, 'm2', release);
    await expect(start(one, 'm1')).rejects.toThrow(`is only for those that know ${level + 1}`);
    expect(await namesOn(newer)).toEqual(['still-serving']);
  });
});

describe('two processes with one server id', { timeout: 180_000 }, () => {
  it('are not: the second one says who is there and ends, the first goes on', async () => {
    const { one, other, share } = await two();
    const first = await start(one, 'm1');
    await share();
    await copyFile(join(one.dataDir, 'server-id'), join(other.dataDir, 'server-id'));
    await expect(start(other, 'copied')).rejects.toThrow(
      /^Another process works with the id of this server .* as m1 .*remove the file server-id/u,
    );
    await addNode(first, 'still-serving');
    expect(await versionsOf(first)).toEqual([['m1', '0.1.0']]);
  });

  it('are not, where the first one hung: it ends when it finds its place taken', async () => {
    const { one, sql } = await two();
    const first = await start(one, 'm1');
    await sql(`update members set run = gen_random_uuid(), name = 'the-other'`);
    await expect(first.server.failed).resolves.toMatchObject({
      name: 'StartError',
      message: expect.stringContaining('has taken its place') as string,
    });
    await stop(first);
    // It leaves nothing of the other's.
    expect(await sql('select name, lost_at from members')).toEqual([{ name: 'the-other', lost_at: null }]);
  });

  it('after a kill are one again in some seconds: nobody has to mend anything', async () => {
    const { one, sql } = await two();
    await stop(await start(one, 'm1'));
    await sql(`update members set run = gen_random_uuid(), lost_at = null, heard_at = now()`);
    const again = await start(one, 'm1');
    expect(await versionsOf(again)).toEqual([['m1', '0.1.0']]);
  });
});
