import { randomUUID } from 'node:crypto';
import { Subscription } from '@muster/api';
import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { query } from '../../test/builders.ts';
import { SubscriptionNotFound, WebhookNotFound } from '../errors.ts';
import type { NewSubscription } from './subscriptions.ts';

const wish = (rest: Partial<NewSubscription> = {}): NewSubscription => ({
  target: { kind: 'email', address: 'ada@example.org' },
  kinds: [],
  severity: 'warning',
  groups: [],
  range: null,
  owner: null,
  createdBy: 'Ada',
  ...rest,
});

const addPerson = (connection: Parameters<typeof query>[0], email: string) =>
  query(connection, `insert into "user" ("id", "name", "email", "emailVerified") values ($1, 'Ada', $2, true)`, [randomUUID(), email]);

describe('a subscription', () => {
  it('is added and listed as the API shows it', async () => {
    const { store } = await withStore();
    const webhook = await store.webhooks.add({ name: 'chat', url: 'https://chat.example.org/' }, 'sealed', 'Ada');
    const added = [
      await store.subscriptions.add(wish({ kinds: ['node-health', 'sign-in'], groups: ['rack1'], range: 'node[01-05]' })),
      await store.subscriptions.add(wish({ target: { kind: 'webhook', webhookId: webhook.id }, severity: 'info' })),
      await store.subscriptions.add(wish({ owner: 'Ada@Example.org' })),
    ];
    expect(await store.subscriptions.list()).toEqual(added);
    expect(added.map((one) => Subscription.parse(one))).toEqual(added);
    expect(added[0]).toMatchObject({ kinds: ['node-health', 'sign-in'], groups: ['rack1'], range: 'node[01-05]', own: false });
    expect(added[1]).toMatchObject({ target: { kind: 'webhook', webhookId: webhook.id, name: 'chat' } });
    expect(added[2]).toMatchObject({ own: true });
  });

  it('of one mailbox is of one target, however it is written', async () => {
    const { store, connection } = await withStore();
    await Promise.all(
      ['ada@example.org', 'Ada@Example.ORG', 'ADA@EXAMPLE.ORG'].map((address) =>
        store.subscriptions.add(wish({ target: { kind: 'email', address } })),
      ),
    );
    expect(await query(connection, 'select name from notification_targets')).toEqual([{ name: 'ada@example.org' }]);
  });

  it('is listed for whom it tells or who made it', async () => {
    const { store } = await withStore();
    await store.subscriptions.add(wish());
    await store.subscriptions.add(wish({ owner: 'ada@example.org' }));
    await store.subscriptions.add(wish({ target: { kind: 'email', address: 'bob@example.org' } }));
    expect(await store.subscriptions.list('ADA@example.org')).toHaveLength(2);
    expect(await store.subscriptions.list('nobody@example.org')).toEqual([]);
  });

  it('is removed, and only by whose it is', async () => {
    const { store, connection } = await withStore();
    const [own, given] = [await store.subscriptions.add(wish({ owner: 'ada@example.org' })), await store.subscriptions.add(wish())];
    await expect(store.subscriptions.remove(own.id, 'bob@example.org')).rejects.toThrow(SubscriptionNotFound);
    await expect(store.subscriptions.remove(given.id, 'ada@example.org')).rejects.toThrow(SubscriptionNotFound);
    await store.subscriptions.remove(own.id, 'ADA@example.org');
    expect(await query(connection, 'select name from notification_targets')).toHaveLength(1);
    await store.subscriptions.remove(given.id);
    expect(await query(connection, 'select name from notification_targets')).toEqual([]);
    await expect(store.subscriptions.remove(given.id)).rejects.toThrow(SubscriptionNotFound);
    await expect(store.subscriptions.target(given.id)).rejects.toThrow(SubscriptionNotFound);
  });

  it('of a webhook that is gone is refused', async () => {
    const { store } = await withStore();
    await expect(store.subscriptions.add(wish({ target: { kind: 'webhook', webhookId: randomUUID() } }))).rejects.toThrow(WebhookNotFound);
  });

  it('keeps text that PostgreSQL itself would refuse', async () => {
    const { store } = await withStore();
    const added = await store.subscriptions.add(wish({ range: 'a\u0000', groups: ['\uD800'], createdBy: '\u0000' }));
    expect(added).toMatchObject({ range: 'a\uFFFD', groups: ['\uFFFD'], createdBy: '\uFFFD' });
  });
});

describe('the rules in force', () => {
  it('are those of targets that work and of accounts that are there', async () => {
    const { store, connection } = await withStore();
    const webhook = await store.webhooks.add({ name: 'chat', url: 'https://chat.example.org/' }, 'sealed', 'Ada');
    await store.subscriptions.add(wish({ target: { kind: 'webhook', webhookId: webhook.id }, severity: 'error', groups: ['a'] }));
    await store.subscriptions.add(wish({ owner: 'ada@example.org' }));
    const rule = { targetId: webhook.id, kinds: [], severity: 'error', groups: ['a'], range: null };
    expect(await store.subscriptions.rules()).toEqual([rule]);
    await addPerson(connection, 'ada@example.org');
    expect(await store.subscriptions.rules()).toHaveLength(2);
    await query(connection, "update notification_targets set disabled_at = now() where kind = 'webhook'");
    expect(await store.subscriptions.rules()).toMatchObject([{ severity: 'warning' }]);
  });
});
