import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { newEvent, query } from '../../test/builders.ts';
import type { Store } from '../index.ts';
import type { ClaimedDelivery } from './deliveries.ts';

const times = { mailHoldSeconds: 30, mailRestSeconds: 300 };

type Fixture = { store: Store; connection: Parameters<typeof query>[0]; webhookId: string; mailId: string };

async function open(): Promise<Fixture> {
  const { store, connection } = await withStore();
  await store.deliveries.fresh(1);
  const webhook = await store.webhooks.add({ name: 'chat', url: 'https://chat.example.org/' }, 'sealed', 'Ada');
  const rest = { kinds: [], severity: 'info', groups: [], range: null, owner: null, createdBy: 'Ada' } as const;
  const subscription = await store.subscriptions.add({
    ...rest,
    kinds: [],
    groups: [],
    target: { kind: 'email', address: 'ada@example.org' },
  });
  return { store, connection, webhookId: webhook.id, mailId: (await store.subscriptions.target(subscription.id)).id };
}

/** Events that are told to the targets, as the loop does it. */
async function tell({ store }: Fixture, count: number, ...targetIds: string[]): Promise<number[]> {
  await store.events.append(Array.from({ length: count }, (_, at) => newEvent(`event ${at}`)));
  const told: number[] = [];
  for (;;) {
    const { after, events } = await store.deliveries.fresh(1000);
    const eventIds = events.map((event) => event.id);
    if (eventIds.length === 0) return told;
    await store.deliveries.decide(
      after,
      eventIds.at(-1)!,
      targetIds.map((targetId) => ({ targetId, eventIds })),
      times,
    );
    told.push(...eventIds);
  }
}

const pass = ({ connection }: Fixture, seconds: number) =>
  query(
    connection,
    `update deliveries set next_attempt_at = next_attempt_at - interval '${seconds} seconds', claimed_until = claimed_until - interval '${seconds} seconds'`,
  );

const idsOf = (claimed: readonly ClaimedDelivery[]) => claimed.map((one) => one.events.map((event) => event.id));
const failed = (targetId: string) =>
  newEvent('nobody could be told', { kind: 'notification-failed', severity: 'error', data: { targetId } });

describe('the events that are not decided about', () => {
  it('are those after the first look, then those after the last decision', async () => {
    const { store } = await withStore();
    await store.events.append(newEvent('before'));
    expect((await store.deliveries.fresh(10)).events).toEqual([]);
    await store.events.append([newEvent('1'), newEvent('2'), newEvent('3')]);
    const { after, events } = await store.deliveries.fresh(2);
    expect(events.map((event) => event.message)).toEqual(['1', '2']);
    expect(await store.deliveries.decide(after, events[1]!.id, [], times)).toBe(true);
    expect((await store.deliveries.fresh(10)).events.map((event) => event.message)).toEqual(['3']);
  });

  it('are decided about once, by whichever server comes first', async () => {
    const fixture = await open();
    const { store, webhookId } = fixture;
    await store.events.append(newEvent('1'));
    const { after, events } = await store.deliveries.fresh(10);
    const plan = [{ targetId: webhookId, eventIds: [events[0]!.id] }];
    const outcomes = await Promise.all(Array.from({ length: 8 }, () => store.deliveries.decide(after, events[0]!.id, plan, times)));
    expect(outcomes.filter(Boolean)).toHaveLength(1);
    expect(idsOf((await store.deliveries.claim(10, 60)).deliveries)).toEqual([[events[0]!.id]]);
  });
});

describe('a delivery', () => {
  it('to a webhook is due at once, has everything needed, and is gone once delivered', async () => {
    const fixture = await open();
    const ids = await tell(fixture, 2, fixture.webhookId);
    const { deliveries } = await fixture.store.deliveries.claim(10, 60);
    expect(deliveries).toMatchObject([
      {
        attempts: 1,
        missed: 0,
        failingForSeconds: 0,
        target: { kind: 'webhook', address: 'https://chat.example.org/', sealedSecret: 'sealed' },
      },
    ]);
    expect(idsOf(deliveries)).toEqual([ids]);
    expect(await fixture.store.webhooks.get('chat')).toMatchObject({ waiting: 2 });
    await fixture.store.deliveries.delivered(deliveries[0]!.id);
    expect(await fixture.store.deliveries.claim(10, 60)).toEqual({ deliveries: [], nextInSeconds: null });
    expect(await fixture.store.webhooks.get('chat')).toMatchObject({ waiting: 0, lastDeliveredAt: expect.any(String) });
  });

  it('is tried by one server, and by another when that one died', async () => {
    const fixture = await open();
    await tell(fixture, 1, fixture.webhookId);
    const claims = await Promise.all(Array.from({ length: 6 }, () => fixture.store.deliveries.claim(10, 60)));
    const [first, ...others] = claims.flatMap((claim) => claim.deliveries);
    expect(others).toEqual([]);
    expect((await fixture.store.deliveries.claim(10, 60)).nextInSeconds).toBeGreaterThan(50);
    await pass(fixture, 61);
    const [again] = (await fixture.store.deliveries.claim(10, 60)).deliveries;
    expect(again).toMatchObject({ id: first!.id, attempts: 2 });
  });

  it('that could not take place is due again at once, as if it had not been', async () => {
    const fixture = await open();
    await tell(fixture, 1, fixture.webhookId);
    const [first] = (await fixture.store.deliveries.claim(10, 60)).deliveries;
    await fixture.store.deliveries.release(first!.id);
    expect((await fixture.store.deliveries.claim(10, 60)).deliveries).toMatchObject([{ id: first!.id, attempts: 1 }]);
  });

  it('holds up those after it until it succeeds, so that events arrive in their order', async () => {
    const fixture = await open();
    await tell(fixture, 1, fixture.webhookId);
    const [first] = (await fixture.store.deliveries.claim(10, 60)).deliveries;
    await tell(fixture, 1, fixture.webhookId);
    await tell(fixture, 1, fixture.webhookId);
    expect((await fixture.store.deliveries.claim(10, 60)).deliveries).toEqual([]);
    await fixture.store.deliveries.retry(first!.id, 'the server answered 500', 40);
    expect(await fixture.store.webhooks.get('chat')).toMatchObject({ state: 'failing', lastError: 'the server answered 500', waiting: 3 });
    const { deliveries, nextInSeconds } = await fixture.store.deliveries.claim(10, 60);
    expect([deliveries, Math.round(nextInSeconds ?? 0)]).toEqual([[], 40]);
    await pass(fixture, 41);
    const [again] = (await fixture.store.deliveries.claim(10, 60)).deliveries;
    expect(again).toMatchObject({ id: first!.id, attempts: 2 });
    expect(again!.failingForSeconds).toBeGreaterThan(0);
    await fixture.store.deliveries.delivered(again!.id);
    expect(await fixture.store.webhooks.get('chat')).toMatchObject({ state: 'working', failingSince: null });
    // What came while it failed goes together.
    expect((await fixture.store.deliveries.claim(10, 60)).deliveries[0]?.events).toHaveLength(2);
  });

  it('to a webhook has at most a hundred events', async () => {
    const fixture = await open();
    const ids = await tell(fixture, 250, fixture.webhookId);
    const got: number[][] = [];
    for (;;) {
      const [next] = (await fixture.store.deliveries.claim(10, 60)).deliveries;
      if (next === undefined) break;
      got.push(next.events.map((event) => event.id));
      await fixture.store.deliveries.delivered(next.id);
    }
    expect(got.map((one) => one.length)).toEqual([100, 100, 50]);
    expect(got.flat()).toEqual(ids);
  });

  it('by mail waits for more, and all of it is one', async () => {
    const fixture = await open();
    for (let i = 0; i < 5; i += 1) await tell(fixture, 100, fixture.mailId);
    const { deliveries, nextInSeconds } = await fixture.store.deliveries.claim(10, 60);
    expect(deliveries).toEqual([]);
    expect(nextInSeconds).toBeGreaterThan(20);
    expect(nextInSeconds).toBeLessThanOrEqual(30);
    await pass(fixture, 31);
    const [mail] = (await fixture.store.deliveries.claim(10, 60)).deliveries;
    expect(mail?.events).toHaveLength(500);
    await fixture.store.deliveries.delivered(mail!.id);
    // A storm that goes on: the next mail rests.
    await tell(fixture, 3, fixture.mailId);
    expect((await fixture.store.deliveries.claim(10, 60)).nextInSeconds).toBeGreaterThan(290);
  });

  it('has a bound: what does not fit is counted', async () => {
    const fixture = await open();
    await tell(fixture, 10_050, fixture.webhookId, fixture.mailId);
    expect(await fixture.store.webhooks.get('chat')).toMatchObject({ waiting: 10_000 });
    await pass(fixture, 31);
    const { deliveries } = await fixture.store.deliveries.claim(10, 60);
    const mail = deliveries.find((one) => one.target.kind === 'email');
    expect([mail?.events.length, mail?.missed]).toEqual([10_000, 50]);
    expect(await query(fixture.connection, 'select sum(missed)::integer as missed from deliveries')).toEqual([{ missed: 100 }]);
  });
});

describe('a failure for good', () => {
  it('of one message drops it, and is made known once until the next success', async () => {
    const fixture = await open();
    const events = async () => (await fixture.store.events.list({ limit: 100, kinds: ['notification-failed'] })).length;
    for (const known of [1, 1]) {
      await tell(fixture, 1, fixture.mailId);
      await pass(fixture, 31);
      const [mail] = (await fixture.store.deliveries.claim(10, 60)).deliveries;
      await fixture.store.deliveries.giveUp(mail!.id, 'no such mailbox', failed(fixture.mailId));
      expect(await events()).toBe(known);
    }
    expect((await fixture.store.deliveries.claim(10, 60)).deliveries).toEqual([]);
    await tell(fixture, 1, fixture.mailId);
    await pass(fixture, 31);
    await fixture.store.deliveries.delivered((await fixture.store.deliveries.claim(10, 60)).deliveries[0]!.id);
    await tell(fixture, 1, fixture.mailId);
    await pass(fixture, 331);
    await fixture.store.deliveries.giveUp((await fixture.store.deliveries.claim(10, 60)).deliveries[0]!.id, 'gone', failed(fixture.mailId));
    expect(await events()).toBe(2);
  });

  it('of a webhook disables it, and nothing waits for it any more', async () => {
    const fixture = await open();
    await tell(fixture, 150, fixture.webhookId);
    const [first] = (await fixture.store.deliveries.claim(10, 60)).deliveries;
    await fixture.store.deliveries.disable(first!.id, 'away for days', failed(fixture.webhookId));
    expect(await fixture.store.webhooks.get('chat')).toMatchObject({ state: 'disabled', waiting: 0, lastError: 'away for days' });
    expect(await fixture.store.events.list({ limit: 1 })).toMatchObject([{ kind: 'notification-failed' }]);
    await tell(fixture, 1, fixture.webhookId);
    expect(await fixture.store.deliveries.claim(10, 60)).toEqual({ deliveries: [], nextInSeconds: null });
    await fixture.store.webhooks.enable('chat');
    await tell(fixture, 1, fixture.webhookId);
    expect((await fixture.store.deliveries.claim(10, 60)).deliveries).toHaveLength(1);
  });

  it('of what is gone meanwhile is nothing', async () => {
    const fixture = await open();
    await tell(fixture, 1, fixture.webhookId);
    const [first] = (await fixture.store.deliveries.claim(10, 60)).deliveries;
    await fixture.store.webhooks.remove('chat');
    const { id } = first!;
    const { delivered, retry, release, giveUp, disable } = fixture.store.deliveries;
    await Promise.all([delivered(id), retry(id, 'x', 1), release(id), giveUp(id, 'x', failed('x')), disable(id, 'x', failed('x'))]);
    expect(await fixture.store.events.list({ limit: 100, kinds: ['notification-failed'] })).toEqual([]);
  });
});
