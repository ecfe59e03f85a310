import { EventList, type Node, NodeReplace, ProblemError, routes } from '@muster/api';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask, problemIn } from '../test/requests.ts';
import { openServerOnStore, type TestServer } from '../test/server-fixture.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openServerOnStore();
});
afterAll(() => server.close());

const failure = async (call: Promise<unknown>) => {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ProblemError)) throw new Error(`not a problem: ${String(error)}`);
  return error.problem;
};

/** Both ways in: what holds for one holds for the other. */
const ways = [
  { way: 'the Unix socket', open: async () => server.local },
  { way: 'HTTP with a session', open: async () => (await server.signIn()).client },
];

describe.each(ways)('the API through $way', ({ way, open }) => {
  const prefix = way.includes('Unix') ? 'u' : 'h';

  it('lists with order, filters and pages, and the total before paging', async () => {
    const client = await open();
    for (const i of [1, 2, 3]) {
      await client.addNode({ body: { name: `${prefix}${i}`, groups: [`list-${prefix}`], environments: i === 2 ? 'off' : 'on' } });
    }
    const group = `group:list-${prefix}`;
    const names = async (query: object) => (await client.listNodes({ query })).items.map((node) => node.name);
    expect(await names({ filter: [group], sort: '-name' })).toEqual([`${prefix}3`, `${prefix}2`, `${prefix}1`]);
    expect(await names({ filter: [group, 'environments:on'], sort: 'environments,name' })).toEqual([`${prefix}1`, `${prefix}3`]);
    const page = await client.listNodes({ query: { filter: [group], limit: 1, offset: 1 } });
    expect([page.total, page.items.map((node) => node.name)]).toEqual([3, [`${prefix}2`]]);
  });

  it('answers a wrong query with the good words', async () => {
    const client = await open();
    const sort = await failure(client.listNodes({ query: { sort: 'nmae' } }));
    expect(sort).toMatchObject({ status: 400, code: 'invalid-request', errors: [{ path: 'sort' }] });
    expect(sort.detail).toContain('lastHeartbeatAt');
    expect((await failure(client.listNodes({ query: { filter: ['health:fine'] } }))).detail).toContain('health:degraded');
    expect(await failure(client.listNodes({ query: { limit: 0 } }))).toMatchObject({ status: 400, errors: [{ path: 'limit' }] });
    expect((await failure(client.listNodes({ query: { page: 2 } as object }))).status).toBe(400);
  });

  it('takes back with PUT what GET gave, and guards against lost updates', async () => {
    const client = await open();
    const body = {
      name: `${prefix}-put`,
      privateIp: way.includes('Unix') ? '10.9.0.1' : '10.9.0.2',
      labels: { rack: 'r1' },
      notes: 'ä\n"',
    };
    const added = await client.addNode({ body });
    const params = { node: added.id };
    const got = await client.getNode({ params: { node: added.name } });
    expect(got).toEqual({ ...added, health: expect.anything() as object });
    // Its health may be judged for the first time meanwhile.
    expect(await client.replaceNode({ params, body: got })).toEqual({ ...got, health: expect.anything() as object });
    const changed = await client.replaceNode({ params, body: { ...got, notes: 'new' } });
    expect(changed).toMatchObject({ notes: 'new', revision: got.revision + 1 });
    expect(await failure(client.replaceNode({ params, body: { ...got, notes: 'mine' } }))).toMatchObject({
      status: 409,
      code: 'revision-conflict',
    });
    expect(await failure(client.addNode({ body }))).toMatchObject({ status: 409, code: 'node-exists' });
    expect(await failure(client.addNode({ body: { ...body, name: `${prefix}-other` } }))).toMatchObject({
      status: 409,
      code: 'address-taken',
    });
    expect(await failure(client.addNode({ body: { name: 'Not A Name' } }))).toMatchObject({ status: 400, errors: [{ path: 'name' }] });
  });

  it('makes join tokens, shows services and certificates, removes', async () => {
    const client = await open();
    const node = await client.addNode({ body: { name: `${prefix}-token` } });
    const params = { node: node.name };
    const { token, command, expiresAt, nodeId } = await client.makeJoinToken({ params });
    expect(nodeId).toBe(node.id);
    expect(command).toContain(token);
    const minutes = (Date.parse(expiresAt) - Date.now()) / 60_000;
    expect(minutes).toBeGreaterThan(29);
    expect(minutes).toBeLessThan(31);
    expect(await client.listServices({ params })).toMatchObject({ items: [] });
    expect(await client.listCertificates({ params })).toEqual({ items: [] });
    expect(await client.removeNode({ params })).toBeUndefined();
    for (const call of [client.getNode, client.makeJoinToken, client.listServices, client.listCertificates, client.removeNode]) {
      expect(await failure(call({ params }) as Promise<unknown>)).toMatchObject({ status: 404, code: 'not-found' });
    }
    expect(JSON.stringify([server.lines, await client.listEvents({ query: { limit: 1000 } })])).not.toContain(token);
  });

  it('lists events newest first, by node and page', async () => {
    const client = await open();
    const node = await client.addNode({ body: { name: `${prefix}-events` } });
    for (const notes of ['1', '2', '3'])
      await client.replaceNode({ params: { node: node.id }, body: NodeReplace.parse({ ...node, revision: undefined, notes }) });
    const { items } = await client.listEvents({ query: { node: node.name } });
    expect(items.map((event) => event.kind)).toEqual(['node-changed', 'node-changed', 'node-changed', 'node-added']);
    const rest = await client.listEvents({ query: { node: node.id, before: items[1]!.id, limit: 1 } });
    expect(rest.items).toEqual([items[2]]);
    expect(EventList.parse(rest)).toEqual(rest);
    expect((await failure(client.listEvents({ query: { node: 'nobody' } }))).status).toBe(404);
  });

  it('says how the server is and who asks', async () => {
    const client = await open();
    const status = await client.getStatus({});
    expect(status).toMatchObject({ version: '0.1.0', heartbeatIntervalSeconds: 5, heartbeatTimeoutSeconds: 15 });
    expect(status.agentAddresses).toEqual([`127.0.0.1:${server.agentsPort}`]);
    expect(status.graceUntil).not.toBeNull();
    expect(await client.live({})).toEqual({ status: 'live' });
    expect(await client.ready({})).toEqual({ status: 'ready' });
    const who = await client.getSession({});
    expect(who).toMatchObject(way.includes('Unix') ? { kind: 'local', email: null } : { kind: 'person', email: 'admin@muster.local' });
  });
});

describe('the API', () => {
  it('is described by its own document, which names every route', async () => {
    const answer = await ask({ port: server.port }, '/api/v1/openapi.json');
    const document = JSON.parse(answer.text) as { openapi: string; paths: Record<string, Record<string, unknown>> };
    expect(document.openapi).toMatch(/^3\.1/u);
    for (const { path, method } of Object.values(routes)) {
      const found = document.paths[`/api/v1${path}`] ?? document.paths[path];
      expect(found?.[method.toLowerCase()], `${method} ${path}`).toBeDefined();
    }
  });

  it('never fails inside, whatever is asked of it', async () => {
    const place = { socketPath: server.server.socketPath };
    const word = fc.oneof(
      fc.string({ maxLength: 30 }),
      fc.string({ unit: 'binary', maxLength: 20 }),
      fc.constantFrom('name', '-health', 'health:bad', 'name:%', "name:'", '0', '-1', '1e9', 'NaN', '\0'),
    );
    const query = fc.array(fc.tuple(fc.constantFrom('sort', 'filter', 'limit', 'offset', 'before', 'node', 'x'), word), { maxLength: 4 });
    const queried = fc.record({ path: fc.constantFrom('/nodes', '/events', '/status'), query }).map(({ path, query: pairs }) => ({
      path: `${path}?${new URLSearchParams(pairs.map(([key, value]): [string, string] => [key, value.toWellFormed()])).toString()}`,
      method: 'GET',
    }));
    const named = fc
      .record({ method: fc.constantFrom('GET', 'PUT', 'DELETE'), name: word })
      .map(({ method, name }) => ({ path: `/nodes/${encodeURIComponent(name.toWellFormed())}`, method }));
    const decided = fc.record(
      {
        name: fc.oneof(word, fc.constantFrom('fuzzed', 'fuzzed2')),
        privateIp: fc.oneof(word, fc.ipV4(), fc.ipV6(), fc.constant(null)),
        labels: fc.oneof(fc.dictionary(word, word, { maxKeys: 3 }), fc.anything()),
        groups: fc.oneof(fc.array(word, { maxLength: 3 }), fc.anything()),
        notes: fc.oneof(word, fc.anything()),
        more: fc.anything(),
      },
      { requiredKeys: [] },
    );
    const posted = fc.oneof(decided, fc.jsonValue()).map((value) => ({ path: '/nodes', method: 'POST', body: JSON.stringify(value) }));
    type Case = { path: string; method: string; body?: string };
    const cases: Case[] = fc.sample(fc.oneof<fc.Arbitrary<Case>[]>(queried, named, posted), 2000);
    for (let at = 0; at < cases.length; at += 20) {
      const answers = await Promise.all(
        cases.slice(at, at + 20).map(async (one) => {
          const headers = one.body === undefined ? {} : { 'content-type': 'application/json' };
          return { one, answer: await ask(place, `/api/v1${one.path}`, { ...one, headers }) };
        }),
      );
      for (const { one, answer } of answers) {
        expect(answer.status, JSON.stringify(one)).toBeLessThan(500);
        if (answer.status >= 400) expect(problemIn(answer)['code'], JSON.stringify(one)).toEqual(expect.any(String));
      }
    }
    const { items } = await server.local.listNodes({ query: { limit: 1000 } });
    expect(items.every((node: Node) => node.id !== '')).toBe(true);
  });
});
