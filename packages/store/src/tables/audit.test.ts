import { AuditEntry } from '@muster/api';
import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { query } from '../../test/builders.ts';
import type { AuditResult, NewAuditEntry } from './audit.ts';

const entry = (change: Partial<NewAuditEntry> = {}): NewAuditEntry => ({
  who: { kind: 'person', id: 'p1', name: 'ada@x.org', role: 'operator' },
  from: '10.0.0.1',
  what: 'replaceNode',
  target: { kind: 'nodes', id: 'n1', name: 'web1' },
  input: { notes: 'new' },
  leftOut: 0,
  ...change,
});
const result = (change: Partial<AuditResult> = {}): AuditResult => ({
  status: 200,
  code: null,
  message: null,
  target: null,
  nodes: ['web1'],
  before: { notes: 'old' },
  after: { notes: 'new' },
  ...change,
});

describe('an entry', () => {
  it('is there before it is known how it ended, and is complete afterwards', async () => {
    const { store } = await withStore();
    const id = await store.audit.begin(entry());
    const [begun] = (await store.audit.list({ limit: 10 })).items;
    expect(begun).toMatchObject({ id, result: 'unknown', status: null, nodes: [], what: 'replaceNode', input: { notes: 'new' } });
    await store.audit.end(id, result());
    const { items, total } = await store.audit.list({ limit: 10 });
    expect([items, total]).toEqual([
      [{ ...begun, result: 'done', status: 200, nodes: ['web1'], before: { notes: 'old' }, after: { notes: 'new' } }],
      1,
    ]);
    expect(AuditEntry.parse(items[0])).toEqual(items[0]);
    await expect(store.audit.end(id, result())).rejects.toThrow(/duplicate/u);
    await expect(store.audit.end(9999, result())).rejects.toThrow(/foreign key/u);
  });

  it.each([
    [200, 'done'],
    [303, 'done'],
    [403, 'refused'],
    [503, 'failed'],
  ] as const)('of status %i is %s', async (status, expected) => {
    const { store } = await withStore();
    await store.audit.record(
      entry({ target: null, input: null }),
      result({ status, before: null, after: null, target: { id: 'x', name: 'y' } }),
    );
    const { items } = await store.audit.list({ limit: 1, result: expected });
    expect(items).toMatchObject([{ result: expected, status, input: null, before: null, target: null }]);
  });

  it('keeps text that PostgreSQL itself would refuse', async () => {
    const { store } = await withStore();
    const who = { kind: 'nobody', id: null, name: 'a\u0000b', role: null } as const;
    await store.audit.record(entry({ who, input: { x: '\uD800' } }), result({ message: '\u0000', nodes: ['\u0000'] }));
    expect((await store.audit.list({ limit: 1 })).items).toMatchObject([
      { who: { name: 'a\uFFFDb' }, input: { x: '\uFFFD' }, message: '\uFFFD', nodes: ['\uFFFD'] },
    ]);
  });

  it('can be neither changed nor removed, by whoever writes SQL', async () => {
    const { store, connection } = await withStore();
    await store.audit.record(entry(), result());
    for (const table of ['audit', 'audit_results'])
      for (const statement of [
        `delete from ${table}`,
        `update ${table} set ${table === 'audit' ? 'route' : 'code'} = 'x'`,
        `truncate ${table} cascade`,
      ])
        await expect(query(connection, statement), statement).rejects.toThrow('append-only');
    await expect(query(connection, `delete from audit where false`)).rejects.toThrow('append-only');
    expect((await store.audit.list({ limit: 10 })).total).toBe(1);
  });
});

describe('the search', () => {
  const seed = async () => {
    const { store, connection } = await withStore();
    const other = { kind: 'key', id: 'k1', name: 'key CI of bob@x.org', role: 'viewer' } as const;
    await store.audit.record(entry(), result());
    await store.audit.record(
      entry({ who: other, from: '10.0.0.9', what: 'removeNode', target: { kind: 'nodes', id: null, name: 'web2' } }),
      result({ status: 403, nodes: [] }),
    );
    await store.audit.record(
      entry({ what: 'startOperation', target: { kind: 'operations', id: null, name: null } }),
      result({ nodes: ['web1', 'db1'], target: { id: 'o1', name: null } }),
    );
    await store.audit.begin(entry({ what: 'removePerson', target: { kind: 'people', id: 'p9', name: 'eve@x.org' } }));
    const found = async (search: Parameters<typeof store.audit.page>[0]) =>
      (await store.audit.page(search, 0, 100)).map(({ what }) => what);
    return { store, connection, found };
  };

  it('is by who, what, node, result, and all of them together', async () => {
    const { found } = await seed();
    expect(await found({})).toEqual(['replaceNode', 'removeNode', 'startOperation', 'removePerson']);
    expect(await found({ who: 'ci of' })).toEqual(['removeNode']);
    expect(await found({ who: 'k1' })).toEqual(['removeNode']);
    expect(await found({ who: '10.0.0.9' })).toEqual(['removeNode']);
    expect(await found({ what: 'REMOVE' })).toEqual(['removeNode', 'removePerson']);
    expect(await found({ what: 'eve@' })).toEqual(['removePerson']);
    expect(await found({ what: 'o1' })).toEqual(['startOperation']);
    expect(await found({ node: 'web1' })).toEqual(['replaceNode', 'startOperation']);
    expect(await found({ node: 'web2' })).toEqual(['removeNode']);
    expect(await found({ node: 'n1' })).toEqual(['replaceNode']);
    expect(await found({ node: 'web' })).toEqual([]);
    expect(await found({ result: 'unknown' })).toEqual(['removePerson']);
    expect(await found({ who: 'ada', node: 'web1', result: 'done', what: 'operation' })).toEqual(['startOperation']);
    for (const text of ["'", '%', '_', '\\', '\u0000', ';--']) expect(await found({ who: text, what: text, node: text })).toEqual([]);
  });

  it('is by time', async () => {
    const { store, found } = await seed();
    const { items } = await store.audit.list({ limit: 2 });
    const at = items[1]?.at ?? '';
    const times = (await store.audit.page({}, 0, 100)).map((one) => one.at);
    expect(await found({ from: at })).toHaveLength(times.filter((time) => time >= at).length);
    expect(await found({ to: '2000-01-01T00:00:00Z' })).toEqual([]);
    expect(await found({ from: '2000-01-01T00:00:00+02:00' })).toHaveLength(4);
  });

  it('gives pages back in time with the total, and on in time', async () => {
    const { store } = await seed();
    const first = await store.audit.list({ limit: 3 });
    const rest = await store.audit.list({ limit: 3, before: first.items.at(-1)?.id });
    expect([first.total, first.items.length, rest.total, rest.items.length]).toEqual([4, 3, 4, 1]);
    const onward = await store.audit.page({}, rest.items[0]?.id ?? 0, 100);
    expect(onward.map(({ id }) => id)).toEqual(first.items.map(({ id }) => id).toReversed());
  });
});
