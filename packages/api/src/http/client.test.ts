import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exampleNode } from '../../test/example-node.ts';
import { callUrl, createClient, type FetchLike } from './client.ts';
import { problem, ProblemError } from './problem.ts';
import { routes } from './routes.ts';

type Call = Parameters<FetchLike>[1] & { url: string };

/** A `fetch` that gives one answer and remembers how it was asked. */
class FakeFetch {
  readonly calls: Call[] = [];
  readonly #answer: { status: number; text: string };

  constructor(status: number, body: unknown) {
    this.#answer = { status, text: typeof body === 'string' ? body : JSON.stringify(body) };
  }

  readonly fetch: FetchLike = (url, init) => {
    this.calls.push({ url, ...init });
    return Promise.resolve({ status: this.#answer.status, text: () => Promise.resolve(this.#answer.text) });
  };

  get client() {
    return createClient('http://server', this.fetch);
  }
}

const failureOf = async (work: Promise<unknown>): Promise<ProblemError> => {
  const error: unknown = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(ProblemError);
  return error as ProblemError;
};

describe('the URL of a call', () => {
  it.each([
    { input: {}, url: '/api/v1/nodes' },
    { input: { query: {} }, url: '/api/v1/nodes' },
    { input: { query: { sort: undefined, limit: 5 } }, url: '/api/v1/nodes?limit=5' },
    { input: { query: { filter: ['health:bad', 'name:a b'] } }, url: '/api/v1/nodes?filter=health%3Abad&filter=name%3Aa+b' },
    { input: { query: { filter: [] } }, url: '/api/v1/nodes' },
  ])('is $url', ({ input, url }) => expect(callUrl(routes.listNodes, input)).toBe(url));

  it('keeps every name in its place, whatever is in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (node) => {
        const parts = callUrl(routes.makeJoinToken, { params: { node } }).split('/');
        expect(parts).toHaveLength(6);
        expect(decodeURIComponent(parts[4] ?? '')).toBe(node);
      }),
    );
  });
});

describe('the typed client', () => {
  it('has one function for each route', () => {
    expect(Object.keys(new FakeFetch(200, {}).client).toSorted()).toEqual(Object.keys(routes).toSorted());
  });

  it('asks with method and address, and a body only where the route has one', async () => {
    const fake = new FakeFetch(200, exampleNode);
    expect(await fake.client.getNode({ params: { node: 'web 1' } })).toEqual(exampleNode);
    expect(fake.calls).toEqual([{ url: 'http://server/api/v1/nodes/web%201', method: 'GET', headers: { accept: 'application/json' } }]);
  });

  it('sends a body as JSON, and hands the signal on', async () => {
    const fake = new FakeFetch(201, exampleNode);
    const { signal } = new AbortController();
    await fake.client.addNode({ body: { name: 'web1' } }, signal);
    expect(fake.calls).toMatchObject([
      { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"web1"}', signal },
    ]);
  });

  it('takes an empty answer where the route has none', async () => {
    expect(await new FakeFetch(204, '').client.removeNode({ params: { node: 'web1' } })).toBeUndefined();
  });

  it('leaves out members of a later version', async () => {
    const node = await new FakeFetch(200, { ...exampleNode, later: true }).client.getNode({ params: { node: 'web1' } });
    expect(node).toEqual(exampleNode);
  });

  it('throws the problem that the server tells', async () => {
    const told = problem('not-found', 'There is no node web9.').problem;
    const error = await failureOf(new FakeFetch(404, told).client.getNode({ params: { node: 'web9' } }));
    expect(error.problem).toEqual(told);
  });

  it.each([
    { what: 'a page of another program', status: 200, body: '<html>' },
    { what: 'JSON of another program', status: 200, body: { hello: 'world' } },
    { what: 'an error of another program', status: 502, body: 'Bad Gateway' },
    { what: 'another status than the route has', status: 201, body: exampleNode },
    { what: 'a problem with a code nobody knows', status: 400, body: { ...problem('not-found', 'x').problem, code: 'odd' } },
    { what: 'nothing', status: 200, body: '' },
  ])('says so when the answer is $what', async ({ status, body }) => {
    const error = await failureOf(new FakeFetch(status, body).client.getNode({ params: { node: 'web1' } }));
    expect(error.problem).toMatchObject({ code: 'internal-error', detail: expect.stringContaining(`status ${status}`) });
    expect(error.cause).toBeDefined();
  });

  it('lets a failing fetch fail as it does', async () => {
    const broken = createClient('', () => Promise.reject(new Error('connection refused')));
    await expect(broken.getStatus({})).rejects.toThrow('connection refused');
  });
});
