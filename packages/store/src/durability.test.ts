import { withDatabase, withStore } from '@muster/testkit';
import type pg from 'pg';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { query, silentLog } from '../test/builders.ts';
import { requireDurable } from './durability.ts';
import { openStore } from './store.ts';

const postgres = async () => ({ ...(await withDatabase()), database: 'postgres' });

/** Sets or resets a setting of the whole server and waits until new sessions see it. */
async function setForAll(name: string, value: 'off' | 'on'): Promise<void> {
  const connection = await postgres();
  await query(connection, value === 'off' ? `alter system set ${name} = off` : `alter system reset ${name}`);
  await query(connection, 'select pg_reload_conf()');
  await vi.waitFor(async () => expect(await query(connection, `select current_setting('${name}') as value`)).toEqual([{ value }]), 5_000);
}

describe('a database that could lose what it acknowledges', () => {
  afterEach(async () => {
    for (const name of ['fsync', 'full_page_writes', 'synchronous_commit']) await setForAll(name, 'on');
  });

  it.each(['fsync', 'full_page_writes', 'synchronous_commit'])(
    'is refused with %s off, told how to turn it on, and left untouched',
    async (name) => {
      const connection = await withDatabase();
      await setForAll(name, 'off');
      const opening = openStore({ connection, log: silentLog });
      await expect(opening).rejects.toMatchObject({ name: 'StoreRefused', code: 'not-durable' });
      await expect(opening).rejects.toThrow(new RegExp(`${name} off.*ALTER SYSTEM SET ${name} = on`, 'u'));
      expect(await query(connection, "select from pg_tables where schemaname = 'public'")).toEqual([]);
      await setForAll(name, 'on');
      await (await openStore({ connection, log: silentLog })).close();
    },
  );
});

it('is refused also when only the database or the role turns it off', async () => {
  const { connection } = await withStore();
  await query(connection, `alter database "${connection.database}" set synchronous_commit = off`);
  await expect(openStore({ connection, log: silentLog })).rejects.toMatchObject({ code: 'not-durable' });
});

it.each([
  ['14.11', '140011', false],
  ['15.0', '150000', true],
  ['18.4', '180004', true],
])('takes PostgreSQL %s: %s, %s', async (version, number, taken) => {
  const answer = { version, number, fsync: 'on', full_page_writes: 'on', synchronous_commit: 'remote_apply' };
  const client = { query: () => Promise.resolve({ rows: [answer] }) } as unknown as pg.Client;
  const outcome = await requireDurable(client).catch((error: unknown) => (error as Error).message);
  expect(outcome ?? 'taken').toMatch(taken ? /^taken$/u : /PostgreSQL 14\.11; Muster needs 15/u);
});
