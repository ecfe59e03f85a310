import { CheckedRecords } from '@muster/backup';
import { runSql, withDatabase, withStore } from '@muster/testkit';
import { describe, expect, it, vi } from 'vitest';
import { piecesOf, restore, snapshotOf } from '../../test/backup-databases.ts';
import { nodeCreate, silentLog } from '../../test/builders.ts';
import { ownMigrations, readMigrations } from '../migrate.ts';
import { openStore } from '../store.ts';
import { tablesMadeBy } from './catalog.ts';
import { takeSnapshot } from './take-snapshot.ts';

const connections =
  "select count(*)::int as count from pg_stat_activity where datname = current_database() and state <> 'idle' and pid <> pg_backend_pid()";

describe('a snapshot', () => {
  it('has every table there is, but not what somebody else put beside them', async () => {
    const { connection } = await withStore();
    await runSql(connection, 'create table payroll (id integer)');
    const { tables } = await new CheckedRecords(piecesOf(await snapshotOf(connection))).drain();
    await runSql(connection, 'drop table payroll');
    const there = await runSql(
      connection,
      "select relname::text as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace",
    );
    const expected = there.map(({ name }) => String(name)).filter((name) => name !== 'schema_migrations');
    expect(tables.map(({ name }) => name).toSorted()).toEqual(expected.toSorted());
    expect([...tablesMadeBy(await readMigrations(ownMigrations))]).toEqual(expect.arrayContaining(expected));
  });

  it('is of one moment, whatever is written meanwhile', async () => {
    const { store, connection } = await withStore();
    let isOver = false;
    // Each node comes with its event in one transaction: a snapshot that has one without the other is of no one moment.
    const writing = (async () => {
      for (let index = 0; !isOver; index += 1) {
        await store.nodes.add(nodeCreate(`n${index}`));
        if (index % 3 === 2) await store.nodes.remove(`n${index - 1}`);
      }
    })();
    const target = await withDatabase();
    for (let round = 0; round < 8; round += 1) {
      await restore(target, await snapshotOf(connection), { replace: true });
      const [found] = await runSql(
        target,
        `select (select count(*) from nodes)::int as nodes, (select count(*) from node_health)::int as health,
          (select count(*) filter (where kind = 'node-added') - count(*) filter (where kind = 'node-removed') from events)::int as told`,
      );
      expect(found?.['nodes']).toBe(found?.['told']);
    }
    isOver = true;
    await writing;
    expect((await store.nodes.list({ sort: [], filters: [], limit: 1, offset: 0 })).total).toBeGreaterThan(0);
  });

  it('that nobody reads to its end leaves no transaction behind', async () => {
    const { connection } = await withStore();
    const taking = takeSnapshot({ connection, version: '0.1.0', files: [] });
    await taking.next();
    expect(await runSql(connection, connections)).toEqual([{ count: 1 }]);
    await taking.return(undefined);
    await vi.waitFor(async () => expect(await runSql(connection, connections)).toEqual([{ count: 0 }]));
  });

  it('fails, and is not cut short, when the database goes away in the middle', async () => {
    const { connection } = await withStore();
    await runSql(
      connection,
      "insert into events (kind, severity, message) select 'node-added', 'info', repeat('x', 2000) from generate_series(1, 3000)",
    );
    const kill = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like 'copy%'";
    const taking = async () => {
      let pieces = 0;
      for await (const _ of takeSnapshot({ connection, version: '0.1.0', files: [] })) {
        pieces += 1;
        if (pieces === 60) await runSql(connection, kill);
      }
    };
    await expect(taking()).rejects.toMatchObject({ name: 'StoreUnavailable' });
  });

  it('of a hundred thousand rows takes little memory, and so does its way back', async () => {
    const { connection } = await withStore();
    await runSql(
      connection,
      `insert into events (kind, severity, message, data)
       select 'node-added', 'info', md5(i::text) || repeat('x', 700), jsonb_build_object('i', i) from generate_series(1, 100000) i`,
    );
    const target = await withDatabase();
    let peak = 0;
    const before = process.memoryUsage().rss;
    let bytes = 0;
    const watched = async function* () {
      for await (const piece of takeSnapshot({ connection, version: '0.1.0', files: [] })) {
        bytes += piece.byteLength;
        peak = Math.max(peak, process.memoryUsage().rss);
        yield piece;
      }
    };
    const records = new CheckedRecords(watched()).read();
    const restored = await restore(target, [], { records });
    expect(restored.rows).toBeGreaterThanOrEqual(100_000);
    expect(bytes).toBeGreaterThan(80_000_000);
    expect((peak - before) / 1e6).toBeLessThan(120);
    const store = await openStore({ connection: target, log: silentLog });
    expect(await store.events.list({ limit: 2 })).toHaveLength(2);
    await store.close();
  }, 120_000);
});
