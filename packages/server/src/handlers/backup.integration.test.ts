import { get, type IncomingMessage } from 'node:http';
import { CheckedRecords } from '@muster/backup';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { codeOf, comeIn } from '../../test/people.ts';
import { ask, localClient } from '../../test/requests.ts';
import { openServerOnStore, type StoreServer } from '../../test/server-fixture.ts';

let server: StoreServer;
beforeAll(async () => {
  server = await openServerOnStore();
});
afterAll(() => server.close());

const path = '/api/v1/snapshots';

/** The snapshot as it comes; whoever asked may go away early. */
const openSnapshot = () =>
  new Promise<IncomingMessage>((resolve, reject) => {
    get({ socketPath: server.server.socketPath, path, method: 'POST', agent: false }, resolve).on('error', reject);
  });

describe('a snapshot', () => {
  it('is for administrators of everything, and nobody else', async () => {
    expect((await ask({ port: server.port }, path, { method: 'POST' })).status).toBe(401);
    for (const grant of [{ role: 'viewer' }, { role: 'operator' }, { role: 'administrator', groups: ['a'] }] as const) {
      const person = await comeIn(server, `${grant.role}-${'groups' in grant}@example.org`, {
        ...grant,
        groups: 'groups' in grant ? ['a'] : null,
      });
      expect(await codeOf(person.client.takeSnapshot({}))).toBe('not-allowed');
    }
    const administrator = await comeIn(server, 'all@example.org', { role: 'administrator', groups: null });
    expect((await administrator.ask(path, { method: 'POST' })).status).toBe(200);
  });

  it('is whole, holds the key file, and stands in the audit log and among the events', async () => {
    const summary = new CheckedRecords(await openSnapshot());
    const kinds = new Set<string>();
    let key = '';
    for await (const record of summary.read()) {
      kinds.add(record.kind);
      if (record.kind === 'file') key = record.value.name;
    }
    expect([summary.summary.head.muster, key]).toEqual(['0.1.0', 'master.key']);
    expect([...kinds].toSorted()).toEqual(['end', 'file', 'head', 'rows', 'sequence', 'table', 'table-end']);
    const [line] = (await server.local.listAudit({ query: { limit: 1 } })).items;
    expect(line).toMatchObject({ what: 'takeSnapshot', result: 'done', who: { kind: 'local' } });
    await vi.waitFor(async () => {
      const { items } = await server.local.listEvents({ query: { limit: 1 } });
      expect(items[0]).toMatchObject({ kind: 'backup-made', message: 'A backup was made by local administrator.' });
    });
  });

  it('is given to one at a time, and frees everything when he goes away', async () => {
    await server.sql(
      "insert into events (kind, severity, message) select 'node-added', 'info', repeat('x', 5000) from generate_series(1, 10000)",
    );
    const first = await openSnapshot();
    expect(await codeOf(localClient(server.server.socketPath).takeSnapshot({}))).toBe('too-many-requests');
    first.destroy();
    const busy =
      "select count(*)::int as count from pg_stat_activity where datname = current_database() and query like 'copy%' and state = 'active'";
    await vi.waitFor(async () => expect(await server.sql(busy)).toEqual([{ count: 0 }]), 10_000);
    await vi.waitFor(async () => expect((await openSnapshot()).resume().statusCode).toBe(200), 10_000);
  });
});
