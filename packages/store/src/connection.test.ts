import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { query, silentLog } from '../test/builders.ts';
import { clientConfig, patientClientConfig } from './connection.ts';
import { StoreRefused } from './errors.ts';
import { openStore } from './store.ts';

describe('by URL', () => {
  it('opens the same store as by socket', async () => {
    const { store, connection } = await withStore();
    const url = `postgresql://${connection.user}@/${connection.database}?host=${encodeURIComponent(connection.host)}`;
    const byUrl = await openStore({ connection: { url }, log: silentLog });
    await byUrl.events.append({ kind: 'server-started', severity: 'info', nodeId: null, nodeName: null, message: 'by URL', data: {} });
    expect(await store.events.list({ limit: 1 })).toMatchObject([{ message: 'by URL' }]);
    await byUrl.close();
  });

  it.each(['localhost/muster', 'mysql://muster:hunter2@localhost/muster', 'postgresql://muster:hunter2@local host:port/muster', ''])(
    'refuses %s without repeating it',
    async (url) => {
      const opening = openStore({ connection: { url }, log: silentLog });
      await expect(opening).rejects.toThrow(StoreRefused);
      await expect(opening).rejects.toMatchObject({ code: 'bad-url' });
      const error = await opening.catch((caught: unknown) => caught);
      expect(JSON.stringify([String(error), error instanceof Error && error.cause])).not.toContain('hunter2');
    },
  );

  it('says plainly when database or role are not there', async () => {
    const { connection } = await withStore();
    const open = (user: string, database: string) => openStore({ connection: { ...connection, user, database }, log: silentLog });
    await expect(open('muster', 'nothing')).rejects.toMatchObject({ name: 'StoreRefused', code: 'no-database' });
    await expect(open('nobody-here', connection.database)).rejects.toMatchObject({ name: 'StoreRefused', code: 'sign-in-refused' });
  });
});

describe('values', () => {
  it('are read as the API shows them, whatever the time zone of the session', async () => {
    const { connection } = await withStore();
    await query(connection, `alter database "${connection.database}" set timezone = 'Asia/Kolkata'`);
    const [row] = await query(
      connection,
      `select timestamptz '2026-02-03 04:05:06.789+00' as moment, timestamptz '2026-02-03 04:05:06+00' as whole, null::timestamptz as none,
         9007199254740991::bigint as large, array['a'] as list`,
    );
    expect(row).toEqual({
      moment: '2026-02-03T04:05:06.789Z',
      whole: '2026-02-03T04:05:06.000Z',
      none: null,
      large: 9007199254740991,
      list: ['a'],
    });
  });
});

it('never waits without end, but for a migration', () => {
  const connection = { host: '/run', user: 'muster', database: 'muster' };
  const config = clientConfig(connection);
  expect(config).toMatchObject({ keepAlive: true, host: '/run', port: 5432 });
  expect(config.query_timeout).toBeGreaterThan(Number(config.statement_timeout));
  expect(patientClientConfig(connection)).not.toHaveProperty('statement_timeout');
  expect(patientClientConfig(connection)).toHaveProperty('connectionTimeoutMillis');
});
