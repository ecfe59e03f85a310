import { type RouteName, routes } from '@muster/api';
import type { Route } from '@muster/api';
import { arbitraryOf } from '@muster/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, ask, type Person, problemIn, type Wish } from '../test/requests.ts';
import { openServerOnStore, type TestServer } from '../test/server-fixture.ts';

/* Every route of the table, with values made from its own schemas: no answer of 500, none that is no problem, none that does not come. */

/** How many requests each route gets. */
const perRoute = 130;
/** The same requests each time, so that a failure can be looked at again; another number asks others. */
const seed = Number(process.env['MUSTER_FUZZ_SEED'] ?? 20_261_126);
/** Longer than any route may think. */
const patienceMs = 30_000;

let server: TestServer;
let person: Person;
let words: string[];

beforeAll(async () => {
  server = await openServerOnStore();
  person = await server.signIn();
});
afterAll(() => server.close());

/** Words without which most requests would only be told that there is no such thing. */
const plainWords = [
  'web1',
  'rack',
  'all',
  'web[1-2]',
  'ssh.service',
  'administrator',
  'name',
  '-name',
  'health:good',
  'os',
  'a'.repeat(64),
  '5',
  'true',
];

/** What is there now, by name and id; what the requests before have removed is put back. */
async function wordsOfNow(): Promise<string[]> {
  const { local } = server;
  const { items: nodes } = await local.listNodes({ query: { limit: 50 } });
  const names = new Set(nodes.map(({ name }) => name));
  for (const name of ['web1', 'web2', 'db1'].filter((one) => !names.has(one)))
    nodes.push(await local.addNode({ body: { name, groups: ['rack'], labels: { os: 'debian' } } }));
  const lists = await Promise.all([
    local.listPeople({}),
    local.listOperations({ query: { limit: 5 } }),
    local.listEnvironments({ query: {} }),
    local.listWebhooks({}),
    local.listSubscriptions({}),
    local.listKeys({}),
    local.listViews({}),
    local.listArtifacts({ query: {} }),
  ]);
  const found: object[] = [nodes, ...lists.map(({ items }) => items)].flatMap((items): object[] => items.slice(0, 5));
  return [
    ...plainWords,
    ...found.flatMap((one) => Object.entries(one).flatMap(([key, value]) => (/^(?:id|name|sha256)$/u.test(key) ? [String(value)] : []))),
  ];
}

/** One request. A query is text, whatever it is made from. */
type Made = { readonly params?: unknown; readonly query?: unknown; readonly body?: unknown };

const textOf = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? '')).toWellFormed();

function pathOf(route: Route, params: unknown): string {
  const given = (params ?? {}) as Record<string, unknown>;
  return route.path.replaceAll(/\{(\w+)\}/gu, (_all, name: string) => encodeURIComponent(textOf(given[name] ?? 'x')) || '%20');
}

function searchOf(query: unknown): string {
  const pairs = Object.entries(query ?? {}).flatMap(([name, value]) =>
    (Array.isArray(value) ? value : [value]).map((one): [string, string] => [name.toWellFormed(), textOf(one)]),
  );
  return pairs.length === 0 ? '' : `?${new URLSearchParams(pairs).toString()}`;
}

function bodyOf(route: Route, body: unknown): Wish {
  if (route.bodyBytes !== undefined) return { body: textOf(body).slice(0, 1000), headers: { 'content-type': 'application/octet-stream' } };
  return route.body === undefined ? {} : { body: JSON.stringify(body) ?? 'null', headers: { 'content-type': 'application/json' } };
}

const requestOf = (route: Route, { params, query, body }: Made): Wish & { path: string } => ({
  method: route.method,
  path: `/api/v1${pathOf(route, params)}${searchOf(query)}`,
  ...bodyOf(route, body),
});

const madeFor = (route: Route): fc.Arbitrary<Made> =>
  fc.record({
    params: route.params === undefined ? fc.constant(undefined) : arbitraryOf(route.params, words),
    query:
      route.query === undefined
        ? fc.oneof(fc.constant(undefined), fc.dictionary(fc.string(), fc.string(), { maxKeys: 2 }))
        : arbitraryOf(route.query, words),
    body: route.body === undefined ? fc.jsonValue() : arbitraryOf(route.body, words),
  });

const inTime = (answer: Promise<Answer>, what: string): Promise<Answer> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${patienceMs} ms: ${what}`)), patienceMs);
  });
  return Promise.race([answer, late]).finally(() => clearTimeout(timer));
};

const seen = new Map<number, number>();

describe('every route', () => {
  it.each(Object.keys(routes) as RouteName[])('%s answers whatever it is asked', async (name) => {
    const route: Route = routes[name];
    // One of the requests before may have signed this person out.
    if ((await person.ask('/api/v1/session')).status !== 200) person = await server.signIn();
    words = await wordsOfNow();
    const cases = fc.sample(madeFor(route), { numRuns: perRoute, seed }).map((made) => requestOf(route, made));
    for (let at = 0; at < cases.length; at += 10) {
      await Promise.all(
        cases.slice(at, at + 10).map(async (one, index) => {
          const what = JSON.stringify(one);
          // Half of them as the machine's own administrator, half as a person of the panel.
          const answer = await inTime(
            index % 2 === 0 ? ask({ socketPath: server.server.socketPath }, one.path, one) : person.ask(one.path, one),
            what,
          );
          seen.set(answer.status, (seen.get(answer.status) ?? 0) + 1);
          expect(answer.status, `${what}: ${answer.text}`).not.toBe(500);
          if (answer.status >= 400) expect(problemIn(answer)['code'], what).toEqual(expect.any(String));
        }),
      );
    }
    expect(server.lines.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('was asked enough, and let enough in', async () => {
    const count = [...seen.values()].reduce((sum, one) => sum + one, 0);
    expect(count).toBeGreaterThanOrEqual(10_000);
    expect([...seen].filter(([status]) => status < 300).reduce((sum, [, one]) => sum + one, 0)).toBeGreaterThan(1000);
    expect(await server.local.getStatus({})).toMatchObject({ caFingerprint: expect.any(String) });
  });
});
