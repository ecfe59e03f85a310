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
    await expect(query(connection, 'truncate events')).rejects.toThrow(/append-only/u);
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

describe('a filter', () => {
  it('finds by severity, kind and moment, together with the others', async () => {
    const { store, connection } = await withStore();
    const severities = ['info', 'warning', 'error'] as const;
    for (let i = 0; i < 9; i += 1) {
      await store.events.append(newEvent(`${i}`, { severity: severities[i % 3]!, kind: i < 5 ? 'node-health' : 'sign-in' }));
    }
    const messages = async (filter: object) => (await store.events.list({ limit: 100, ...filter })).map((event) => event.message).join('');
    expect(await messages({ severities: ['warning', 'error'] })).toBe('875421');
    expect(await messages({ severities: ['error'], kinds: ['sign-in'] })).toBe('85');
    expect(await messages({ kinds: ['sign-in', 'node-health'], limit: 2 })).toBe('87');
    expect(await messages({ kinds: [], severities: [] })).toBe('876543210');
    const [moment] = await query(connection, "select at from events where message = '6'");
    expect(await messages({ since: (moment as { at: string }).at })).toMatch(/^876/u);
    expect(await messages({ since: '2999-01-01T00:00:00+02:00' })).toBe('');
    expect(await messages({ until: (moment as { at: string }).at })).toMatch(/^5?43210$/u);
    expect(await messages({ until: '2999-01-01T00:00:00+02:00' })).toBe('876543210');
    expect(await messages({ until: '2000-01-01T00:00:00Z' })).toBe('');
  });
});

describe('old events', () => {
  /** Makes the events of a table older, which only a test may. */
  const age = (connection: Parameters<typeof query>[0], days: number, message: string) =>
    query(
      connection,
      `begin; set local session_replication_role = replica;
       update events set at = now() - interval '${days} days' where message = '${message}'; commit`,
    );

  it('are forgotten, and no younger ones', async () => {
    const { store, connection } = await withStore();
    await store.events.append(['old', 'older', 'young'].map((message) => newEvent(message)));
    await age(connection, 91, 'old');
    await age(connection, 400, 'older');
    await age(connection, 89, 'young');
    expect(await store.events.forget(365)).toBe(1);
    expect(await store.events.forget(90)).toBe(1);
    expect(await store.events.forget(90)).toBe(0);
    expect((await store.events.list({ limit: 10 })).map((event) => event.message)).toEqual(['young']);
    await expect(query(connection, 'delete from events')).rejects.toThrow(/append-only/u);
  });

  it('are forgotten some at a time, the oldest first', async () => {
    const { store, connection } = await withStore();
    await store.events.append(Array.from({ length: 5003 }, () => newEvent('old')));
    await age(connection, 91, 'old');
    expect([await store.events.forget(90), await store.events.forget(90), await store.events.forget(90)]).toEqual([5000, 3, 0]);
  });

  it('can be removed by no function but the one', async () => {
    const { store, connection } = await withStore();
    await store.events.append(newEvent('kept'));
    await query(connection, "set muster.forgetting = 'on'");
    for (const name of ['my_events_forget', 'events_forget_all']) {
      await query(
        connection,
        `create function ${name}(timestamptz, integer) returns void language plpgsql as 'begin delete from events; end'`,
      );
      await expect(query(connection, `select ${name}(now(), 1)`)).rejects.toThrow(/append-only/u);
      await query(connection, `drop function ${name}(timestamptz, integer)`);
    }
    expect(await store.events.list({ limit: 10 })).toHaveLength(1);
  });
});
