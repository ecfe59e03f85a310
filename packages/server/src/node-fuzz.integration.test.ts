import { nodeSortKeys } from '@muster/api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, ask, problemIn, type Wish } from '../test/requests.ts';
import { openServerOnStore, type TestServer } from '../test/server-fixture.ts';

/* Whatever a person can ask about nodes: no answer of 500, no answer that is no problem, no connection that hangs, and nothing changed by what is refused. */

let server: TestServer;
beforeAll(async () => {
  server = await openServerOnStore();
  for (let i = 0; i < 12; i += 1)
    await server.local.addNode({
      body: {
        name: `node${i}`,
        groups: i % 2 === 0 ? ['even', 'g'] : ['g'],
        labels: { rack: `r${i % 3}` },
        ...(i % 4 === 0 ? { privateIp: `10.0.0.${i + 1}` } : {}),
      },
    });
});
afterAll(() => server.close());

type Case = Wish & { readonly path: string };

async function askAll(cases: readonly Case[]): Promise<Map<number, number>> {
  const place = { socketPath: server.server.socketPath };
  const seen = new Map<number, number>();
  for (let at = 0; at < cases.length; at += 20) {
    const answers = await Promise.all(
      cases.slice(at, at + 20).map(async (one): Promise<[Case, Answer]> => {
        const headers = one.body === undefined ? {} : { 'content-type': 'application/json' };
        return [one, await ask(place, `/api/v1${one.path}`, { ...one, headers })];
      }),
    );
    for (const [one, answer] of answers) {
      seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
      expect(answer.status, `${JSON.stringify(one)}: ${answer.text}`).toBeLessThan(500);
      if (answer.status >= 400) expect(problemIn(answer)['code'], JSON.stringify(one)).toEqual(expect.any(String));
    }
  }
  expect(server.lines.filter(({ level }) => level === 'error')).toEqual([]);
  return seen;
}

const text = fc.oneof(
  fc.string({ maxLength: 30 }),
  fc.string({
    unit: fc.constantFrom('\0', '\u202E', '\uD800', '\u{1F600}', "'", '"', '\\', '%', '_', ';', '-', '\n', 'a', '1'),
    maxLength: 12,
  }),
);
const key = fc.oneof(fc.constantFrom(...nodeSortKeys, 'group', 'label.rack', 'label.', '__proto__', 'constructor'), text);
const value = fc.oneof(
  text,
  fc.constantFrom(
    '>=32',
    '<-1',
    '!=0',
    '>64GiB',
    '>=99999999999999',
    'none',
    '<now+30d',
    '>now-52w',
    '>=2026-02-29',
    '<2026-01-01T00:00:00Z',
    'good,bad',
    'true',
    '=',
    '=node1',
  ),
  fc.integer().map(String),
  fc.date({ noInvalidDate: true }).map((date) => `<${date.toISOString()}`),
);
const filter = fc.tuple(key, value).map((pair) => pair.join(':'));
const sort = fc
  .array(
    fc.tuple(fc.constantFrom('', '-', '--'), key).map((pair) => pair.join('')),
    { maxLength: 4 },
  )
  .map((keys) => keys.join(','));
const term = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(
      'node1',
      'node[0-11]',
      'g',
      'even',
      'all',
      'node0-node3',
      'node1+2',
      '/node\\d+',
      'health=unknown',
      'cores>=1',
      'label.rack=r1',
      'name=~^n',
      'notes!=x',
    ),
  },
  {
    weight: 1,
    arbitrary: fc.oneof(
      text,
      fc.constantFrom(
        'node99',
        'node3-node1',
        '^/etc/passwd',
        '/(a+)+$',
        '/((((',
        'n[1-999999999]',
        '(',
        ')',
        '[',
        'node[1',
        'cores>=x',
        'helth=bad',
        'node1@',
        '-',
        'g+1',
        '\0',
      ),
    ),
  },
);
const range = fc
  .array(fc.tuple(fc.constantFrom('', '', '-', ' '), term, fc.constantFrom(',', ',', '@', ',,', ' , ')), { minLength: 1, maxLength: 4 })
  .map((parts) =>
    parts
      .flat()
      .join('')
      .replace(/[,@ ]+$/u, ''),
  );

const search = (pairs: readonly (readonly [string, string])[]) =>
  new URLSearchParams(pairs.map(([name, one]): [string, string] => [name, one.toWellFormed()])).toString();
const member = fc.oneof(
  fc.tuple(fc.constant('filter'), filter),
  fc.tuple(fc.constant('sort'), sort),
  fc.tuple(fc.constant('range'), range),
  fc.tuple(
    fc.constantFrom('allowEmpty', 'limit', 'offset', 'format', 'x'),
    fc.oneof(fc.constantFrom('true', 'false', 'csv', 'json', '5', '0'), text),
  ),
);
const json = (body: unknown): Wish => ({ method: 'POST', body: JSON.stringify(body) ?? 'null' });

describe('nothing fails inside, whatever is asked of', () => {
  it('lists and exports', async () => {
    const cases = fc.sample(
      fc.tuple(fc.constantFrom('/nodes', '/nodes', '/nodes/export', '/names', '/events'), fc.array(member, { maxLength: 4 })),
      4000,
    );
    const seen = await askAll(cases.map(([path, pairs]) => ({ path: `${path}?${search(pairs)}` })));
    // A fuzzer that is always refused at the door tests nothing behind it.
    expect(seen.get(200) ?? 0).toBeGreaterThan(300);
    expect(seen.get(400) ?? 0).toBeGreaterThan(300);
  }, 300_000);

  it('ranges', async () => {
    const expand = fc.record(
      { range: fc.oneof(range, fc.jsonValue()), allowEmpty: fc.oneof(fc.boolean(), fc.jsonValue()) },
      { requiredKeys: ['range'] },
    );
    const fold = fc.record({ names: fc.oneof(fc.array(fc.oneof(fc.constantFrom('node1', 'node2'), text)), fc.jsonValue()) });
    const cases = fc.sample(
      fc.oneof(
        expand.map((body) => ({ path: '/ranges/expand', body })),
        fold.map((body) => ({ path: '/ranges/fold', body })),
      ),
      3000,
    );
    const seen = await askAll(cases.map(({ path, body }) => ({ path, ...json(body) })));
    expect(seen.get(200) ?? 0).toBeGreaterThan(300);
  }, 300_000);

  it('actions on many nodes, and what is refused changes nothing', async () => {
    const labels = fc.dictionary(fc.oneof(fc.constantFrom('rack', 'a'), text), text, { maxKeys: 3 });
    const action = fc.record(
      {
        action: fc.oneof(fc.constantFrom('cordon', 'uncordon', 'drain', 'begin-maintenance', 'end-maintenance', 'change', 'remove'), text),
        range: fc.oneof(range, fc.constantFrom('nobody', '')),
        reason: fc.oneof(text, fc.jsonValue()),
        seconds: fc.oneof(fc.integer(), fc.constantFrom(1, 60, 315_360_000, 1e99)),
        until: fc.oneof(fc.constantFrom('2099-01-01T00:00:00Z', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59+14:00', 'tomorrow'), text),
        deadlineSeconds: fc.oneof(fc.integer(), fc.constantFrom(1, 86_400)),
        labels: fc.oneof(labels, fc.jsonValue()),
        removeLabels: fc.oneof(fc.array(text), fc.constant(['rack'])),
        addGroups: fc.oneof(fc.constantFrom(['x'], ['g']), fc.array(text)),
        removeGroups: fc.oneof(fc.constant(['g']), fc.array(text)),
        notes: fc.oneof(text, fc.jsonValue()),
        environments: fc.oneof(fc.constantFrom('on', 'off'), text),
      },
      { requiredKeys: ['action', 'range'] },
    );
    const cases = fc.sample(fc.oneof(action, action, fc.jsonValue()), 3000).map((body) => ({ path: '/nodes/actions', ...json(body) }));
    const seen = await askAll(cases);
    expect(seen.get(400) ?? 0).toBeGreaterThan(100);
    const { items } = await server.local.listNodes({ query: { limit: 1000 } });
    expect(items.every(({ name, groups }) => /^node\d+$/u.test(name) && groups.length <= 64)).toBe(true);
  }, 300_000);

  it('views', async () => {
    const query = fc.record(
      {
        sort: fc.oneof(sort, fc.constant('name')),
        filter: fc.array(filter, { maxLength: 2 }),
        range: fc.option(range),
        columns: fc.jsonValue(),
      },
      { requiredKeys: [] },
    );
    const view = fc.record(
      {
        name: fc.oneof(text, fc.constantFrom('a', 'b', 'c')),
        shared: fc.oneof(fc.boolean(), fc.jsonValue()),
        query: fc.oneof(query, fc.jsonValue()),
      },
      { requiredKeys: ['query'] },
    );
    const id = fc.oneof(fc.uuid(), text);
    const cases = fc.sample(
      fc.oneof(
        view.map((body) => ({ path: '/views', ...json(body) })),
        fc
          .tuple(id, view)
          .map(([one, body]) => ({ path: `/views/${encodeURIComponent(one.toWellFormed())}`, ...json(body), method: 'PUT' })),
        fc
          .tuple(id, fc.constantFrom('GET', 'DELETE'))
          .map(([one, method]) => ({ path: `/views/${encodeURIComponent(one.toWellFormed())}`, method })),
      ),
      1500,
    );
    await askAll(cases);
  }, 300_000);
});
