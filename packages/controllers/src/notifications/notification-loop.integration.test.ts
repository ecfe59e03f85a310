import { NodeCreate } from '@muster/api';
import { StoreUnavailable } from '@muster/store';
import { describe, expect, it, vi } from 'vitest';
import { event, openNotifications } from '../../test/notification-fixture.ts';

describe('what happens', () => {
  it('is told to whoever wants to hear of it, in order and once', async () => {
    const { loop, run, say, teller, webhook } = await openNotifications();
    await webhook('chat');
    await webhook('pager', { kinds: ['sign-in'] });
    await say('one', 'two');
    await run();
    await say('three');
    await run();
    expect(teller.messages).toEqual([['one', 'two'], ['three']]);
    expect(new Set(teller.told.map((one) => one.id)).size).toBe(2);
    await loop.tick();
    expect(teller.told).toHaveLength(2);
  });

  it('before somebody subscribed is not told', async () => {
    const { run, say, teller, webhook } = await openNotifications();
    await say('before');
    await run();
    await webhook('chat');
    await say('after');
    await run();
    expect(teller.messages).toEqual([['after']]);
  });

  it('to 500 nodes at once is one mail', async () => {
    const { store, run, pass, teller, subscribe } = await openNotifications();
    await subscribe();
    await store.events.append(Array.from({ length: 500 }, (_, at) => event(`node${at} is bad`, { nodeName: `node${at}` })));
    await run();
    expect(teller.told).toEqual([]);
    await pass(31);
    await run();
    expect(teller.messages.map((one) => one.length)).toEqual([500]);
    // The storm goes on; the next mail comes five minutes after the first.
    await store.events.append(Array.from({ length: 300 }, (_, at) => event(`node${at} is bad again`)));
    await run();
    await pass(200);
    await run();
    expect(teller.told).toHaveLength(1);
    await pass(101);
    await run();
    expect(teller.messages.map((one) => one.length)).toEqual([500, 300]);
  });

  it('to nodes of a range or a group is told to who wants those, and nodes in maintenance call nobody', async () => {
    const { store, run, teller, webhook } = await openNotifications();
    const [a, b, c] = await Promise.all(
      ['node1', 'node2', 'node3'].map((name) => store.nodes.add(NodeCreate.parse({ name, groups: name === 'node2' ? ['rack'] : [] }))),
    );
    await webhook('range', { range: 'node[1-2]' });
    await webhook('group', { groups: ['rack'] });
    const maintenance = { action: 'begin-maintenance', reason: 'disk' } as const;
    await store.administration.act([{ id: a!.id, name: a!.name }], maintenance, 'Ada', () => undefined);
    for (const node of [a, b, c]) await store.events.append(event(`${node!.name} is bad`, { nodeId: node!.id, nodeName: node!.name }));
    await run();
    expect(teller.told.map((one) => `${one.target.name}: ${one.events.map((event) => event.message).join()}`).toSorted()).toEqual([
      'group: node2 is bad',
      'range: node2 is bad',
    ]);
  });
});

describe('a target that does not work', () => {
  it('is tried again later and later, and holds up no other', async () => {
    const { run, say, pass, teller, webhook, store } = await openNotifications();
    await webhook('broken');
    await webhook('chat');
    teller.outcome = ({ target }) => (target.name === 'broken' ? { told: false, message: 'status 500', permanent: false } : { told: true });
    await say('one');
    await run();
    expect(await store.webhooks.get('broken')).toMatchObject({ state: 'failing', lastError: 'status 500', waiting: 1 });
    await say('two');
    await run();
    const toBroken = () => teller.told.filter((one) => one.target.name === 'broken');
    expect(toBroken()).toHaveLength(1);
    for (const seconds of [11, 21, 41]) {
      await pass(seconds);
      await run();
    }
    expect(toBroken().map((one) => one.attempts)).toEqual([1, 2, 3, 4]);
    expect(new Set(toBroken().map((one) => one.id)).size).toBe(1);
    teller.outcome = () => ({ told: true });
    await pass(81);
    await run();
    expect(await store.webhooks.get('broken')).toMatchObject({ state: 'working', waiting: 0 });
    expect(
      toBroken()
        .slice(-2)
        .map((one) => one.events.map((event) => event.message)),
    ).toEqual([['one'], ['two']]);
  });

  it('for three days is disabled, with an event that reaches the others', async () => {
    const { run, say, pass, teller, webhook, store } = await openNotifications();
    await webhook('broken');
    await webhook('chat');
    teller.outcome = ({ target }) => (target.name === 'broken' ? { told: false, message: 'status 500', permanent: false } : { told: true });
    await say('one');
    await run();
    await pass(72 * 3600 + 1);
    await run();
    expect(await store.webhooks.get('broken')).toMatchObject({ state: 'disabled', waiting: 0 });
    expect(teller.messages.at(-1)).toEqual([
      expect.stringMatching(/^The webhook broken has failed for days .* The last error: status 500$/u),
    ]);
    expect(teller.told.at(-1)?.target.name).toBe('chat');
    await say('two');
    await run();
    expect(teller.told.filter((one) => one.target.name === 'broken')).toHaveLength(2);
  });

  it('that refuses for good loses that one message, and the failure does not go round', async () => {
    const { run, say, pass, teller, subscribe, store } = await openNotifications();
    await subscribe();
    teller.outcome = () => ({ told: false, message: 'no such mailbox', permanent: true });
    for (let round = 0; round < 5; round += 1) {
      await say(`event ${round}`);
      await run();
      await pass(31);
      await run();
    }
    expect(teller.messages).toEqual([['event 0'], ['event 1'], ['event 2'], ['event 3'], ['event 4']]);
    expect(await store.events.list({ limit: 100, kinds: ['notification-failed'] })).toHaveLength(1);
  });

  it('because of a fault of the teller itself is tried again too', async () => {
    const { run, say, teller, webhook, store } = await openNotifications();
    await webhook('chat');
    teller.outcome = () => Promise.reject(new TypeError('a fault'));
    await say('one');
    await run();
    expect(await store.webhooks.get('chat')).toMatchObject({ state: 'failing', lastError: 'a fault' });
  });
});

describe('a process that ends', () => {
  it('between the decision and the telling leaves it to the next one', async () => {
    const { store, say, another, teller, webhook } = await openNotifications();
    await webhook('chat');
    await say('one');
    const { after, events } = await store.deliveries.fresh(10);
    const [rule] = await store.subscriptions.rules();
    const plan = [{ targetId: rule!.targetId, eventIds: events.map((one) => one.id) }];
    await store.deliveries.decide(after, events.at(-1)!.id, plan, { mailHoldSeconds: 0, mailRestSeconds: 0 });
    const next = another();
    await next.tick();
    await next.settled();
    expect(teller.messages).toEqual([['one']]);
  });

  it('in order breaks off what is under way, and the next one does it at once', async () => {
    const { loop, say, another, teller, webhook } = await openNotifications();
    await webhook('chat');
    await say('one');
    teller.outcome = (_, signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error));
      });
    loop.invalidate();
    await loop.tick();
    expect(teller.told).toHaveLength(1);
    await loop.stop();
    teller.outcome = () => ({ told: true });
    const next = another();
    await next.tick();
    await next.settled();
    expect(teller.told.map((one) => [one.id, one.attempts])).toEqual([
      [teller.told[0]!.id, 1],
      [teller.told[0]!.id, 1],
    ]);
  });

  it('without a word after the message went out has it sent again under the same id', async () => {
    const { store, run, say, pass, another, teller, webhook, log } = await openNotifications();
    await webhook('chat');
    await say('one');
    const written = vi.spyOn(store.deliveries, 'delivered').mockRejectedValueOnce(new StoreUnavailable('gone'));
    await run();
    expect(written).toHaveBeenCalledOnce();
    expect(log.messages('warn')).toEqual([expect.stringContaining('may be sent again')]);
    await pass(91);
    const next = another();
    await next.tick();
    await next.settled();
    expect(teller.told.map((one) => one.id)).toEqual([teller.told[0]!.id, teller.told[0]!.id]);
  });

  it('of several at once: each message goes out once', async () => {
    const { say, another, teller, webhook } = await openNotifications();
    await webhook('chat');
    const loops = Array.from({ length: 4 }, () => another());
    for (let round = 0; round < 5; round += 1) {
      await say(`event ${round}`);
      for (const loop of loops) loop.invalidate();
      await Promise.all(loops.map((loop) => loop.tick()));
      await Promise.all(loops.map((loop) => loop.settled()));
    }
    for (const loop of loops) await loop.tick();
    await Promise.all(loops.map((loop) => loop.settled()));
    expect(teller.messages.flat()).toEqual(['event 0', 'event 1', 'event 2', 'event 3', 'event 4']);
  });
});

it('decides again from where it was when the database was away', async () => {
  const { store, loop, run, say, teller, webhook } = await openNotifications();
  await webhook('chat');
  await say('one');
  vi.spyOn(store.deliveries, 'fresh').mockRejectedValueOnce(new StoreUnavailable('away'));
  loop.invalidate();
  await expect(loop.tick()).rejects.toThrow('away');
  await run();
  expect(teller.messages).toEqual([['one']]);
});

it('goes by itself once started', async () => {
  const { store, loop, say, teller, webhook } = await openNotifications();
  await webhook('chat');
  const listener = await store.events.listen(() => loop.invalidate());
  loop.start();
  await say('one');
  await vi.waitFor(() => expect(teller.messages).toEqual([['one']]), { timeout: 10_000 });
  await loop.stop();
  await listener.stop();
});
