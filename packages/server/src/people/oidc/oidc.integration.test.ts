import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { reachableFolder } from '@muster/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../../test/browser.ts';
import { codeOf } from '../../../test/people.ts';
import { ask, Person } from '../../../test/requests.ts';
import { RealOidcProvider } from '../../../test/real-oidc-provider.ts';
import { freePort, openServerOnStore, type StoreServer } from '../../../test/server-fixture.ts';

let provider: RealOidcProvider;
let server: StoreServer;
let folder: string;
beforeAll(async () => {
  const port = await freePort();
  provider = await RealOidcProvider.start(`http://localhost:${port}/api/v1/session/oidc/callback`);
  folder = await reachableFolder();
  await writeFile(join(folder, 'secret'), `${provider.clientSecret}\n`);
  server = await openServerOnStore({
    MUSTER_HTTP_PORT: String(port),
    MUSTER_OIDC_ISSUER: provider.issuer,
    MUSTER_OIDC_CLIENT_ID: provider.clientId,
    MUSTER_OIDC_CLIENT_SECRET_FILE: join(folder, 'secret'),
    MUSTER_OIDC_NAME: 'Example',
    MUSTER_OIDC_ROLE_CLAIM: 'roles',
    MUSTER_OIDC_ADMINISTRATOR_VALUES: 'cluster-admins',
    MUSTER_OIDC_OPERATOR_VALUES: 'cluster-ops, sre',
    MUSTER_OIDC_EXEC_VALUES: 'cluster-exec',
    MUSTER_OIDC_GROUPS_CLAIM: 'node_groups',
  });
});
afterAll(async () => {
  await server.close();
  await provider.stop();
  await rm(folder, { recursive: true });
});

const panel = () => new URL(server.server.panelUrl);
const isPanelPage = (url: URL) => url.host === panel().host && !url.pathname.startsWith('/api/');

/** Signs in with a browser of one's own; answers where that ends, and the browser as somebody who asks. */
async function signIn(account: RealOidcProvider['account'], returnTo = '/nodes?x=1', browser = new Browser()) {
  provider.account = account;
  const start = `${panel().origin}/api/v1/session/oidc?returnTo=${encodeURIComponent(returnTo)}`;
  const end = await browser.visit(start, (next) => !isPanelPage(next));
  const person = new Person(Number(panel().port));
  for (const pair of browser.cookiesFor(panel()).split('; ')) {
    const [name = '', ...value] = pair.split('=');
    person.cookies.set(name, value.join('='));
  }
  return { place: end === undefined ? undefined : end.pathname + end.search + end.hash, browser, person };
}

const ada = { sub: 'ada', email: 'ada@example.org', email_verified: true, name: 'Ada Lovelace' };

describe('signing in through an identity provider', () => {
  it('is offered by its name', async () => {
    expect(await new Person(Number(panel().port)).client.getSignInMethods({})).toEqual({ password: true, oidc: { name: 'Example' } });
  });

  it('leads out, back, and to where one wanted to go, with what the claims give', async () => {
    const { place, person, browser } = await signIn({ ...ada, roles: ['cluster-ops', 'cluster-exec'], node_groups: ['web', 'db'] });
    expect(place).toBe('/nodes?x=1');
    expect(await person.client.getSession({})).toMatchObject({
      kind: 'person',
      name: 'Ada Lovelace',
      email: 'ada@example.org',
      role: 'operator',
      groups: ['web', 'db'],
      mayExec: true,
      hasPassword: false,
      provider: provider.issuer,
    });
    expect(browser.cookiesFor(panel())).not.toContain('muster.oidc');
    const [line] = (await server.local.listAudit({ query: { what: 'finishOidc', limit: 1 } })).items;
    expect(line).toMatchObject({ who: { kind: 'person', name: 'ada@example.org' }, result: 'done', status: 303, input: null });
    const said = JSON.stringify([server.lines, await server.local.listAudit({}), await server.local.listEvents({})]);
    for (const address of browser.visited) {
      const { searchParams } = new URL(address);
      for (const name of ['code', 'state', 'nonce']) if (searchParams.has(name)) expect(said).not.toContain(searchParams.get(name));
    }
  });

  it('is known again, and may then what the provider says then', async () => {
    const first = await signIn({ ...ada, roles: 'cluster-admins' });
    const { id } = await first.person.client.getSession({});
    expect(await first.person.client.getSession({})).toMatchObject({ role: 'administrator', groups: [], mayExec: false });
    const second = await signIn({ ...ada, roles: [], node_groups: ['web'] });
    expect(await second.person.client.getSession({})).toMatchObject({ id, role: 'viewer', groups: ['web'] });
    expect(await codeOf(first.person.client.getSession({}))).toBe('not-signed-in');
    const change = server.local.changePerson({ params: { person: ada.email }, body: { role: 'administrator' } });
    expect(await codeOf(change)).toBe('not-allowed');
    expect(await server.local.changePerson({ params: { person: ada.email }, body: { name: 'Countess' } })).toMatchObject({
      name: 'Countess',
    });
    expect(await codeOf(second.person.client.setPassword({ body: { newPassword: 'correct horse battery' } }))).toBe('not-signed-in');
    const third = await signIn(ada);
    expect(await codeOf(third.person.client.setPassword({ body: { newPassword: 'correct horse battery' } }))).toBe('not-allowed');
  });

  it('ends in words for whoever was shut out here', async () => {
    await server.local.disablePerson({ params: { person: ada.email } });
    const { place, person } = await signIn(ada);
    expect(place).toBe('/sign-in#problem=shut-out');
    expect(await codeOf(person.client.getSession({}))).toBe('not-signed-in');
    await server.local.enablePerson({ params: { person: ada.email } });
  });

  it('does not take over somebody else’s account by its address', async () => {
    await server.signIn();
    const { place, person } = await signIn({ sub: 'eve', email: 'admin@muster.local', email_verified: true, name: 'Eve' });
    expect(place).toBe('/sign-in#problem=address-taken');
    expect(await codeOf(person.client.getSession({}))).toBe('not-signed-in');
    expect(await server.local.getPerson({ params: { person: 'admin@muster.local' } })).toMatchObject({ provider: null });
    const [line] = (await server.local.listAudit({ query: { what: 'finishOidc', limit: 1 } })).items;
    expect(line).toMatchObject({ who: { kind: 'nobody' }, result: 'refused' });
  });

  it('takes over an account that waits for its person, where the provider has checked the address', async () => {
    const { person: invited } = await server.local.invitePerson({ body: { email: 'waits@example.org', role: 'viewer' } });
    const unchecked = { sub: 'waits', email: 'waits@example.org', email_verified: false, name: 'W' };
    expect((await signIn(unchecked)).place).toBe('/sign-in#problem=address-taken');
    const { person } = await signIn({ ...unchecked, email_verified: true, roles: ['sre'] });
    expect(await person.client.getSession({})).toMatchObject({ id: invited.id, role: 'operator' });
  });

  it('needs an address', async () => {
    expect((await signIn({ sub: 'noone', name: 'No One' })).place).toBe('/sign-in#problem=no-address');
    expect((await signIn({ sub: 'noone', email: 'not an address', name: 'x' })).place).toBe('/sign-in#problem=no-address');
  });

  it.each([
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '/%5c%5cevil.example/..//x',
    'javascript:alert(1)',
    'nodes',
    '/ok/../..//evil.example',
  ])('goes back to no other site: %s', async (returnTo) => {
    const { place } = await signIn(ada, returnTo);
    expect(new URL(place ?? '', panel()).origin).toBe(panel().origin);
    expect(place).not.toMatch(/^\/\//u);
  });
});

describe('a sign-in that comes back', () => {
  const callbackOf = (browser: Browser) => browser.visited.find((address) => address.includes('/oidc/callback')) ?? '';

  it('does so to the browser that began it, once', async () => {
    const { browser } = await signIn(ada);
    const callback = callbackOf(browser);
    const again = await browser.visit(callback, () => false);
    expect(again?.hash).toBe('#problem=again');
    const victim = new Browser();
    expect((await victim.visit(callback, () => false))?.hash).toBe('#problem=again');
    expect(victim.cookiesFor(panel())).not.toContain('session_token');
  });

  it('is not taken for another one that was begun here', async () => {
    const { browser } = await signIn(ada);
    const stolen = callbackOf(browser);
    const victim = new Browser();
    await victim.visit(`${panel().origin}/api/v1/session/oidc`, () => false);
    expect((await victim.visit(stolen, () => false))?.hash).toBe('#problem=again');
    expect(victim.cookiesFor(panel())).not.toContain('session_token');
  });

  it('keeps what it must match in a cookie of its own, which nobody can make', async () => {
    const { port } = server;
    const started = await ask({ port }, '/api/v1/session/oidc');
    const [cookie = ''] = (started.headers['set-cookie'] ?? []) as string[];
    expect(started.status).toBe(303);
    expect(cookie).toMatch(/^muster\.oidc=[\w.-]+; Max-Age=600; Path=\/api\/v1\/session\/oidc; HttpOnly; SameSite=Lax$/u);
    const state = new URL(String(started.headers['location'])).searchParams.get('state');
    const [name = '', value = ''] = (cookie.split(';')[0] ?? '').split('=');
    for (const forged of [`${value.slice(0, -5)}AAAAA`, 'x', '', 'e30.e30.']) {
      const back = await ask({ port }, `/api/v1/session/oidc/callback?code=x&state=${state}`, { headers: { cookie: `${name}=${forged}` } });
      expect(back.headers['location']).toBe('/sign-in#problem=again');
    }
  });
});
