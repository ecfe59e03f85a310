import { CheckedRecords, frameOf } from '@muster/backup';
import { runSql, withDatabase } from '@muster/testkit';
import pg from 'pg';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { contentOf, fillSql, piecesOf, restore, snapshotOf, type TestConnection } from '../../test/backup-databases.ts';
import { silentLog } from '../../test/builders.ts';
import { openStore } from '../store.ts';

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of cleanUps.splice(0).toReversed()) await end();
});

async function filled(): Promise<TestConnection> {
  const connection = await withDatabase();
  await (await openStore({ connection, log: silentLog })).close();
  await runSql(connection, fillSql);
  return connection;
}

const waitingForLock =
  "select count(*)::int as count from pg_locks where locktype = 'advisory' and not granted and database = (select oid from pg_database where datname = current_database())";

/** A restore that must not succeed, on a database that must be as before. */
async function expectUnchanged(target: TestConnection, attempt: () => Promise<unknown>, refusal: object): Promise<void> {
  const before = await contentOf(target);
  await expect(attempt()).rejects.toMatchObject(refusal);
  expect(await contentOf(target)).toEqual(before);
}

describe('a restore that is refused', () => {
  it('where there is data, and nobody said that it may go', async () => {
    const target = await filled();
    await expectUnchanged(target, async () => restore(target, await snapshotOf(target)), { code: 'not-empty' });
  });

  it('where a server uses the database, and one that starts meanwhile waits', async () => {
    const target = await filled();
    const snapshot = await snapshotOf(target);
    const store = await openStore({ connection: target, log: silentLog });
    cleanUps.push(() => store.close());
    await store.ready();
    await expectUnchanged(target, () => restore(target, snapshot, { replace: true }), { code: 'in-use' });
    await store.close();
    const order: string[] = [];
    let started: Promise<void> | undefined;
    await restore(target, snapshot, {
      replace: true,
      beforeCommit: async () => {
        started = openStore({ connection: target, log: silentLog }).then((late) => {
          order.push('server');
          return late.close();
        });
        await vi.waitFor(async () => expect(await runSql(target, waitingForLock)).toEqual([{ count: 1 }]), { timeout: 10_000 });
        order.push('restore');
      },
    });
    await started;
    expect(order).toEqual(['restore', 'server']);
  });

  it('where somebody else keeps tables in the same place', async () => {
    const target = await withDatabase();
    await runSql(target, 'create table payroll (id integer); insert into payroll values (1)');
    const snapshot = await snapshotOf(await filled());
    await expectUnchanged(target, () => restore(target, snapshot, { replace: true }), { code: 'foreign-tables' });
  });

  it('of a backup whose rows are not what they were, however late that shows', async () => {
    const source = await filled();
    const target = await filled();
    const snapshot = await snapshotOf(source);
    const last = snapshot.findLastIndex((piece) => piece[0] === 'R'.charCodeAt(0));
    const other = Buffer.from(snapshot[last] ?? []);
    other[other.byteLength - 2] = (other.at(-2) ?? 0) ^ 1;
    await expectUnchanged(target, () => restore(target, snapshot.with(last, other), { replace: true }), {
      name: 'BackupError',
      code: 'damaged',
    });
    await expectUnchanged(target, () => restore(target, snapshot.slice(0, last), { replace: true }), {
      name: 'BackupError',
      code: 'incomplete',
    });
  });

  it('of a backup that lacks a table or has one that is not known', async () => {
    const snapshot = await snapshotOf(await filled());
    const isTable = (piece: Uint8Array, name: string) => piece[0] === 'T'.charCodeAt(0) && Buffer.from(piece).includes(`"${name}"`);
    const at = snapshot.findIndex((piece) => isTable(piece, 'node_views'));
    const renamed = frameOf({ kind: 'table', value: { name: 'other', columns: ['id'] } });
    const target = await withDatabase();
    await expectUnchanged(target, () => restore(target, snapshot.with(at, renamed)), { code: 'backup-mismatch' });
  });

  it('when what has to be done beside the database fails', async () => {
    const target = await filled();
    const snapshot = await snapshotOf(target);
    const beforeCommit = () => Promise.reject(new Error('no room for the key file'));
    await expectUnchanged(target, () => restore(target, snapshot, { replace: true, beforeCommit }), {
      message: 'no room for the key file',
    });
  });

  it('when the connection is lost in the middle', async () => {
    const target = await filled();
    const snapshot = await snapshotOf(target);
    const kill =
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'muster restore' and datname = current_database()";
    const beforeCommit = async () => void (await runSql(target, kill));
    await expectUnchanged(target, () => restore(target, snapshot, { replace: true, beforeCommit }), { name: 'StoreUnavailable' });
  });
});

describe('a database of a role that may do nothing else', () => {
  it('is saved and restored', async () => {
    const target = await withDatabase();
    const role = `plain_${target.database}`;
    await runSql(
      target,
      `create role ${role} login; alter database "${target.database}" owner to ${role}; alter schema public owner to ${role}`,
    );
    cleanUps.push(() => runSql(target, `reassign owned by ${role} to current_user; drop owned by ${role}; drop role ${role}`));
    // Peer authentication lets one role in: it becomes the other.
    const client = new pg.Client(target);
    await client.connect();
    await client.query(`alter role ${target.user} in database "${target.database}" set role to ${role}`);
    await client.end();
    cleanUps.push(() =>
      runSql({ ...target, database: 'postgres' }, `alter role ${target.user} in database "${target.database}" reset role`),
    );
    const source = await filled();
    const snapshot = await snapshotOf(source);
    await restore(target, snapshot);
    await restore(target, snapshot, { replace: true });
    expect((await contentOf(target))['nodes']).toEqual((await contentOf(source))['nodes']);
    expect((await new CheckedRecords(piecesOf(await snapshotOf(target))).drain()).tables.length).toBeGreaterThan(40);
    expect(await runSql(target, "select distinct tableowner from pg_tables where schemaname = 'public'")).toEqual([{ tableowner: role }]);
  });
});

describe('what was shut out since', () => {
  it('stays shut out, when the database that is replaced knows of it', async () => {
    const target = await filled();
    const snapshot = await snapshotOf(target);
    await runSql(
      target,
      "update api_keys set revoked_at = now() where name = 'key 1'; update people set disabled_at = now() where user_id = 'u2'",
    );
    expect(await restore(target, snapshot, { replace: true, withoutJournal: false })).toMatchObject({
      apiKeysRevoked: 1,
      apiKeysInForce: 1,
      peopleDisabled: 1,
    });
  });

  it('is not judged by a database of another installation', async () => {
    const target = await filled();
    const snapshot = await snapshotOf(await filled());
    await runSql(target, "update authorities set root_pem = 'another root'; update api_keys set revoked_at = now()");
    expect(await restore(target, snapshot, { replace: true })).toMatchObject({ apiKeysRevoked: 0, apiKeysInForce: 2, peopleDisabled: 0 });
  });
});
