import type { AuditEntry } from '@muster/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { codeAt } from '../../test/authenticator.ts';
import { codeOf, comeIn, detailOf } from '../../test/people.ts';
import { ask, Person, problemIn } from '../../test/requests.ts';
import { openServerOnStore, type StoreServer, tokenOf } from '../../test/server-fixture.ts';

let server: StoreServer;
beforeAll(async () => {
  server = await openServerOnStore();
});
afterAll(() => server.close());

const newest = async (what: string): Promise<AuditEntry | undefined> =>
  (await server.local.listAudit({ query: { what, limit: 1 } })).items[0];

describe('a change', () => {
  it('leaves who, from where, what, before and after', async () => {
    const admin = await server.signIn();
    const who = { kind: 'person', name: 'admin@muster.local', role: 'administrator' };
    const node = await admin.client.addNode({ body: { name: 'web1', groups: ['web'], notes: 'old' } });
    expect(await newest('addNode')).toMatchObject({
      who,
      from: '127.0.0.1',
      target: { kind: 'nodes', id: node.id, name: 'web1' },
      nodes: ['web1'],
      input: { name: 'web1', groups: ['web'], notes: 'old' },
      result: 'done',
      status: 201,
      before: null,
      after: { name: 'web1', notes: 'old', revision: 1 },
    });
    await admin.client.replaceNode({ params: { node: node.id }, body: { ...node, name: 'web2', notes: 'new' } });
    expect(await newest('replaceNode')).toMatchObject({
      target: { kind: 'nodes', id: node.id, name: 'web2' },
      before: { name: 'web1', notes: 'old', revision: 1 },
      after: { name: 'web2', notes: 'new', revision: 2 },
    });
    await admin.client.removeNode({ params: { node: 'web2' } });
    expect(await newest('removeNode')).toMatchObject({
      target: { id: node.id, name: 'web2' },
      before: { name: 'web2' },
      after: null,
      status: 204,
    });
  });

  it('leaves no records where none was changed', async () => {
    await server.local.addNode({ body: { name: 'same' } });
    await server.local.makeJoinToken({ params: { node: 'same' } });
    expect(await newest('makeJoinToken')).toMatchObject({
      who: { kind: 'local' },
      from: 'local',
      before: null,
      after: null,
      nodes: ['same'],
    });
  });

  it('of a person or a key is there with what he could do before and after', async () => {
    await comeIn(server, 'bob@example.org', { role: 'operator', groups: ['web'] });
    const { id } = await server.local.changePerson({ params: { person: 'bob@example.org' }, body: { role: 'viewer' } });
    expect(await newest('changePerson')).toMatchObject({
      target: { kind: 'people', id, name: 'bob@example.org' },
      before: { role: 'operator', groups: ['web'] },
      after: { role: 'viewer', groups: ['web'] },
    });
    const { key } = await server.local.makeKey({ body: { name: 'ci' } });
    expect(await newest('makeKey')).toMatchObject({
      target: { id: key.id, name: 'ci' },
      before: null,
      after: { name: 'ci', prefix: key.prefix },
    });
    await server.local.revokeKey({ params: { id: key.id } });
    expect(await newest('revokeKey')).toMatchObject({ before: { revokedAt: null }, after: { revokedAt: expect.any(String) as string } });
  });

  it('that is refused leaves why, and who wanted it', async () => {
    const viewer = await comeIn(server, 'viewer@example.org');
    expect(await codeOf(viewer.client.removeNode({ params: { node: 'same' } }))).toBe('not-allowed');
    expect(await newest('removeNode')).toMatchObject({
      who: { kind: 'person', name: 'viewer@example.org', role: 'viewer' },
      target: { kind: 'nodes', name: 'same' },
      result: 'refused',
      status: 403,
      code: 'not-allowed',
      message: expect.stringContaining('takes the role administrator') as string,
    });
    expect(await codeOf(server.local.removeNode({ params: { node: 'nothing' } }))).toBe('not-found');
    expect(await newest('removeNode')).toMatchObject({ who: { kind: 'local' }, target: { name: 'nothing' }, code: 'not-found' });
    const foreign = { method: 'DELETE', headers: { origin: 'https://evil.example' } };
    const admin = await server.signIn();
    expect((await admin.ask('/api/v1/nodes/same', foreign)).status).toBe(403);
    expect(await newest('removeNode')).toMatchObject({
      who: { name: 'admin@muster.local' },
      message: expect.stringContaining('another site') as string,
    });
    const broken = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name": "hunter2' };
    expect((await admin.ask('/api/v1/nodes', broken)).status).toBe(400);
    expect(await newest('addNode')).toMatchObject({ who: { name: 'admin@muster.local' }, code: 'invalid-request', input: null });
  });

  it('leaves sign-ins, those that fail too, and by whom they claim to be', async () => {
    await server.signIn();
    expect(await newest('signIn')).toMatchObject({
      who: { kind: 'person', name: 'admin@muster.local' },
      result: 'done',
      input: { token: '(secret)' },
    });
    await codeOf(new Person(server.port).client.signIn({ body: { email: 'eve@example.org', password: 'guess guess guess' } }));
    expect(await newest('signIn')).toMatchObject({
      who: { kind: 'nobody', name: 'eve@example.org', id: null },
      from: '127.0.0.1',
      result: 'refused',
    });
  });
});

describe('a change that cannot be written down', () => {
  const failing = async <T>(table: string, work: () => Promise<T>): Promise<T> => {
    // As a database that has no more room would.
    await server.sql(`create function no_room() returns trigger language plpgsql as $$ begin raise exception 'no room' using errcode = 'disk_full'; end $$;
      create trigger no_room before insert on ${table} execute function no_room()`);
    try {
      return await work();
    } finally {
      await server.sql(`drop function no_room() cascade`);
    }
  };

  it('before it is made is not made', async () => {
    const { client } = await server.signIn();
    expect(await failing('audit', () => codeOf(client.addNode({ body: { name: 'unwritten' } })))).toBe('store-unavailable');
    expect(await codeOf(client.getNode({ params: { node: 'unwritten' } }))).toBe('not-found');
  });

  it('after it was made is not acknowledged, and known as asked for', async () => {
    const { client } = await server.signIn();
    expect(await failing('audit_results', () => detailOf(client.addNode({ body: { name: 'half-written' } })))).toContain(
      'may have been done',
    );
    expect(await newest('addNode')).toMatchObject({ result: 'unknown', status: null, input: { name: 'half-written' } });
    expect(await client.getNode({ params: { node: 'half-written' } })).toMatchObject({ name: 'half-written' });
  });

  it('does not let a sign-in through', async () => {
    const { url } = await server.local.makeInvitation({ params: { person: 'viewer@example.org' }, body: {} });
    const person = new Person(server.port);
    expect(await failing('audit', () => codeOf(person.client.signIn({ body: { token: tokenOf(url) } })))).toBe('store-unavailable');
    expect(person.cookies.size).toBe(0);
  });

  it('is refused as what it is, where it would have been refused anyway', async () => {
    const viewer = await comeIn(server, 'viewer@example.org');
    expect(await failing('audit', () => codeOf(viewer.client.removeNode({ params: { node: 'same' } })))).toBe('store-unavailable');
  });
});

describe('a flood of nobody’s requests', () => {
  it('fills the log only so far; how many were left out stands in the lines that follow', async () => {
    const before = await server.local.listAudit({ query: { limit: 1 } });
    const post = () =>
      ask({ port: server.port }, '/api/v1/nodes', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' });
    for (let i = 0; i < 20; i++) await Promise.all(Array.from({ length: 20 }, post));
    const after = await server.local.listAudit({ query: { limit: 1 } });
    expect(after.total - before.total).toBeLessThan(200);
    const viewer = await comeIn(server, 'viewer2@example.org');
    await codeOf(viewer.client.removeNode({ params: { node: 'same' } }));
    const [sum] = await server.sql(
      "select sum(left_out)::integer + count(*)::integer as asked from audit where route = 'addNode' and actor_kind = 'nobody'",
    );
    const last = (await newest('removeNode'))?.leftOut ?? 0;
    expect((sum?.['asked'] as number) + last).toBe(400);
  });
});

describe('secrets', () => {
  it('are never in it, whatever is sent', async () => {
    const mark = 'hunter2-hunter2-hunter2';
    const person = await comeIn(server, 'secrets@example.org', { role: 'administrator' });
    const { client } = person;
    await client.setPassword({ body: { newPassword: mark } });
    await codeOf(client.setPassword({ body: { newPassword: `${mark}x`, currentPassword: `${mark}y` } }));
    await codeOf(client.setPassword({ body: { newPassword: mark, [mark]: mark } as never }));
    await codeOf(client.addNode({ body: { name: 'x', password: mark } as never }));
    await codeOf(new Person(server.port).client.signIn({ body: { email: 'a@example.org', password: mark, code: mark } }));
    await codeOf(new Person(server.port).client.signIn({ body: { token: mark } }));
    const { secret, recoveryCodes } = await client.startTwoFactor({ body: { password: mark } });
    await client.verifyTwoFactor({ body: { code: codeAt(secret, Date.now()) } });
    const key = await client.makeKey({ body: { name: 'k' } });
    const invitation = await client.invitePerson({ body: { email: 'new@example.org' } });
    await client.addNode({ body: { name: 'tokened' } });
    const { token } = await client.makeJoinToken({ params: { node: 'tokened' } });
    const kept = JSON.stringify([
      await server.sql('select * from audit'),
      await server.sql('select * from audit_results'),
      await server.sql('select * from events'),
      server.lines,
    ]);
    const session = [...person.cookies.values()].at(-1) ?? '';
    const hidden = [secret, ...recoveryCodes, key.secret, tokenOf(invitation.url), token, decodeURIComponent(session).split('.')[0] ?? ''];
    for (const one of hidden) expect(one.length).toBeGreaterThan(8);
    // The name of an unknown member is told to whoever sent it, and stands in the refusal.
    expect(kept.replaceAll(`Unrecognized key: \\\\\\"${mark}`, '').replaceAll(`Unrecognized key: \\"${mark}`, '')).not.toContain(mark);
    for (const one of hidden) expect(kept).not.toContain(one);
  });
});

describe('the log', () => {
  it('is an administrator’s to read, search and take along', async () => {
    const admin = await server.signIn();
    const { items, total } = await admin.client.listAudit({ query: { who: 'bob@', limit: 5 } });
    expect(items.length).toBeGreaterThan(0);
    expect(total).toBeGreaterThanOrEqual(items.length);
    const since = await admin.client.listAudit({ query: { from: items[0]?.at, limit: 1000 } });
    expect(since.items.every(({ at }) => at >= (items[0]?.at ?? ''))).toBe(true);
    for (const query of [{ from: 'yesterday' }, { limit: '0' }, { before: '-1' }, { result: 'good' }, { page: '2' }])
      expect(await codeOf(admin.client.listAudit({ query: query as never }))).toBe('invalid-request');
    const viewer = await comeIn(server, 'viewer@example.org');
    expect(await codeOf(viewer.client.listAudit({}))).toBe('not-allowed');
    expect(await codeOf(viewer.client.exportAudit({}))).toBe('not-allowed');
  });

  it('is exported whole, as CSV and as JSON, and that is written down too', async () => {
    const admin = await server.signIn();
    const { total } = await admin.client.listAudit({ query: { limit: 1 } });
    const csv = await admin.ask('/api/v1/audit/export?format=csv');
    expect(csv.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="muster-audit.csv"',
    });
    // One more: that it is exported.
    expect(csv.text.trimEnd().split('\r\n')).toHaveLength(total + 2);
    const lines = (await admin.client.exportAudit({ query: { format: 'json', what: 'addNode' } })).trimEnd().split('\n');
    const found = lines.map((line) => JSON.parse(line) as AuditEntry);
    expect(found.every(({ what }) => what === 'addNode')).toBe(true);
    expect(found.map(({ id }) => id)).toEqual(found.map(({ id }) => id).toSorted((a, b) => a - b));
    expect(await newest('exportAudit')).toMatchObject({ who: { name: 'admin@muster.local' }, result: 'done' });
    expect(problemIn(await admin.ask('/api/v1/audit/export?format=xml'))['code']).toBe('invalid-request');
  });
});
