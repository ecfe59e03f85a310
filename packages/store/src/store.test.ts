import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { reachableFolder, withStore } from '@muster/testkit';
import { sql } from 'kysely';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { nodeCreate, query, silentLog } from '../test/builders.ts';
import { type EmbeddedPostgres, openStore, startEmbeddedPostgres, StoreUnavailable } from './index.ts';

describe('a database that goes away and comes back', () => {
  let folder: string;
  let postgres: EmbeddedPostgres;
  beforeAll(async () => {
    folder = await reachableFolder();
    postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), log: () => undefined });
  });
  afterAll(async () => {
    await postgres.stop();
    await rm(folder, { recursive: true });
  });

  it('makes every function say StoreUnavailable, and nothing more is needed afterwards', async () => {
    const store = await openStore({ connection: postgres.connection, log: silentLog });
    const node = await store.nodes.add(nodeCreate('worker1'));
    const heard: string[] = [];
    await store.events.listen((event) => heard.push(event.message));
    await store.ready();
    await postgres.stop();
    const calls: Promise<unknown>[] = [
      store.ready(),
      store.nodes.get('worker1'),
      store.nodes.add(nodeCreate('worker2')),
      store.presence.recordHeartbeats([{ nodeId: node.id, clockSkewMs: 0 }], 'server'),
      store.health.subjects(),
      store.certificates.status('01'),
      store.events.list({ limit: 1 }),
      store.authority.load(),
      store.enrolment.makeToken(node.id, 'x', 1),
      openStore({ connection: postgres.connection, log: silentLog }),
    ];
    for (const outcome of await Promise.allSettled(calls)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailable) });
    }
    postgres = await startEmbeddedPostgres({ dataDir: join(folder, 'postgres'), log: () => undefined });
    await store.ready();
    expect(await store.nodes.get('worker1')).toMatchObject({ id: node.id });
    await store.nodes.add(nodeCreate('worker2'));
    await vi.waitFor(() => expect(heard).toContain('Node worker2 was added.'), 15_000);
    await store.close();
  });

  it('breaks off what was under way, and only that', async () => {
    const store = await openStore({ connection: postgres.connection, log: silentLog });
    await store.nodes.add(nodeCreate('worker3'));
    await store.enrolment.makeToken('worker3', 'secret', 60);
    const sign = async () => {
      await query(postgres.connection, "select pg_terminate_backend(pid) from pg_stat_activity where state = 'idle in transaction'");
      return {
        serial: '0a',
        fingerprint: 'f',
        spkiSha256: 'k',
        notBefore: new Date(),
        notAfter: new Date(),
        chainPem: 'pem',
        authority: 1,
      };
    };
    const redeeming = store.enrolment.redeem({ nodeName: 'worker3', secretSha256: 'secret', spkiSha256: 'k', sign });
    await expect(redeeming).rejects.toThrow(StoreUnavailable);
    expect(await store.certificates.status('0a')).toBeUndefined();
    expect((await store.nodes.get('worker3')).registration).toBe('pending');
    await store.close();
  });

  it('lets a standby or read-only server pass as away', async () => {
    const { connection } = await withStore();
    await query(connection, `alter database "${connection.database}" set default_transaction_read_only = on`);
    const store = await openStore({ connection, log: silentLog });
    await expect(store.nodes.add(nodeCreate('worker1'))).rejects.toThrow(StoreUnavailable);
    await store.close();
  });
});

it('says StoreUnavailable once it is closed, and closes once', async () => {
  const { connection } = await withStore();
  const store = await openStore({ connection, log: silentLog });
  await store.events.listen(() => undefined);
  await store.close();
  await store.close();
  await expect(store.ready()).rejects.toThrow(StoreUnavailable);
  const backends = await query(
    connection,
    "select from pg_stat_activity where datname = current_database() and application_name = 'muster'",
  );
  // The store of `withStore` and this question.
  expect(backends.length).toBeLessThanOrEqual(2);
});

it('ends a statement that takes too long on the server too', async () => {
  const { connection } = await withStore();
  expect(await query(connection, 'show statement_timeout')).toEqual([{ statement_timeout: '15s' }]);
  expect(await query(connection, 'show idle_in_transaction_session_timeout')).toEqual([{ idle_in_transaction_session_timeout: '30s' }]);
});

it('gives the tables of people moments as dates, and everything else as text', async () => {
  const { store } = await withStore();
  const asked = sql<{ moment: unknown; count: unknown }>`select now() as moment, 1::bigint as count`;
  const { rows } = await asked.execute(store.accounts);
  expect(rows[0]?.moment).toBeInstanceOf(Date);
  expect((await store.nodes.add(nodeCreate('worker1'))).createdAt).toMatch(/^\d{4}-.*Z$/u);
});
