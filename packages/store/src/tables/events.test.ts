import { Event } from '@muster/api';
import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { newEvent, nodeCreate, query } from '../../test/builders.ts';

describe('append', () => {
  it('keeps events as given, with an id and the database’s moment', async () => {
    const { store } = await withStore();
    const node = await store.nodes.add(nodeCreate('worker1'));
    const given = newEvent('hello', {
      kind: 'node-health',
      severity: 'error',
      nodeId: node.id,
      nodeName: 'worker1',
      data: { from: 'good', list: [1, null] },
    });
    await store.events.append(given);
    const [event] = await store.events.list({ limit: 1 });
    expect(event).toMatchObject(given);
    expect(Event.parse(event)).toEqual(event);
    expect(Math.abs(Date.parse(String(event?.at)) - Date.now())).toBeLessThan(30_000);
  });

  it('takes many at once, in their order, and none', async () => {
    const { store } = await withStore();
    await store.events.append([]);
    await store.events.append(Array.from({ length: 3000 }, (_, i) => newEvent(`event ${i}`)));
    const events = await store.events.list({ limit: 1000, after: 0 });
    expect(events.map((event) => event.message)).toEqual(Array.from({ length: 1000 }, (_, i) => `event ${i}`));
  });

  it('keeps text that PostgreSQL itself would refuse', async () => {
    const { store } = await withStore();
    await store.events.append(newEvent('a\u0000b', { nodeName: '\uD800', data: { text: '\u0000' } }));
    expect(await store.events.list({ limit: 1 })).toMatchObject([{ message: 'a\uFFFDb', nodeName: '\uFFFD', data: { text: '\uFFFD' } }]);
  });

  it('is all that can be done to them', async () => {
    const { store, connection } = await withStore();
    await store.events.append(newEvent('kept'));
    await expect(query(connection, "update events set message = 'changed'")).rejects.toThrow(/append-only/u);
    await expect(query(connection, 'delete from events')).rejects.toThrow(/append-only/u);
    expect(await store.events.list({ limit: 10 })).toHaveLength(1);
  });
});

describe('list', () => {
  it('pages back from the newest and forth from any', async () => {
    const { store } = await withStore();
    const [a, b] = [await store.nodes.add(nodeCreate('a')), await store.nodes.add(nodeCreate('b'))];
    for (let i = 0; i < 10; i += 1) await store.events.append(newEvent(`${i}`, { nodeId: i % 2 === 0 ? a.id : b.id }));
    const back: string[] = [];
    for (
      let page = await store.events.list({ limit: 3 });
      page.length > 0;
      page = await store.events.list({ limit: 3, before: page.at(-1)?.id ?? 0 })
    ) {
      back.push(...page.map((event) => event.message));
    }
    const forth = (await store.events.list({ limit: 100, after: 0 })).map((event) => event.message);
    expect(back).toEqual(forth.toReversed());
    expect(forth.slice(-3)).toEqual(['7', '8', '9']);
    const ofA = await store.events.list({ nodeId: a.id, limit: 3 });
    expect(ofA.map((event) => event.message)).toEqual(['8', '6', '4']);
    const between = await store.events.list({ limit: 100, after: ofA[2]?.id ?? 0, before: ofA[0]?.id ?? 0 });
    expect(between.map((event) => event.message)).toEqual(['5', '6', '7']);
  });
});
