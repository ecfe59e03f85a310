import type { Store } from '@muster/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventReader } from '../../test/event-reader.ts';
import { keyClient } from '../../test/key-client.ts';
import { codeOf, comeIn, detailOf } from '../../test/people.ts';
import { ask, problemIn } from '../../test/requests.ts';
import { openServerOnStore, type TestServer } from '../../test/server-fixture.ts';

let server: TestServer & { readonly store: Store };
beforeAll(async () => {
  server = await openServerOnStore();
});
afterAll(() => server.close());

const asKey = (secret: string) => keyClient(server.port, secret);
const unknownKey = `muster_${'A'.repeat(43)}`;

describe('a key', () => {
  it('is shown once, kept as a hash, and lets a program in as what it is', async () => {
    const ada = await comeIn(server, 'ada@example.org', { role: 'operator', groups: ['web', 'db'], mayExec: true });
    const { key, secret } = await ada.client.makeKey({ body: { name: 'ci', role: 'operator', groups: ['web'], expiresInDays: 7 } });
    expect(secret).toMatch(/^muster_[A-Za-z0-9_-]{43}$/u);
    expect(secret.startsWith(key.prefix)).toBe(true);
    expect(await asKey(secret).getSession({})).toEqual({
      kind: 'key',
      id: key.id,
      name: 'key ci of ada@example.org',
      email: null,
      role: 'operator',
      groups: ['web'],
      mayExec: false,
      hasPassword: false,
      twoFactor: false,
      provider: null,
    });
    const { items } = await ada.client.listOwnKeys({});
    expect(items).toMatchObject([{ id: key.id, state: 'active', lastUsedFrom: '127.0.0.1' }]);
    const rows = await server.store.accounts
      .selectFrom('api_keys' as never)
      .selectAll()
      .execute();
    expect(JSON.stringify([rows, items, server.lines, await server.local.listAudit({}), await server.local.listEvents({})])).not.toContain(
      secret,
    );
  });

  it('can do no more than its maker, when it is made and ever after', async () => {
    const bob = await comeIn(server, 'bob@example.org', { role: 'operator', groups: ['web'] });
    const wishes = [
      { name: 'x', role: 'administrator' },
      { name: 'x', role: 'operator', groups: ['db'] },
      { name: 'x', role: 'viewer', groups: null },
      { name: 'x', mayExec: true },
    ] as const;
    for (const body of wishes) expect(await detailOf(bob.client.makeKey({ body: body as never }))).toContain('no more than its maker');
    const { secret } = await bob.client.makeKey({ body: { name: 'ok', role: 'operator' } });
    expect(await asKey(secret).getSession({})).toMatchObject({ role: 'operator', groups: ['web'] });
    await server.local.changePerson({ params: { person: 'bob@example.org' }, body: { role: 'viewer', groups: [] } });
    expect(await asKey(secret).getSession({})).toMatchObject({ role: 'viewer', groups: [] });
    await server.local.changePerson({
      params: { person: 'bob@example.org' },
      body: { role: 'administrator', groups: null, mayExec: true },
    });
    expect(await asKey(secret).getSession({})).toMatchObject({ role: 'operator', groups: ['web'], mayExec: false });
  });

  it('ends at once when it is revoked, also what it watches', async () => {
    const carol = await comeIn(server, 'carol@example.org');
    const { key, secret } = await carol.client.makeKey({ body: { name: 'watch' } });
    const events = await EventReader.open({ port: server.port }, { authorization: `Bearer ${secret}` });
    expect(await carol.client.revokeOwnKey({ params: { id: key.id } })).toMatchObject({ state: 'revoked' });
    expect(await codeOf(asKey(secret).getSession({}))).toBe('not-signed-in');
    await events.untilEnded();
  });

  it('ends with its time, and with its maker', async () => {
    const dave = await comeIn(server, 'dave@example.org');
    const [first, second] = [await dave.client.makeKey({ body: { name: 'a' } }), await dave.client.makeKey({ body: { name: 'b' } })];
    await server.store.accounts
      .updateTable('api_keys' as never)
      .set({ expires_at: new Date(Date.now() - 1000) } as never)
      .where('id' as never, '=', first.key.id as never)
      .execute();
    expect(await codeOf(asKey(first.secret).getSession({}))).toBe('not-signed-in');
    const params = { person: 'dave@example.org' };
    await server.local.disablePerson({ params });
    expect(await codeOf(asKey(second.secret).getSession({}))).toBe('not-signed-in');
    await server.local.enablePerson({ params });
    expect(await asKey(second.secret).getSession({})).toMatchObject({ kind: 'key' });
    await server.local.removePerson({ params });
    expect(await codeOf(asKey(second.secret).getSession({}))).toBe('not-signed-in');
  });

  it('does not make keys, passwords or second factors, and ends nobody but itself', async () => {
    const { key: other } = await server.local.makeKey({ body: { name: 'other', role: 'administrator' } });
    const { key, secret } = await server.local.makeKey({ body: { name: 'root', role: 'administrator', mayExec: true } });
    const client = asKey(secret);
    const refused = [
      client.makeKey({ body: { name: 'again' } }),
      client.setPassword({ body: { newPassword: 'correct horse battery' } }),
      client.startTwoFactor({ body: { password: 'x' } }),
      client.verifyTwoFactor({ body: { code: '123456' } }),
      client.revokeOwnKey({ params: { id: other.id } }),
    ];
    expect(await Promise.all(refused.map(codeOf))).toEqual(refused.map(() => 'not-allowed'));
    expect((await client.listOwnKeys({})).items.map(({ id }) => id)).toEqual([key.id]);
    await client.revokeOwnKey({ params: { id: key.id } });
    expect(await codeOf(client.getSession({}))).toBe('not-signed-in');
  });

  it('of somebody else is an administrator’s to end, within what he may himself', async () => {
    const viewer = await comeIn(server, 'eve@example.org');
    const { key } = await viewer.client.makeKey({ body: { name: 'mine' } });
    const { key: wide } = await server.local.makeKey({ body: { name: 'wide', role: 'administrator' } });
    const limited = await comeIn(server, 'limited@example.org', { role: 'administrator', groups: ['web'] });
    expect(await codeOf(viewer.client.revokeOwnKey({ params: { id: wide.id } }))).toBe('not-found');
    expect(await codeOf(viewer.client.revokeKey({ params: { id: wide.id } }))).toBe('not-allowed');
    expect(await codeOf(limited.client.revokeKey({ params: { id: wide.id } }))).toBe('not-allowed');
    const admin = await server.signIn();
    expect(await admin.client.revokeKey({ params: { id: key.id } })).toMatchObject({ state: 'revoked' });
    expect((await admin.client.listKeys({})).items.find(({ id }) => id === key.id)).toMatchObject({ state: 'revoked' });
  });
});

describe('a request with a key', () => {
  it('needs no origin, for no browser sends a key of itself; with a cookie as well the key alone counts', async () => {
    const { secret } = await server.local.makeKey({ body: { name: 'origin', role: 'administrator' } });
    const admin = await server.signIn();
    const post = (name: string, headers: Record<string, string>) =>
      ask({ port: server.port }, '/api/v1/nodes', {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: 'https://evil.example', ...headers },
        body: JSON.stringify({ name }),
      });
    expect((await post('by-key', { authorization: `Bearer ${secret}` })).status).toBe(201);
    expect((await post('by-cookie', admin.headers())).status).toBe(403);
    expect((await post('by-both', { ...admin.headers(), authorization: `Bearer ${unknownKey}` })).status).toBe(401);
    // What a browser does send of itself is no key.
    expect((await post('by-basic', { ...admin.headers(), authorization: 'Basic YTpi' })).status).toBe(403);
  });

  it.each([
    'Bearer',
    'Bearer ',
    'Bearer x',
    `Bearer ${unknownKey}`,
    `Bearer ${unknownKey}x`,
    'bearer \u00e4',
    `Bearer ${'x'.repeat(5000)}`,
  ])('is nobody’s with %s', async (authorization) => {
    const answer = await ask({ port: server.port }, '/api/v1/nodes', { headers: { authorization } });
    expect([answer.status, problemIn(answer)['code']]).toEqual([401, 'not-signed-in']);
  });
});

describe('guessing keys', () => {
  it('is slowed down; a key that was good before still works', async () => {
    const { secret } = await server.local.makeKey({ body: { name: 'steady' } });
    await asKey(secret).getSession({});
    const wrong = (i: number) => codeOf(asKey(`muster_${String(i).padStart(43, '0')}`).getSession({}));
    const codes: unknown[] = [];
    for (let i = 0; i < 300 && !codes.includes('too-many-requests'); i++) codes.push(await wrong(i));
    expect(codes.slice(0, 100)).toEqual(codes.slice(0, 100).map(() => 'not-signed-in'));
    expect(codes.at(-1)).toBe('too-many-requests');
    expect(await asKey(secret).getSession({})).toMatchObject({ kind: 'key' });
  });
});
