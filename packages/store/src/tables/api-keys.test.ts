import { ApiKey } from '@muster/api';
import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { newPerson, query } from '../../test/builders.ts';
import type { NewKey } from './api-keys.ts';

const allow = () => undefined;
const newKey = (change: Partial<NewKey> = {}): NewKey => ({
  keySha256: 'hash',
  prefix: 'muster_abc',
  name: 'ci',
  ownerId: null,
  grant: { role: 'operator', groups: ['web'], mayExec: false },
  lifetimeDays: 30,
  ...change,
});

describe('a key', () => {
  it('is made, listed for its owner and for all, and shows nothing that could be used', async () => {
    const { store } = await withStore();
    const ada = await store.people.add(newPerson('ada@x.org', { role: 'operator' }));
    const own = await store.apiKeys.make(newKey({ ownerId: ada.id }));
    const local = await store.apiKeys.make(newKey({ keySha256: 'other', name: 'backup' }));
    expect(own).toMatchObject({
      name: 'ci',
      prefix: 'muster_abc',
      ownerId: ada.id,
      ownerName: 'ada@x.org',
      state: 'active',
      lastUsedAt: null,
    });
    expect(local).toMatchObject({ ownerId: null, ownerName: 'the server itself' });
    expect(ApiKey.parse(own)).toEqual(own);
    expect(Math.abs(Date.parse(own.expiresAt) - Date.parse(own.createdAt) - 30 * 86_400_000)).toBeLessThan(3_700_000);
    expect(await store.apiKeys.list('all')).toEqual([local, own]);
    expect(await store.apiKeys.list({ ownerId: ada.id })).toEqual([own]);
    expect(await store.apiKeys.list({ ownerId: null })).toEqual([local]);
    expect(JSON.stringify(own)).not.toContain('hash');
  });

  it('is good by its hash, and notes its use at most once a minute', async () => {
    const { store, connection } = await withStore();
    const { id } = await store.apiKeys.make(newKey());
    expect(await store.apiKeys.use('wrong', '10.0.0.1')).toBeUndefined();
    expect(await store.apiKeys.use('hash', '10.0.0.1')).toMatchObject({ key: { id }, ownerGrant: null });
    const first = await store.apiKeys.get(id, 'all');
    expect(first.lastUsedFrom).toBe('10.0.0.1');
    await store.apiKeys.use('hash', '10.0.0.2');
    expect(await store.apiKeys.get(id, 'all')).toEqual(first);
    await query(connection, `update api_keys set last_used_at = now() - interval '61 seconds'`);
    await store.apiKeys.use('hash', '10.0.0.2');
    expect((await store.apiKeys.get(id, 'all')).lastUsedFrom).toBe('10.0.0.2');
  });

  it('tells what its owner may do now', async () => {
    const { store } = await withStore();
    const ada = await store.people.add(newPerson('ada@x.org', { role: 'operator', groups: ['web', 'db'], mayExec: true }));
    await store.apiKeys.make(newKey({ ownerId: ada.id }));
    expect((await store.apiKeys.use('hash', 'x'))?.ownerGrant).toEqual({ role: 'operator', groups: ['web', 'db'], mayExec: true });
    await store.people.change(ada.id, { role: 'viewer', groups: [], mayExec: false }, allow);
    expect((await store.apiKeys.use('hash', 'x'))?.ownerGrant).toEqual({ role: 'viewer', groups: [], mayExec: false });
  });

  it('is of no use once it was revoked, has expired, or its owner is shut out or gone', async () => {
    const { store, connection } = await withStore();
    const ada = await store.people.add(newPerson('ada@x.org'));
    const { id } = await store.apiKeys.make(newKey({ ownerId: ada.id }));
    const isGood = async () => (await store.apiKeys.use('hash', 'x')) !== undefined;
    const state = async () => (await store.apiKeys.get(id, 'all')).state;
    await store.people.disable(ada.id, allow);
    expect([await isGood(), await state()]).toEqual([false, 'unusable']);
    await store.people.enable(ada.id, allow);
    expect([await isGood(), await state()]).toEqual([true, 'active']);
    await query(connection, `update api_keys set expires_at = now() - interval '1 second'`);
    expect([await isGood(), await state()]).toEqual([false, 'expired']);
    await query(connection, `update api_keys set expires_at = now() + interval '1 day'`);
    const revoked = await store.apiKeys.revoke(id, { ownerId: ada.id });
    expect([await isGood(), revoked.state]).toEqual([false, 'revoked']);
    expect(await store.apiKeys.revoke(id, 'all')).toEqual(revoked);
    expect(await store.events.list({ limit: 1 })).toMatchObject([{ kind: 'person-changed', data: { keyId: id, change: 'key-revoked' } }]);
    await store.people.remove(ada.id, allow);
    expect([await isGood(), await store.apiKeys.list('all')]).toEqual([false, []]);
  });

  it('of somebody else is not found', async () => {
    const { store } = await withStore();
    const ada = await store.people.add(newPerson('ada@x.org'));
    const { id } = await store.apiKeys.make(newKey());
    for (const owner of [{ ownerId: ada.id }, { ownerId: 'x' }]) {
      await expect(store.apiKeys.revoke(id, owner)).rejects.toMatchObject({ name: 'ApiKeyNotFound' });
      await expect(store.apiKeys.get(id, owner)).rejects.toMatchObject({ name: 'ApiKeyNotFound' });
    }
    expect((await store.apiKeys.get(id, { ownerId: null })).state).toBe('active');
  });
});
