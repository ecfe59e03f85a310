import { describe, expect, it } from 'vitest';
import type { Route } from './route.ts';
import { routes } from './routes.ts';
import { agentRoutes } from './routes/agent-routes.ts';
import { artifactRoutes } from './routes/artifact-routes.ts';
import { backupRoutes } from './routes/backup-routes.ts';
import { consoleRoutes } from './routes/console-routes.ts';
import { environmentRoutes } from './routes/environment-routes.ts';
import { EventQuery, eventRoutes } from './routes/event-routes.ts';
import { figureRoutes } from './routes/figure-routes.ts';
import { nodeActionRoutes } from './routes/node-action-routes.ts';
import { NodeQuery, nodeRoutes } from './routes/node-routes.ts';
import { notificationRoutes } from './routes/notification-routes.ts';
import { operationRoutes } from './routes/operation-routes.ts';
import { peopleRoutes } from './routes/people-routes.ts';
import { rangeRoutes } from './routes/range-routes.ts';
import { serverRoutes } from './routes/server-routes.ts';
import { sessionRoutes } from './routes/session-routes.ts';
import { trustRoutes } from './routes/trust-routes.ts';
import { poolRoutes } from './routes/pool-routes.ts';
import { inventoryRoutes } from './routes/inventory-routes.ts';
import { runRoutes } from './routes/run-routes.ts';
import { viewRoutes } from './routes/view-routes.ts';

const table = Object.entries(routes as Record<string, Route>);

describe('the table of routes', () => {
  it('has no two routes of one method and path', () => {
    const places = table.map(([, route]) => `${route.method} ${route.path}`);
    expect(new Set(places).size).toBe(places.length);
  });

  it.each(table)('%s changes things for nobody who may only look, except what is his own', (_name, { method, path, access }) => {
    // A range is sent with POST because it may be long; a view is its owner's, and to share one the handler asks for more.
    const isOwn = path.startsWith('/session') || path.startsWith('/views') || path.startsWith('/ranges');
    expect(method === 'GET' || isOwn || access === 'operator' || access === 'administrator' || access === 'local').toBe(true);
  });

  it('has each name once in all its files', () => {
    const parts = [
      nodeRoutes,
      nodeActionRoutes,
      agentRoutes,
      rangeRoutes,
      runRoutes,
      inventoryRoutes,
      poolRoutes,
      viewRoutes,
      operationRoutes,
      environmentRoutes,
      artifactRoutes,
      eventRoutes,
      sessionRoutes,
      peopleRoutes,
      serverRoutes,
      trustRoutes,
      figureRoutes,
      notificationRoutes,
      backupRoutes,
      consoleRoutes,
    ];
    expect(parts.reduce((sum, part) => sum + Object.keys(part).length, 0)).toBe(table.length);
  });

  it('is open without a session only where a session begins and where machines ask for life', () => {
    const open = table.filter(([, { access }]) => access === 'public').map(([name]) => name);
    expect(open).toEqual(['signIn', 'getSignInMethods', 'startOidc', 'finishOidc', 'live', 'ready']);
  });

  it.each(table)('%s has a body only where a method takes one, and no answer with 204', (_name, { method, body, status, response }) => {
    expect(body !== undefined && (method === 'GET' || method === 'DELETE')).toBe(false);
    expect(response.safeParse(undefined).success).toBe(status === 204);
  });
});

describe('the query of a list', () => {
  it('has defaults, and reads numbers and single filters from text', () => {
    expect(NodeQuery.parse({})).toEqual({ sort: 'name', filter: [], allowEmpty: 'false', limit: 100, offset: 0 });
    expect(NodeQuery.parse({ filter: 'health:bad', limit: '5', offset: '10' })).toMatchObject({
      filter: ['health:bad'],
      limit: 5,
      offset: 10,
    });
    expect(NodeQuery.parse({ filter: ['a:b', 'c:d'] }).filter).toEqual(['a:b', 'c:d']);
    expect(EventQuery.parse({ before: '7' })).toEqual({ limit: 100, before: 7, kind: [] });
  });

  it.each([{ limit: '0' }, { limit: '1001' }, { limit: 'many' }, { offset: '-1' }, { offset: '1.5' }, { page: '2' }, { sort: ['a', 'b'] }])(
    'is not %j',
    (query) => expect(NodeQuery.safeParse(query).success).toBe(false),
  );

  it.each([{ before: '0' }, { before: 'x' }, { limit: '5000' }, { kind: 'nonsense' }, { severity: 'fatal' }, { since: 'yesterday' }])(
    'of events is not %j',
    (query) => {
      expect(EventQuery.safeParse(query).success).toBe(false);
    },
  );
});
