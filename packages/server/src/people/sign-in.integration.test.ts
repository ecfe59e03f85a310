import { ProblemError } from '@muster/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Person, problemIn } from '../../test/requests.ts';
import { openServer, openServerOnStore, tokenOf, type TestServer } from '../../test/server-fixture.ts';
import type { Store } from '@muster/store';

let server: TestServer & { readonly store: Store };
beforeAll(async () => {
  server = await openServerOnStore();
});
afterAll(() => server.close());

const codeOf = async (call: Promise<unknown>): Promise<unknown> => {
  const error: unknown = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  return error instanceof ProblemError ? error.problem.code : error;
};
const password = 'correct horse battery';
/** Of an address of its own: attempts are counted for each account. */
const signInAs = async (email: string): Promise<Person> => {
  const { url } = await server.local.makeSignInLink({ body: { email } });
  const person = new Person(server.port);
  await person.client.signIn({ body: { token: tokenOf(url) } });
  return person;
};

describe('signing in', () => {
  it('wants a session for everything but health, documents and the sign-in itself', async () => {
    const nobody = new Person(server.port);
    const params = { node: 'x' };
    const body = { name: 'x' };
    const { client } = nobody;
    const calls = [client.listNodes({}), client.addNode({ body }), client.getNode({ params }), client.removeNode({ params })];
    const more = [client.listEvents({}), client.getStatus({}), client.getSession({}), client.signOut({}), client.makeJoinToken({ params })];
    expect(new Set(await Promise.all([...calls, ...more].map(codeOf)))).toEqual(new Set(['not-signed-in']));
    expect((await nobody.ask('/api/v1/events', { headers: { accept: 'text/event-stream' } })).status).toBe(401);
    expect(await client.live({})).toEqual({ status: 'live' });
    expect((await nobody.ask('/api/v1/openapi.json')).status).toBe(200);
  });

  it('works once with a link, also when two use it at the same moment', async () => {
    const link = await server.server.signInLink();
    expect(link).toMatch(new RegExp(`^http://localhost:${server.port}/sign-in#token=\\w+$`, 'u'));
    const body = { token: tokenOf(link) };
    const answers = await Promise.all([1, 2, 3].map(() => codeOf(new Person(server.port).client.signIn({ body }))));
    expect(answers.filter((one) => one === undefined)).toHaveLength(1);
    expect(answers.filter((one) => one === 'not-allowed')).toHaveLength(2);
    expect(await codeOf(new Person(server.port).client.signIn({ body: { token: 'never made' } }))).toBe('not-allowed');
  });

  it('keeps the session in a cookie that scripts and other sites do not get', async () => {
    const person = await server.signIn();
    const cookie = person.setCookies.find((line) => line.startsWith('muster.session_token='));
    expect(cookie).toMatch(/; HttpOnly/u);
    expect(cookie).toMatch(/; SameSite=Strict/u);
    expect(cookie).not.toMatch(/; Secure/u);
    expect(await person.client.getSession({})).toMatchObject({ email: 'admin@muster.local', role: 'administrator', hasPassword: false });
    const events = await server.local.listEvents({ query: { limit: 1000 } });
    expect(events.items.some((event) => event.kind === 'sign-in' && event.data['email'] === 'admin@muster.local')).toBe(true);
  });

  it('refuses a link that has expired', async () => {
    const link = await server.server.signInLink();
    await server.store.accounts
      .updateTable('sign_in_links' as never)
      .set({ expires_at: new Date(Date.now() - 1000) } as never)
      .execute();
    expect(await codeOf(new Person(server.port).client.signIn({ body: { token: tokenOf(link) } }))).toBe('not-allowed');
  });

  it('makes a link for each who asks at once, whatever the case of the address', async () => {
    const body = { email: 'Ops@Example.org' };
    const links = await Promise.all([1, 2, 3, 4].map(() => server.local.makeSignInLink({ body })));
    expect(new Set(links.map((link) => link.url)).size).toBe(4);
    for (const { url } of links) {
      const person = new Person(server.port);
      expect((await person.client.signIn({ body: { token: tokenOf(url) } })).email).toBe('ops@example.org');
    }
  });

  it('ends the session on sign-out, on the server too', async () => {
    const person = await server.signIn();
    const thief = new Person(server.port);
    for (const [name, value] of person.cookies) thief.cookies.set(name, value);
    expect(await thief.client.getSession({})).toMatchObject({ kind: 'person' });
    await person.client.signOut({});
    expect(person.cookies.get('muster.session_token')).toBeUndefined();
    expect(await codeOf(thief.client.getSession({}))).toBe('not-signed-in');
  });

  it('takes no cookie that it did not sign', async () => {
    const person = await server.signIn();
    const [name, value] = [...person.cookies].find(([one]) => one.includes('session_token')) ?? ['', ''];
    const forged = new Person(server.port);
    forged.cookies.set(name, `${value.slice(0, -4)}AAA%3D`);
    expect(await codeOf(forged.client.getSession({}))).toBe('not-signed-in');
  });
});

describe('a password', () => {
  it('is set, used and changed; a change ends the other sessions and keeps this one', async () => {
    const person = await signInAs('pw@example.org');
    const email = 'pw@example.org';
    expect(await codeOf(person.client.setPassword({ body: { newPassword: 'short' } }))).toBe('invalid-request');
    await person.client.setPassword({ body: { newPassword: password } });
    expect((await person.client.getSession({})).hasPassword).toBe(true);
    const other = new Person(server.port);
    expect(await other.client.signIn({ body: { email, password } })).toMatchObject({ email });
    expect(await codeOf(new Person(server.port).client.signIn({ body: { email, password: `${password}!` } }))).toBe('not-allowed');

    const newPassword = 'an even longer one';
    expect(await codeOf(person.client.setPassword({ body: { newPassword } }))).toBe('invalid-request');
    expect(await codeOf(person.client.setPassword({ body: { newPassword, currentPassword: 'wrong one here' } }))).toBe('not-allowed');
    await person.client.setPassword({ body: { newPassword, currentPassword: password } });
    expect(await person.client.getSession({})).toMatchObject({ email });
    expect(await codeOf(other.client.getSession({}))).toBe('not-signed-in');
    expect(await codeOf(new Person(server.port).client.signIn({ body: { email, password } }))).toBe('not-allowed');
    expect(await new Person(server.port).client.signIn({ body: { email, password: newPassword } })).toMatchObject({ email });
    expect(JSON.stringify(server.lines)).not.toMatch(/correct horse|even longer/u);
  });

  it('belongs to persons, not to the socket', async () => {
    expect(await codeOf(server.local.setPassword({ body: { newPassword: password } }))).toBe('not-allowed');
  });

  it('tells nobody whether an account exists', async () => {
    const { client } = new Person(server.port);
    const of = (email: string) =>
      client.signIn({ body: { email, password: 'guess guess guess' } }).catch((error: unknown) => String(error));
    expect(await of('nobody@example.org')).toBe(await of('admin@muster.local'));
  });
});

describe('what a person may do', () => {
  it('is looking, for a viewer', async () => {
    const person = await signInAs('viewer@example.org');
    await server.local.changePerson({ params: { person: 'viewer@example.org' }, body: { role: 'viewer' } });
    expect(await codeOf(person.client.getSession({}))).toBe('not-signed-in');
    const { client } = await signInAs('viewer@example.org');
    expect(await client.getSession({})).toMatchObject({ role: 'viewer' });
    await client.listNodes({});
    await client.listEvents({});
    const params = { node: 'x' };
    const writes = [client.addNode({ body: { name: 'x' } }), client.removeNode({ params }), client.makeJoinToken({ params })];
    expect(new Set(await Promise.all(writes.map(codeOf)))).toEqual(new Set(['not-allowed']));
    expect(await codeOf(client.makeSignInLink({ body: {} }))).toBe('not-allowed');
    await client.signOut({});
  });

  it('is not what the server’s own machine may do', async () => {
    expect(await codeOf((await server.signIn()).client.makeSignInLink({ body: {} }))).toBe('not-allowed');
  });

  it.each([
    { title: 'a foreign origin', headers: { origin: 'https://evil.example' } },
    { title: 'a sandboxed page', headers: { origin: 'null' } },
    { title: 'another port of this machine', headers: { origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-site' } },
    { title: 'another site by its fetch metadata', headers: { 'sec-fetch-site': 'cross-site' } },
  ])('is refused when the request comes from $title', async ({ headers }) => {
    const person = await server.signIn();
    const wish = { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ name: 'csrf' }) };
    const answer = await person.ask('/api/v1/nodes', wish);
    expect([answer.status, problemIn(answer)['code']]).toEqual([403, 'not-allowed']);
    const signIn = await new Person(server.port).ask('/api/v1/session', { ...wish, body: JSON.stringify({ token: 'x' }) });
    expect(problemIn(signIn)['detail']).toContain('another site');
    expect((await person.ask('/api/v1/nodes', { headers })).status).toBe(200);
  });

  it('is done from the panel’s own pages', async () => {
    const person = await server.signIn();
    const headers = { 'content-type': 'application/json', origin: `http://127.0.0.1:${server.port}`, 'sec-fetch-site': 'same-origin' };
    expect((await person.ask('/api/v1/nodes', { method: 'POST', headers, body: JSON.stringify({ name: 'own-page' }) })).status).toBe(201);
  });
});

describe('guessing', () => {
  it('is slowed down for an account, and then for an address, without shutting out the others', async () => {
    const guess = (email: string) =>
      new Person(server.port).ask('/api/v1/session', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ email, password: 'guess guess guess' }),
      });
    // What was used up comes back with time, of which a busy machine takes much: so many may pass, and no more.
    const startedMs = performance.now();
    const mostPassing = (burst: number, perMinute: number) => burst + 1 + Math.ceil(((performance.now() - startedMs) / 60_000) * perMinute);
    const statuses: number[] = [];
    const passed = () => statuses.filter((status) => status !== 429).length;
    let turnedAway = await guess('victim@example.org');
    for (; turnedAway.status !== 429; turnedAway = await guess('victim@example.org')) {
      statuses.push(turnedAway.status);
      expect(passed()).toBeLessThanOrEqual(mostPassing(20, 10));
    }
    expect([turnedAway.headers['retry-after'], problemIn(turnedAway)['code']]).toEqual(['60', 'too-many-requests']);
    const isSlowedDown = () => statuses.length >= 70 && statuses.slice(-5).every((status) => status === 429);
    for (let i = 0; !isSlowedDown(); i++) {
      statuses.push((await guess(`a${i}@example.org`)).status);
      expect(passed()).toBeLessThanOrEqual(mostPassing(60, 30));
    }
    expect(passed()).toBeGreaterThan(20);
    // Whoever may open the socket still gets in there.
    expect(await server.local.getSession({})).toMatchObject({ kind: 'local' });
  }, 180_000);
});

describe('with TLS', () => {
  it('the cookies are for TLS only', async () => {
    const secure = await openServer({ MUSTER_HTTP_PUBLIC_URL: 'https://muster.example.org' });
    try {
      const person = await secure.signIn();
      expect(person.setCookies.find((line) => line.includes('session_token'))).toMatch(/^__Secure-muster\.session_token=.*; Secure/u);
      expect(await person.client.getSession({})).toMatchObject({ kind: 'person' });
    } finally {
      await secure.close();
    }
  });
});
