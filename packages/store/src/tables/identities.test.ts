import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { newPerson, query } from '../../test/builders.ts';
import type { ProvidedIdentity } from './identities.ts';

const allow = () => undefined;
const identity = (change: Partial<ProvidedIdentity> = {}): ProvidedIdentity => ({
  issuer: 'https://id.example.org',
  subject: 'sub-1',
  email: 'ada@example.org',
  emailVerified: true,
  name: 'Ada',
  grant: { role: 'operator', groups: ['web'], mayExec: true },
  grantFromProvider: true,
  ...change,
});

describe('who comes in through an identity provider', () => {
  it('is given an account once, and found by issuer and subject again', async () => {
    const { store } = await withStore();
    const all = await Promise.all([1, 2, 3].map(() => store.identities.comeIn(identity())));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(all[0]).toMatchObject({ email: 'ada@example.org', name: 'Ada', role: 'operator', groups: ['web'], mayExec: true });
    expect(all[0]).toMatchObject({ provider: 'https://id.example.org', grantFromProvider: true, state: 'invited' });
    const other = await store.identities.comeIn(identity({ subject: 'sub-2', email: 'bob@example.org' }));
    expect(other.id).not.toBe(all[0]?.id);
    await expect(store.identities.comeIn(identity({ issuer: 'https://other.example.org' }))).rejects.toMatchObject({
      name: 'PersonExists',
    });
  });

  it('keeps the account under another name and address at the provider', async () => {
    const { store } = await withStore();
    const first = await store.identities.comeIn(identity());
    const again = await store.identities.comeIn(identity({ name: 'Ada L.', email: 'other@example.org' }));
    expect(again).toMatchObject({ id: first.id, name: 'Ada L.', email: 'ada@example.org' });
  });

  it('may what the provider says now; what changed ends the sessions that were begun before', async () => {
    const { store, connection } = await withStore();
    const { id } = await store.identities.comeIn(identity());
    const session = `insert into "session" ("id", "expiresAt", "token", "updatedAt", "userId") values ('1', now(), 't', now(), '${id}')`;
    await query(connection, session);
    await store.identities.comeIn(identity());
    expect(await query(connection, 'select * from "session"')).toHaveLength(1);
    const less = await store.identities.comeIn(identity({ grant: { role: 'viewer', groups: null, mayExec: false } }));
    expect(less).toMatchObject({ id, role: 'viewer', groups: null, mayExec: false });
    expect(await query(connection, 'select * from "session"')).toEqual([]);
    expect(await store.events.list({ limit: 1 })).toMatchObject([{ kind: 'person-changed', data: { personId: id, change: 'changed' } }]);
  });

  it('keeps what an administrator decided, where the provider says nothing of it', async () => {
    const { store } = await withStore();
    const { id } = await store.identities.comeIn(
      identity({ grantFromProvider: false, grant: { role: 'viewer', groups: null, mayExec: false } }),
    );
    await store.people.change(id, { role: 'operator', groups: ['db'] }, allow);
    const again = await store.identities.comeIn(
      identity({ grantFromProvider: false, grant: { role: 'viewer', groups: null, mayExec: false } }),
    );
    expect(again).toMatchObject({ role: 'operator', groups: ['db'], grantFromProvider: false });
  });
});

describe('an account of somebody else', () => {
  it('is not taken over by its address', async () => {
    const { store } = await withStore();
    const used = await store.people.add(newPerson('ada@example.org', { role: 'administrator' }));
    await store.people.signedIn(used.id);
    await expect(store.identities.comeIn(identity())).rejects.toMatchObject({ name: 'PersonExists' });
    expect(await store.people.get(used.id)).toMatchObject({ provider: null, role: 'administrator' });
  });

  it('is taken over where it waits for its person and the provider has checked the address', async () => {
    const { store } = await withStore();
    const invited = await store.people.add(newPerson('ada@example.org', { role: 'administrator' }));
    await store.signInLinks.make(invited.id, 'hash', 600, false);
    await expect(store.identities.comeIn(identity({ emailVerified: false }))).rejects.toMatchObject({ name: 'PersonExists' });
    const came = await store.identities.comeIn(identity({ email: 'ADA@example.org', grantFromProvider: false }));
    expect(came).toMatchObject({ id: invited.id, role: 'administrator', provider: 'https://id.example.org', invitedUntil: null });
    expect(await store.signInLinks.use('hash')).toBeUndefined();
  });

  it('is not taken over where it has a password already, though nobody came in yet', async () => {
    const { store, connection } = await withStore();
    const { id } = await store.people.add(newPerson('ada@example.org'));
    await query(
      connection,
      `insert into "account" ("id", "accountId", "providerId", "userId", "password", "updatedAt") values ('1', '${id}', 'credential', '${id}', 'hash', now())`,
    );
    await expect(store.identities.comeIn(identity())).rejects.toMatchObject({ name: 'PersonExists' });
  });
});
