import type { Event } from '@muster/api';
import type { Store } from '@muster/store';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EventReader } from '../test/event-reader.ts';
import { openServerOnStore, type TestServer } from '../test/server-fixture.ts';

let server: TestServer & { readonly store: Store };
beforeAll(async () => {
  server = await openServerOnStore();
});
afterAll(() => server.close());

const noise = { kind: 'node-changed', severity: 'info', nodeId: null, nodeName: null, data: {} } as const;

describe('events as they happen', () => {
  it('reach who watches through the socket and over HTTP', async () => {
    const person = await server.signIn();
    const readers = [
      await EventReader.open({ socketPath: server.server.socketPath }),
      await EventReader.open({ port: server.port }, person.headers()),
    ];
    await server.local.addNode({ body: { name: 'watched' } });
    for (const reader of readers) {
      await reader.until((event) => event.kind === 'node-added' && event.nodeName === 'watched');
      expect(reader.response.headers['content-security-policy']).toBeDefined();
      reader.close();
    }
  });

  it('are lost by nobody who comes and goes while many write', async () => {
    const first = await server.store.events.list({ limit: 1 });
    const from = first[0]?.id ?? 0;
    const writers = Array.from({ length: 6 }, async (_, writer) => {
      for (let i = 0; i < 60; i++) await server.store.events.append({ ...noise, message: `${writer}.${i}` });
    });
    const isEnd = (event: Event) => event.message === 'the end';
    const watch = async (restless: boolean): Promise<number[]> => {
      const ids: number[] = [];
      for (;;) {
        const reader = await EventReader.open({ socketPath: server.server.socketPath }, { 'last-event-id': String(ids.at(-1) ?? from) });
        await reader.until((event) => isEnd(event) || (restless && reader.events.length >= 15));
        reader.close();
        ids.push(...reader.ids);
        if (reader.events.some(isEnd)) return ids;
      }
    };
    const watchers = [watch(false), watch(false), watch(true), watch(true)];
    await Promise.all(writers);
    await server.store.events.append({ ...noise, message: 'the end' });
    const kept = (await server.store.events.list({ after: from, limit: 1000 })).map((event) => event.id);
    expect(kept).toHaveLength(361);
    for (const ids of await Promise.all(watchers)) expect(ids).toEqual(kept);
  });

  it.each(['x', '-1', '1e3', '', '99999999999999999999'])('take %j for no last id', async (id) => {
    const reader = await EventReader.open({ socketPath: server.server.socketPath }, { 'last-event-id': id });
    await server.store.events.append({ ...noise, message: `after ${id}` });
    await reader.until((event) => event.message === `after ${id}`);
    expect(reader.events).toHaveLength(1);
    reader.close();
  });
});

describe('the list of events', () => {
  it('has those before a moment', async () => {
    await server.store.events.append({ ...noise, message: 'long after 2000' });
    const before = async (until: string) => (await server.local.listEvents({ query: { until, limit: 1 } })).items;
    expect(await before('2000-01-01T00:00:00Z')).toEqual([]);
    expect(await before('2999-01-01T00:00:00+02:00')).toHaveLength(1);
  });

  it.each([
    [{ severity: 'fatal' }, /severity.*"info"\|"warning"\|"error"/u],
    [{ kind: ['node-helth'] }, /kind.*"node-health"/u],
    [{ until: 'tomorrow' }, /until.*ISO/u],
  ])('is refused with the good values: %j', async (query, said) => {
    await expect(server.local.listEvents({ query: query as never })).rejects.toMatchObject({
      problem: { status: 400, detail: expect.stringMatching(said) },
    });
  });
});
