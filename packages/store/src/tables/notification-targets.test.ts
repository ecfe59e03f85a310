import { randomUUID } from 'node:crypto';
import { Webhook } from '@muster/api';
import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { query } from '../../test/builders.ts';
import { WebhookExists, WebhookNotFound } from '../errors.ts';

const create = (name = 'chat') => ({ name, url: `https://${name}.example.org/hook` });

describe('a webhook', () => {
  it('is added, read by id and by name, and shows no secret', async () => {
    const { store } = await withStore();
    const added = await store.webhooks.add(create(), 'sealed', 'Ada');
    expect(Webhook.parse(added)).toEqual(added);
    expect(added).toMatchObject({ ...create(), state: 'working', waiting: 0, createdBy: 'Ada', failingSince: null });
    expect(await store.webhooks.get('chat')).toEqual(added);
    expect(await store.webhooks.get(added.id)).toEqual(added);
    expect(await store.webhooks.list()).toEqual([added]);
    expect(JSON.stringify(added)).not.toContain('sealed');
    expect(await store.webhooks.target('chat')).toEqual({
      id: added.id,
      kind: 'webhook',
      name: 'chat',
      address: create().url,
      sealedSecret: 'sealed',
    });
  });

  it('has a name of its own', async () => {
    const { store } = await withStore();
    await store.webhooks.add(create(), 'sealed', 'Ada');
    await expect(store.webhooks.add(create(), 'sealed', 'Ada')).rejects.toThrow(WebhookExists);
    await store.webhooks.add(create('alarm'), 'sealed', 'Ada');
    expect((await store.webhooks.list()).map((one) => one.name)).toEqual(['alarm', 'chat']);
  });

  it('gets another secret, and is enabled again', async () => {
    const { store, connection } = await withStore();
    const { id } = await store.webhooks.add(create(), 'sealed', 'Ada');
    await store.webhooks.renewSecret('chat', 'other');
    expect(await store.webhooks.target(id)).toMatchObject({ sealedSecret: 'other' });
    await query(connection, "update notification_targets set disabled_at = now(), failing_since = now(), last_error = 'away'");
    expect(await store.webhooks.get(id)).toMatchObject({ state: 'disabled', lastError: 'away' });
    expect(await store.webhooks.enable(id)).toMatchObject({ state: 'working', failingSince: null, lastError: null });
  });

  it('goes with its subscriptions', async () => {
    const { store } = await withStore();
    const { id } = await store.webhooks.add(create(), 'sealed', 'Ada');
    const rest = { kinds: [], severity: 'error', groups: [], range: null, owner: null, createdBy: 'Ada' } as const;
    await store.subscriptions.add({ ...rest, kinds: [], groups: [], target: { kind: 'webhook', webhookId: id } });
    await store.webhooks.remove('chat');
    expect([await store.webhooks.list(), await store.subscriptions.list()]).toEqual([[], []]);
  });

  it.each(['nobody', randomUUID(), '', '\u0000', "' or true --"])('that is not there is named: %j', async (name) => {
    const { store } = await withStore();
    await store.webhooks.add(create(), 'sealed', 'Ada');
    for (const call of [store.webhooks.get, store.webhooks.enable, store.webhooks.remove, store.webhooks.target]) {
      await expect(call(name)).rejects.toThrow(WebhookNotFound);
    }
    await expect(store.webhooks.renewSecret(name, 'x')).rejects.toThrow(WebhookNotFound);
    expect(await store.webhooks.list()).toHaveLength(1);
  });
});
