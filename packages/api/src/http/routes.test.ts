import { describe, expect, it } from 'vitest';
import { EventQuery, NodeQuery, type Route, routes } from './routes.ts';

const table = Object.entries(routes as Record<string, Route>);

describe('the table of routes', () => {
  it('has no two routes of one method and path', () => {
    const places = table.map(([, route]) => `${route.method} ${route.path}`);
    expect(new Set(places).size).toBe(places.length);
  });

  it.each(table)('%s changes things only for administrators, except a session of its own', (_name, { method, path, access }) => {
    const isOwn = path.startsWith('/session');
    expect(method === 'GET' || isOwn || access === 'administrator' || access === 'local').toBe(true);
  });

  it('is open without a session only where a session begins and where machines ask for life', () => {
    const open = table.filter(([, { access }]) => access === 'public').map(([name]) => name);
    expect(open).toEqual(['signIn', 'live', 'ready']);
  });

  it.each(table)('%s has a body only where a method takes one, and no answer with 204', (_name, { method, body, status, response }) => {
    expect(body !== undefined && (method === 'GET' || method === 'DELETE')).toBe(false);
    expect(response.safeParse(undefined).success).toBe(status === 204);
  });
});

describe('the query of a list', () => {
  it('has defaults, and reads numbers and single filters from text', () => {
    expect(NodeQuery.parse({})).toEqual({ sort: 'name', filter: [], limit: 100, offset: 0 });
    expect(NodeQuery.parse({ filter: 'health:bad', limit: '5', offset: '10' })).toMatchObject({
      filter: ['health:bad'],
      limit: 5,
      offset: 10,
    });
    expect(NodeQuery.parse({ filter: ['a:b', 'c:d'] }).filter).toEqual(['a:b', 'c:d']);
    expect(EventQuery.parse({ before: '7' })).toEqual({ limit: 100, before: 7 });
  });

  it.each([{ limit: '0' }, { limit: '1001' }, { limit: 'many' }, { offset: '-1' }, { offset: '1.5' }, { page: '2' }, { sort: ['a', 'b'] }])(
    'is not %j',
    (query) => expect(NodeQuery.safeParse(query).success).toBe(false),
  );

  it.each([{ before: '0' }, { before: 'x' }, { limit: '5000' }, { kind: 'sign-in' }])('of events is not %j', (query) => {
    expect(EventQuery.safeParse(query).success).toBe(false);
  });
});
