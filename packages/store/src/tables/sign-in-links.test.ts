import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { newPerson, query } from '../../test/builders.ts';

describe('a link', () => {
  it('lets its person in once, also when many use it at the same moment', async () => {
    const { store } = await withStore();
    const person = await store.people.add(newPerson('a@x.org'));
    const { expiresAt } = await store.signInLinks.make(person.id, 'hash', 600, false);
    expect(Math.abs(Date.parse(expiresAt) - Date.now() - 600_000)).toBeLessThan(60_000);
    expect((await store.people.get(person.id)).invitedUntil).toBe(expiresAt);
    const used = await Promise.all(Array.from({ length: 8 }, () => store.signInLinks.use('hash')));
    expect(used.filter((one) => one !== undefined)).toMatchObject([{ id: person.id }]);
    expect(await store.signInLinks.use('other')).toBeUndefined();
    expect((await store.people.get(person.id)).invitedUntil).toBeNull();
  });

  it('is of no use once it has expired, by the database’s clock', async () => {
    const { store, connection } = await withStore();
    const person = await store.people.add(newPerson('a@x.org'));
    await store.signInLinks.make(person.id, 'hash', 600, false);
    await query(connection, `update sign_in_links set expires_at = now() - interval '1 second'`);
    expect(await store.signInLinks.use('hash')).toBeUndefined();
    expect((await store.people.get(person.id)).invitedUntil).toBeNull();
  });

  it('ends earlier ones of the same person where that is wanted', async () => {
    const { store } = await withStore();
    const [a, b] = [await store.people.add(newPerson('a@x.org')), await store.people.add(newPerson('b@x.org'))];
    await store.signInLinks.make(a.id, 'a1', 600, false);
    await store.signInLinks.make(a.id, 'a2', 600, false);
    await store.signInLinks.make(b.id, 'b1', 600, false);
    await store.signInLinks.make(a.id, 'a3', 600, true);
    const good = [];
    for (const hash of ['a1', 'a2', 'a3', 'b1']) if ((await store.signInLinks.use(hash)) !== undefined) good.push(hash);
    expect(good).toEqual(['a3', 'b1']);
  });
});

describe('a code of an authenticator', () => {
  it('counts once for a person, also when it comes many times at once', async () => {
    const { store } = await withStore();
    const [a, b] = [await store.people.add(newPerson('a@x.org')), await store.people.add(newPerson('b@x.org'))];
    const taken = await Promise.all(Array.from({ length: 8 }, () => store.signInLinks.takeCode(a.id, '123456')));
    expect(taken.filter(Boolean)).toHaveLength(1);
    expect(await store.signInLinks.takeCode(b.id, '123456')).toBe(true);
    expect(await store.signInLinks.takeCode(a.id, '123457')).toBe(true);
  });

  it('may come again when chance gives it again, after it has long ceased to be good', async () => {
    const { store, connection } = await withStore();
    const { id } = await store.people.add(newPerson('a@x.org'));
    await store.signInLinks.takeCode(id, '123456');
    await query(connection, `update used_codes set used_at = now() - interval '170 seconds'`);
    expect(await store.signInLinks.takeCode(id, '123456')).toBe(false);
    await query(connection, `update used_codes set used_at = now() - interval '4 minutes'`);
    expect(await store.signInLinks.takeCode(id, '123456')).toBe(true);
  });
});
