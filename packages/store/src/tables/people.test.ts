import { Person } from '@muster/api';
import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { newPerson, query } from '../../test/builders.ts';
import type { Store } from '../store.ts';

const allow = () => undefined;
const refuse = () => {
  throw new Error('refused');
};

/** Somebody who has signed in once: only he counts as an administrator who is there. */
async function active(
  store: Store,
  email: string,
  role: Person['role'] = 'administrator',
  groups: string[] | null = null,
): Promise<Person> {
  const { id } = await store.people.add(newPerson(email, { role, groups }));
  await store.people.signedIn(id);
  return store.people.get(id);
}

const sessionOf = (userId: string) =>
  `insert into "session" ("id", "expiresAt", "token", "updatedAt", "userId") values (gen_random_uuid(), now() + interval '1 hour', gen_random_uuid(), now(), '${userId}')`;

describe('an account', () => {
  it('is added with what it may do, and found by id and by address in any case', async () => {
    const { store } = await withStore();
    const person = await store.people.add(newPerson('Ada@Example.org', { role: 'operator', groups: ['web'], mayExec: true }));
    expect(person).toMatchObject({ email: 'ada@example.org', name: 'Ada', role: 'operator', groups: ['web'], mayExec: true });
    expect(person).toMatchObject({ state: 'invited', hasPassword: false, twoFactor: false, provider: null, invitedUntil: null });
    expect(Person.parse(person)).toEqual(person);
    expect(await store.people.get(person.id)).toEqual(person);
    expect(await store.people.get('ADA@example.ORG')).toEqual(person);
    expect(await store.people.list()).toEqual([person]);
    expect(await store.people.find('nobody')).toBeUndefined();
    await expect(store.people.get('nobody\u0000')).rejects.toMatchObject({ name: 'PersonNotFound' });
    expect(await store.events.list({ limit: 1 })).toMatchObject([
      { kind: 'person-changed', data: { personId: person.id, change: 'added' } },
    ]);
  });

  it('is one for each address, also when two make it at once', async () => {
    const { store } = await withStore();
    const both = await Promise.allSettled([store.people.add(newPerson('a@x.org')), store.people.add(newPerson('A@x.org'))]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    await expect(store.people.add(newPerson('a@x.org'))).rejects.toMatchObject({ name: 'PersonExists' });
  });

  it('is called by its address where it has no name', async () => {
    const { store } = await withStore();
    expect((await store.people.add({ ...newPerson('a@x.org'), name: '' })).name).toBe('a@x.org');
    expect((await store.people.add({ ...newPerson('b@x.org'), name: 'a\u0000\uD800' })).name).toBe('a\uFFFD\uFFFD');
  });

  it('is active once its person came in', async () => {
    const { store } = await withStore();
    const person = await active(store, 'a@x.org');
    expect(person.state).toBe('active');
    expect(Math.abs(Date.parse(person.lastSignInAt ?? '') - Date.now())).toBeLessThan(60_000);
  });
});

describe('a change', () => {
  it('changes what it names, ends the sessions, and tells every server', async () => {
    const { store, connection } = await withStore();
    const person = await active(store, 'a@x.org', 'operator', ['web']);
    await active(store, 'admin@x.org');
    await query(connection, sessionOf(person.id));
    const { before, after } = await store.people.change('a@x.org', { role: 'viewer' }, allow);
    expect([before, after]).toEqual([person, { ...person, role: 'viewer' }]);
    expect(await query(connection, 'select * from "session"')).toEqual([]);
    expect(await store.events.list({ limit: 1 })).toMatchObject([{ kind: 'person-changed', message: 'a@x.org was changed.' }]);
    const all = await store.people.change(person.id, { name: 'Ann', groups: null, mayExec: true }, allow);
    expect(all.after).toEqual({ ...person, role: 'viewer', name: 'Ann', groups: null, mayExec: true });
    expect((await store.people.change(person.id, { groups: [] }, allow)).after.groups).toEqual([]);
  });

  it('is asked about before, with what was and what would be, and leaves everything as it was when refused', async () => {
    const { store, connection } = await withStore();
    const person = await active(store, 'a@x.org', 'operator', ['web']);
    await query(connection, sessionOf(person.id));
    const asked: unknown[] = [];
    const ask = (...given: unknown[]) => {
      asked.push(given);
      throw new Error('refused');
    };
    await expect(store.people.change('a@x.org', { role: 'administrator' }, ask)).rejects.toThrow('refused');
    expect(asked).toEqual([[person, { role: 'administrator', groups: ['web'], mayExec: false }]]);
    for (const deed of ['disable', 'enable', 'remove', 'forgetCredentials'] as const)
      await expect(store.people[deed]('a@x.org', refuse)).rejects.toThrow('refused');
    expect(await store.people.get('a@x.org')).toEqual(person);
    expect(await query(connection, 'select * from "session"')).toHaveLength(1);
    for (const deed of ['disable', 'enable', 'remove', 'forgetCredentials'] as const)
      await expect(store.people[deed]('nobody', allow)).rejects.toMatchObject({ name: 'PersonNotFound' });
  });

  it('shuts out and lets in, and forgets links on the way', async () => {
    const { store, connection } = await withStore();
    const person = await active(store, 'a@x.org', 'viewer');
    await query(connection, sessionOf(person.id));
    await store.signInLinks.make(person.id, 'hash', 600, false);
    expect((await store.people.disable('a@x.org', allow)).after).toMatchObject({ state: 'disabled', invitedUntil: null });
    expect(await query(connection, 'select * from "session"')).toEqual([]);
    expect(await store.signInLinks.use('hash')).toBeUndefined();
    expect((await store.people.enable('a@x.org', allow)).after.state).toBe('active');
  });

  it('removes with sessions, links, codes and keys', async () => {
    const { store, connection } = await withStore();
    const person = await active(store, 'a@x.org', 'viewer');
    await query(connection, sessionOf(person.id));
    await store.signInLinks.make(person.id, 'hash', 600, false);
    await store.signInLinks.takeCode(person.id, '123456');
    const grant = { role: 'viewer', groups: null, mayExec: false } as const;
    await store.apiKeys.make({ keySha256: 'k', prefix: 'p', name: 'n', ownerId: person.id, grant, lifetimeDays: 1 });
    expect(await store.people.remove('a@x.org', allow)).toMatchObject({ id: person.id });
    for (const table of ['"user"', 'people', '"session"', 'sign_in_links', 'used_codes', 'api_keys'])
      expect(await query(connection, `select * from ${table}`), table).toEqual([]);
    expect(await store.events.list({ limit: 1 })).toMatchObject([{ message: 'a@x.org was removed.' }]);
  });

  it('forgets password and second factor', async () => {
    const { store, connection } = await withStore();
    const { id } = await active(store, 'a@x.org', 'viewer');
    await query(
      connection,
      `insert into "account" ("id", "accountId", "providerId", "userId", "password", "updatedAt") values ('1', '${id}', 'credential', '${id}', 'hash', now());
       insert into "twoFactor" ("id", "secret", "backupCodes", "userId") values ('1', 's', 'b', '${id}');
       update "user" set "twoFactorEnabled" = true`,
    );
    const { before, after } = await store.people.forgetCredentials('a@x.org', allow);
    expect([before.hasPassword, before.twoFactor, after.hasPassword, after.twoFactor]).toEqual([true, true, false, false]);
    expect(await query(connection, 'select * from "twoFactor"')).toEqual([]);
  });
});

describe('the last administrator', () => {
  it.each<[string, (store: Store) => Promise<unknown>]>([
    ['is not removed', (store) => store.people.remove('a@x.org', allow)],
    ['is not disabled', (store) => store.people.disable('a@x.org', allow)],
    ['does not lose the role', (store) => store.people.change('a@x.org', { role: 'operator' }, allow)],
    ['is not limited to groups', (store) => store.people.change('a@x.org', { groups: ['web'] }, allow)],
  ])('%s', async (_title, deed) => {
    const { store } = await withStore();
    const admin = await active(store, 'a@x.org');
    // None of these could take over: never signed in, shut out, limited to groups, an operator.
    await store.people.add(newPerson('invited@x.org', { role: 'administrator' }));
    await active(store, 'disabled@x.org');
    await store.people.disable('disabled@x.org', allow);
    await active(store, 'limited@x.org', 'administrator', ['web']);
    await active(store, 'operator@x.org', 'operator');
    await expect(deed(store)).rejects.toMatchObject({ name: 'LastAdministrator', message: expect.stringContaining('a@x.org') as string });
    expect(await store.people.get('a@x.org')).toEqual(admin);
    expect(await store.people.change('a@x.org', { name: 'Ann', mayExec: true }, allow)).toMatchObject({ after: { name: 'Ann' } });
    await active(store, 'second@x.org');
    await deed(store);
  });

  it('remains when all administrators take the role from each other at the same moment', async () => {
    const { store } = await withStore();
    const emails = ['a@x.org', 'b@x.org', 'c@x.org', 'd@x.org'];
    for (const email of emails) await active(store, email);
    const deeds = await Promise.allSettled([
      store.people.change('a@x.org', { role: 'viewer' }, allow),
      store.people.disable('b@x.org', allow),
      store.people.remove('c@x.org', allow),
      store.people.change('d@x.org', { groups: [] }, allow),
    ]);
    expect(deeds.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
    const left = (await store.people.list()).filter((one) => one.role === 'administrator' && one.groups === null && one.state === 'active');
    expect(left).toHaveLength(1);
  });
});
