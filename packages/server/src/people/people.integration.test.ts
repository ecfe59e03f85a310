import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventReader } from '../../test/event-reader.ts';
import { codeOf, comeIn, detailOf } from '../../test/people.ts';
import { Person } from '../../test/requests.ts';
import { openServerOnStore, type TestServer, tokenOf } from '../../test/server-fixture.ts';

let server: TestServer;
beforeAll(async () => {
  server = await openServerOnStore();
});
afterAll(() => server.close());

const password = 'correct horse battery';

describe('an invitation', () => {
  it('lets its person in once, with what was given, and a password is what he comes in with from then on', async () => {
    const admin = await server.signIn();
    const { person, url, expiresAt } = await admin.client.invitePerson({
      body: { email: 'Bob@Example.org', role: 'operator', groups: ['web'], expiresInHours: 2 },
    });
    expect(person).toMatchObject({
      email: 'bob@example.org',
      name: 'Bob',
      role: 'operator',
      groups: ['web'],
      mayExec: false,
      state: 'invited',
    });
    expect(person.invitedUntil).toBe(expiresAt);
    expect(Math.abs(Date.parse(expiresAt) - Date.now() - 7_200_000)).toBeLessThan(120_000);
    const bob = new Person(server.port);
    expect(await bob.client.signIn({ body: { token: tokenOf(url) } })).toMatchObject({
      role: 'operator',
      groups: ['web'],
      hasPassword: false,
    });
    expect(await codeOf(new Person(server.port).client.signIn({ body: { token: tokenOf(url) } }))).toBe('not-allowed');
    await bob.client.setPassword({ body: { newPassword: password } });
    const again = new Person(server.port);
    expect(await again.client.signIn({ body: { email: 'BOB@example.org', password } })).toMatchObject({ email: 'bob@example.org' });
    expect(await admin.client.getPerson({ params: { person: 'bob@example.org' } })).toMatchObject({ state: 'active', hasPassword: true });
    expect(await codeOf(admin.client.invitePerson({ body: { email: 'bob@example.org' } }))).toBe('person-exists');
  });

  it('ends with the next one, and can be made anew for somebody who lost password and second factor', async () => {
    const carol = await comeIn(server, 'carol@example.org');
    await carol.client.setPassword({ body: { newPassword: password } });
    const params = { person: 'carol@example.org' };
    const first = await server.local.makeInvitation({ params, body: {} });
    const second = await server.local.makeInvitation({ params, body: { reset: true } });
    expect(await codeOf(carol.client.getSession({}))).toBe('not-signed-in');
    expect(await codeOf(new Person(server.port).client.signIn({ body: { email: 'carol@example.org', password } }))).toBe('not-allowed');
    expect(await codeOf(new Person(server.port).client.signIn({ body: { token: tokenOf(first.url) } }))).toBe('not-allowed');
    const back = new Person(server.port);
    await back.client.signIn({ body: { token: tokenOf(second.url) } });
    await back.client.setPassword({ body: { newPassword: 'another long one' } });
  });

  it.each([
    [{ email: 'not an address' }, 'email'],
    [{ email: 'x@example.org', role: 'root' }, 'role'],
    [{ email: 'x@example.org', groups: ['a b'] }, 'groups.0'],
    [{ email: 'x@example.org', expiresInHours: 9999 }, 'expiresInHours'],
    [{ email: 'x@example.org', password: 'x' }, 'body'],
  ])('that is wrong is a clear error: %j', async (body, path) => {
    const error: unknown = await server.local.invitePerson({ body: body as never }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ problem: { code: 'invalid-request', errors: [{ path }] } });
  });
});

describe('a change of a person', () => {
  it('ends his sessions and his view of the events at once, and counts for the next one', async () => {
    const dave = await comeIn(server, 'dave@example.org', { role: 'operator' });
    const events = await EventReader.open({ port: server.port }, dave.headers());
    await server.local.changePerson({ params: { person: 'dave@example.org' }, body: { role: 'viewer', groups: ['db'] } });
    expect(await codeOf(dave.client.getSession({}))).toBe('not-signed-in');
    await events.untilEnded();
    const back = await comeIn(server, 'dave@example.org');
    expect(await back.client.getSession({})).toMatchObject({ role: 'viewer', groups: ['db'] });
  });

  it('that shuts him out ends everything, also links and passwords, until he is let in again', async () => {
    const erin = await comeIn(server, 'erin@example.org');
    await erin.client.setPassword({ body: { newPassword: password } });
    const params = { person: 'erin@example.org' };
    const link = await server.local.makeInvitation({ params, body: {} });
    await server.local.disablePerson({ params });
    expect(await codeOf(erin.client.getSession({}))).toBe('not-signed-in');
    const { client } = new Person(server.port);
    expect(await detailOf(client.signIn({ body: { email: 'erin@example.org', password } }))).toContain('shut out');
    expect(await codeOf(client.signIn({ body: { email: 'erin@example.org', password: 'wrong wrong wrong' } }))).toBe('not-allowed');
    expect(await codeOf(client.signIn({ body: { token: tokenOf(link.url) } }))).toBe('not-allowed');
    expect(await codeOf(server.local.makeInvitation({ params, body: {} }))).toBe('not-allowed');
    expect(await codeOf(server.local.makeSignInLink({ body: { email: 'erin@example.org' } }))).toBe('not-allowed');
    await server.local.enablePerson({ params });
    expect(await client.signIn({ body: { email: 'erin@example.org', password } })).toMatchObject({ email: 'erin@example.org' });
  });

  it('that removes him leaves what he did', async () => {
    const frank = await comeIn(server, 'frank@example.org', { role: 'administrator' });
    await frank.client.addNode({ body: { name: 'franks-node' } });
    await server.local.removePerson({ params: { person: 'frank@example.org' } });
    expect(await codeOf(frank.client.getSession({}))).toBe('not-signed-in');
    expect(await codeOf(server.local.getPerson({ params: { person: 'frank@example.org' } }))).toBe('not-found');
    const { items } = await server.local.listAudit({ query: { who: 'frank@example.org' } });
    expect(items.map(({ what }) => what)).toContain('addNode');
  });
});

describe('who decides about whom', () => {
  it('nobody gives more than he has, nor decides about somebody who has more', async () => {
    const limited = await comeIn(server, 'limited@example.org', { role: 'administrator', groups: ['web'] });
    await server.local.invitePerson({ body: { email: 'big@example.org', role: 'administrator', mayExec: true } });
    await server.local.invitePerson({ body: { email: 'small@example.org', role: 'viewer', groups: ['web'] } });
    const { client } = limited;
    const [big, small] = [{ person: 'big@example.org' }, { person: 'small@example.org' }];
    const refused = [
      client.invitePerson({ body: { email: 'x@example.org' } }),
      client.invitePerson({ body: { email: 'x@example.org', groups: ['db'] } }),
      client.invitePerson({ body: { email: 'x@example.org', groups: ['web'], mayExec: true } }),
      client.changePerson({ params: small, body: { groups: null } }),
      client.changePerson({ params: small, body: { mayExec: true } }),
      client.changePerson({ params: big, body: { role: 'viewer' } }),
      client.disablePerson({ params: big }),
      client.enablePerson({ params: big }),
      client.removePerson({ params: big }),
      client.makeInvitation({ params: big, body: {} }),
      client.makeInvitation({ params: big, body: { reset: true } }),
    ];
    expect(await Promise.all(refused.map(codeOf))).toEqual(refused.map(() => 'not-allowed'));
    expect(await client.changePerson({ params: small, body: { role: 'operator' } })).toMatchObject({ role: 'operator', groups: ['web'] });
    expect(await codeOf(server.local.getPerson({ params: { person: 'x@example.org' } }))).toBe('not-found');
  });

  it('the last administrator stays one, whoever asks', async () => {
    const { items } = await server.local.listPeople({});
    const administrators = items.filter((one) => one.role === 'administrator' && one.groups === null && one.state === 'active');
    for (const { email } of administrators.slice(1)) await server.local.removePerson({ params: { person: email } });
    const params = { person: administrators[0]?.email ?? '' };
    const deeds = [
      server.local.removePerson({ params }),
      server.local.disablePerson({ params }),
      server.local.changePerson({ params, body: { role: 'operator' } }),
      server.local.changePerson({ params, body: { groups: ['web'] } }),
    ];
    expect(await Promise.all(deeds.map(codeOf))).toEqual(deeds.map(() => 'last-administrator'));
  });
});
