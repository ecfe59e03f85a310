import { apiPrefix, Role, type Route, routes } from '@muster/api';
import { roleIncludes } from '@muster/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comeIn } from '../../test/people.ts';
import { type Answer, ask, type Person, type Place, problemIn } from '../../test/requests.ts';
import { openServerOnStore, type StoreServer } from '../../test/server-fixture.ts';
import { isAudited } from '../audit/auditor.ts';

let server: StoreServer;
beforeAll(async () => {
  server = await openServerOnStore();
});
afterAll(() => server.close());

/** Someone who asks: by which way, with which headers, and what he is. */
type Asker = { readonly kind: 'nobody' | 'person' | 'key' | 'local'; readonly role: Role | undefined; send(route: Route): Promise<Answer> };

const table = Object.entries(routes as Record<string, Route>);

/** The address of a route about things that are not there: whoever may ask is told so, and nothing is changed. */
const pathOf = ({ path }: Route) =>
  apiPrefix + path.replace(/\{(\w+)\}/gu, (_, name: string) => (name === 'id' ? '00000000-0000-4000-8000-000000000000' : 'not-there'));

const wishOf = (route: Route, headers: Record<string, string>) => ({
  method: route.method,
  headers: route.body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
  // No body fits every route: whoever may ask is told that it is wrong.
  ...(route.body === undefined ? {} : { body: '{"not-a-member":true}' }),
});

const sender = (place: () => Place, headers: (route: Route) => Promise<Record<string, string>>) => async (route: Route) =>
  ask(place(), pathOf(route), wishOf(route, await headers(route)));
const web = () => ({ port: server.port });

const askers: Record<string, Asker> = {
  nobody: { kind: 'nobody', role: undefined, send: sender(web, async () => ({})) },
  ...Object.fromEntries(
    Role.options.flatMap((role): [string, Asker][] => [
      [
        `a person with the role ${role}`,
        { kind: 'person', role, send: sender(web, async (route) => (await personFor(role, route)).headers()) },
      ],
      [
        `a key with the role ${role}`,
        { kind: 'key', role, send: sender(web, async () => ({ authorization: `Bearer ${await keyOf(role)}` })) },
      ],
    ]),
  ),
  'whoever opens the socket': {
    kind: 'local',
    role: 'administrator',
    send: sender(
      () => ({ socketPath: server.server.socketPath }),
      async () => ({}),
    ),
  },
};

const people = new Map<Role, Promise<Person>>();
/** Somebody who is signed in; anew for what may end his session, since links are made for people and not for hundreds of requests. */
function personFor(role: Role, { path, method }: Route): Promise<Person> {
  const come = () => comeIn(server, `${role}@example.org`, { role });
  if (path.startsWith('/session') && method !== 'GET') {
    people.delete(role);
    return come();
  }
  const known = people.get(role) ?? come();
  people.set(role, known);
  return known;
}

const keys = new Map<Role, Promise<string>>();
const keyOf = (role: Role) => {
  const made = keys.get(role) ?? server.local.makeKey({ body: { name: role, role } }).then(({ secret }) => secret);
  keys.set(role, made);
  return made;
};

/** What the table says of somebody and a route. */
function mayAsk({ kind, role }: Asker, { access }: Route): boolean {
  if (access === 'public') return true;
  if (access === 'local') return kind === 'local';
  return role !== undefined && roleIncludes(role, access);
}

/** Whether an answer says that this somebody may not ask, whatever he asks about. */
function isTurnedAway(answer: Answer): boolean {
  if (answer.status === 401) return true;
  return answer.status === 403 && /takes the role|only be done on the server itself/u.test(String(problemIn(answer)['detail']));
}

const cases = Object.entries(askers).flatMap(([who, asker]) => table.map(([name, route]) => ({ who, asker, name, route })));

describe('who may ask for what', () => {
  it('is asked of every route for everyone there can be', () => {
    expect(cases).toHaveLength(table.length * 8);
    expect(new Set(Object.values(askers).map(({ kind, role }) => `${kind} ${role}`)).size).toBe(8);
  });

  describe.each(Object.entries(askers))('%s', (who, asker) => {
    it.each(cases.filter((one) => one.who === who))('$name', async ({ name, route }) => {
      const answer = await asker.send(route);
      // A sign-in with nothing in it is nobody's.
      expect(isTurnedAway(answer), `${answer.status} ${answer.text.slice(0, 200)}`).toBe(!mayAsk(asker, route));
      expect(answer.status).toBeLessThan(500);
      expect(isAudited(name, route) ? await linesAbout(name) : 1).toBeGreaterThan(0);
    });
  });

  it('leaves one line in the audit log for each request that may change something, and none for the others', async () => {
    const rows = await server.sql(
      'select route, count(*)::integer as lines, count(r.status)::integer as ended from audit left join audit_results r on audit_id = id group by route',
    );
    // What the test itself asked for on the way has other lines besides.
    const ownRoutes = new Set(['invitePerson', 'makeInvitation', 'makeKey', 'signIn']);
    const lines = new Map(rows.map((row) => [row['route'] as string, row]));
    for (const [name, route] of table) {
      if (ownRoutes.has(name)) continue;
      expect(lines.get(name)?.['lines'] ?? 0, name).toBe(isAudited(name, route) ? 8 : 0);
      expect(lines.get(name)?.['ended'] ?? 0, name).toBe(lines.get(name)?.['lines'] ?? 0);
    }
  });
});

const linesAbout = async (name: string): Promise<number> => {
  const [row] = await server.sql(`select count(*)::integer as lines from audit where route = '${name}'`);
  return row?.['lines'] as number;
};
