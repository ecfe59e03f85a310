import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Fault, FakeOidcProvider } from '../../../test/fake-oidc-provider.ts';
import { codeOf } from '../../../test/people.ts';
import { ask, Person } from '../../../test/requests.ts';
import { freePort, openServerOnStore, type StoreServer } from '../../../test/server-fixture.ts';

let provider: FakeOidcProvider;
let server: StoreServer;
let port: number;
const open = async (variables: Record<string, string> = {}) =>
  openServerOnStore({
    MUSTER_HTTP_PORT: String(port),
    MUSTER_OIDC_ISSUER: provider.issuer,
    MUSTER_OIDC_CLIENT_ID: 'muster',
    MUSTER_OIDC_CLIENT_SECRET: 's',
    ...variables,
  });
beforeAll(async () => {
  provider = await FakeOidcProvider.start();
  port = await freePort();
  server = await open();
});
afterAll(async () => {
  await server.close();
  await provider.stop();
});
afterEach(() => {
  provider.fault = {};
});

/** Goes out and comes back, as a browser would whose person signed in; answers where it is sent, and the cookies. */
async function comeBack(change: (query: URLSearchParams) => void = () => undefined) {
  const out = await ask({ port }, '/api/v1/session/oidc');
  const location = String(out.headers['location']);
  if (!location.startsWith(provider.issuer)) return { location, cookies: [] };
  const { searchParams } = new URL(location);
  provider.nonce = searchParams.get('nonce') ?? '';
  const query = new URLSearchParams({ code: 'c', state: searchParams.get('state') ?? '' });
  change(query);
  const cookie = ((out.headers['set-cookie'] ?? []) as string[]).map((line) => line.split(';')[0]).join('; ');
  const back = await ask({ port }, `/api/v1/session/oidc/callback?${query.toString()}`, { headers: { cookie } });
  return { location: String(back.headers['location']), cookies: (back.headers['set-cookie'] ?? []) as string[], status: back.status };
}

describe('what an identity provider says', () => {
  it('lets in when all of it is right', async () => {
    const { location, cookies } = await comeBack();
    expect(location).toBe('/');
    expect(cookies.some((line) => line.startsWith('muster.session_token='))).toBe(true);
  });

  const minute = 60;
  const now = () => Math.floor(Date.now() / 1000);
  it.each<[string, () => Fault]>([
    ['another issuer', () => ({ claims: { iss: 'https://evil.example' } })],
    ['another audience', () => ({ claims: { aud: 'other' } })],
    ['an audience of several without saying for whom', () => ({ claims: { aud: ['muster', 'other'], azp: 'other' } })],
    ['another nonce', () => ({ claims: { nonce: 'other' } })],
    ['no nonce', () => ({ claims: { nonce: undefined } })],
    ['a token that has expired', () => ({ claims: { iat: now() - 20 * minute, exp: now() - 10 * minute } })],
    ['a token without an end', () => ({ claims: { exp: undefined } })],
    ['a token without a subject', () => ({ claims: { sub: undefined } })],
    ['an empty subject', () => ({ claims: { sub: '' } })],
    ['a stranger’s signature', () => ({ signedBy: 'stranger' })],
    ['no signature', () => ({ signedBy: 'nobody' })],
    ['no token', () => ({ withoutIdToken: true })],
    ['details of somebody else', () => ({ userinfo: { sub: 'somebody-else' } })],
    ['an error of its own', () => ({ tokenStatus: 500, tokenBody: '{"error":"server_error"}' })],
    ['a page', () => ({ tokenBody: '<html>' })],
    ['that the code is not good', () => ({ tokenStatus: 400, tokenBody: '{"error":"invalid_grant"}' })],
  ])('is not believed with %s', async (_title, fault) => {
    provider.fault = fault();
    const { location, cookies, status } = await comeBack();
    expect([status, location]).toEqual([303, '/sign-in#problem=provider']);
    expect(cookies.join()).not.toContain('session_token');
    const [line] = (await server.local.listAudit({ query: { what: 'finishOidc', limit: 1 } })).items;
    expect(line).toMatchObject({ who: { kind: 'nobody' }, result: 'refused', code: 'not-allowed' });
  });

  it.each<[string, (query: URLSearchParams) => void, string]>([
    ['that access is denied', (query) => query.set('error', 'access_denied'), 'denied'],
    ['another state', (query) => query.set('state', 'other'), 'again'],
    ['no state', (query) => query.delete('state'), 'again'],
    ['no code', (query) => query.delete('code'), 'provider'],
    ['that it is another issuer', (query) => query.set('iss', 'https://evil.example'), 'provider'],
  ])('in the address is not believed with %s', async (_title, change, reason) => {
    const { location, cookies } = await comeBack(change);
    expect(location).toBe(`/sign-in#problem=${reason}`);
    expect(cookies.join()).not.toContain('session_token');
  });

  it('twice in the address is nothing that is read', async () => {
    const { status, location } = await comeBack((query) => query.append('code', 'd'));
    expect([status, location]).toEqual([400, 'undefined']);
  });
});

describe('an identity provider', () => {
  it('that cannot be reached, or is another one, is said and keeps nobody else out', async () => {
    await server.close();
    for (const [issuer, discovery] of [
      [`http://127.0.0.1:${await freePort()}`, {}],
      [provider.issuer, { issuer: 'https://evil.example' }],
      [provider.issuer, { jwks_uri: 'http://127.0.0.1:1/jwks' }],
    ] as const) {
      provider.fault = { discovery };
      const other = await open({ MUSTER_OIDC_ISSUER: issuer });
      try {
        expect((await comeBack()).location).toBe('/sign-in#problem=provider');
        expect(await (await other.signIn()).client.getSession({})).toMatchObject({ role: 'administrator' });
      } finally {
        await other.close();
      }
    }
    provider.fault = {};
    server = await open();
  });

  it('that comes back is used again without a restart', async () => {
    provider.fault = { discovery: { issuer: 'https://evil.example' } };
    await server.close();
    server = await open();
    expect((await comeBack()).location).toBe('/sign-in#problem=provider');
    provider.fault = {};
    expect((await comeBack()).location).toBe('/');
  });

  it('can be limited to those it gives a role', async () => {
    await server.close();
    server = await open({ MUSTER_OIDC_ROLE_CLAIM: 'roles', MUSTER_OIDC_DEFAULT_ROLE: 'none' });
    expect((await comeBack()).location).toBe('/sign-in#problem=no-role');
    provider.fault = { claims: { roles: ['viewer'] } };
    expect((await comeBack()).location).toBe('/');
    // What is only told does not count more than what is signed.
    provider.fault = { claims: { roles: ['viewer'] }, userinfo: { roles: ['administrator'] } };
    await comeBack();
    expect(await server.local.getPerson({ params: { person: 'ada@example.org' } })).toMatchObject({ role: 'viewer' });
  });

  it('where none is configured is nothing', async () => {
    const without = await openServerOnStore();
    try {
      const { client } = new Person(without.port);
      expect(await client.getSignInMethods({})).toEqual({ password: true, oidc: null });
      expect(await codeOf(client.startOidc({}))).toBe('not-found');
    } finally {
      await without.close();
    }
  });

  it('is asked only so often from one address', async () => {
    const locations: string[] = [];
    for (let i = 0; i < 80; i++) locations.push((await comeBack()).location);
    expect(locations).toContain('/sign-in#problem=busy');
  });
});
