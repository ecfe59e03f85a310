import { apiPrefix, type Node, type Route, routes } from '@muster/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeOf, comeIn } from '../../test/people.ts';
import { type Person, problemIn } from '../../test/requests.ts';
import { openServerOnStore, type TestServer } from '../../test/server-fixture.ts';

let server: TestServer;
let limited: Person;
beforeAll(async () => {
  server = await openServerOnStore();
  limited = await comeIn(server, 'limited@example.org', { role: 'administrator', groups: ['a'], mayExec: true });
});
afterAll(() => server.close());

/** Every route that changes one node, whatever its role. */
const nodeRoutes = Object.entries(routes as Record<string, Route>).filter(
  ([, { path, method }]) => path.startsWith('/nodes/{node}') && method !== 'GET',
);

/** What a route is sent; a new route that takes a body has to be named here, or its test says so. */
const bodies: Record<string, (node: Node) => unknown> = {
  replaceNode: (node) => ({ ...node, notes: 'changed' }),
  setController: () => ({ kind: 'ipmi', address: '192.0.2.9', user: 'admin', password: 'changed' }),
  setAgentControl: () => ({ hostKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPinned'] }),
};

function wishOf(name: string, route: Route, node: Node) {
  if (route.body === undefined) return { method: route.method };
  const body = bodies[name]?.(node);
  if (body === undefined) throw new Error(`${name} takes a body: add one to this test`);
  return { method: route.method, headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
}

const addNode = (name: string, groups: string[]) => server.local.addNode({ body: { name, groups } });

describe('somebody who acts on the nodes of one group', () => {
  it.each(nodeRoutes)('cannot touch those of another: %s', async (name, route) => {
    const node = await addNode(`b-${name.toLowerCase()}`, ['b']);
    const answer = await limited.ask(apiPrefix + route.path.replace('{node}', node.name), wishOf(name, route, node));
    expect([answer.status, problemIn(answer)['code']]).toEqual([403, 'not-allowed']);
    expect(String(problemIn(answer)['detail'])).toContain(node.name);
    const after = await server.local.getNode({ params: { node: node.id } });
    expect({ ...after, health: node.health }).toEqual(node);
  });

  it('can look at all, and change his own', async () => {
    const [own] = [await addNode('a-own', ['a', 'b']), await addNode('b-other', ['b'])];
    const { client } = limited;
    expect((await client.listNodes({})).total).toBeGreaterThan(1);
    expect(await client.replaceNode({ params: { node: 'a-own' }, body: { ...own, notes: 'mine' } })).toMatchObject({ notes: 'mine' });
    await client.makeJoinToken({ params: { node: 'a-own' } });
    await client.removeNode({ params: { node: 'a-own' } });
  });

  it('puts no node where he may not act on it', async () => {
    const { client } = limited;
    const own = await addNode('a-kept', ['a']);
    expect(await codeOf(client.replaceNode({ params: { node: own.id }, body: { ...own, groups: ['b'] } }))).toBe('not-allowed');
    expect(await codeOf(client.replaceNode({ params: { node: own.id }, body: { ...own, groups: [] } }))).toBe('not-allowed');
    expect(await codeOf(client.addNode({ body: { name: 'b-new', groups: ['b'] } }))).toBe('not-allowed');
    expect(await codeOf(client.addNode({ body: { name: 'no-group' } }))).toBe('not-allowed');
    expect(await client.addNode({ body: { name: 'a-new', groups: ['a'] } })).toMatchObject({ groups: ['a'] });
    expect((await server.local.getNode({ params: { node: own.id } })).groups).toEqual(['a']);
  });

  it('acts on nothing with no group', async () => {
    const nothing = await comeIn(server, 'nothing@example.org', { role: 'administrator', groups: [] });
    const node = await addNode('any', ['a']);
    expect(await codeOf(nothing.client.replaceNode({ params: { node: node.id }, body: node }))).toBe('not-allowed');
    expect(await codeOf(nothing.client.removeNode({ params: { node: node.id } }))).toBe('not-allowed');
    expect(await nothing.client.getNode({ params: { node: node.id } })).toMatchObject({ name: 'any' });
  });
});
