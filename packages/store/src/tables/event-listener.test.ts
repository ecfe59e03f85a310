import { setTimeout as sleep } from 'node:timers/promises';
import type { Event } from '@muster/api';
import { withStore } from '@muster/testkit';
import { describe, expect, it, vi } from 'vitest';
import pg from 'pg';
import { newEvent, nodeCreate, query, silentLog } from '../../test/builders.ts';
import { clientConfig } from '../connection.ts';
import { StoreUnavailable } from '../errors.ts';
import { openStore } from '../store.ts';

const messages = (events: readonly Event[]): string[] => events.map((event) => event.message);

async function listening() {
  const { store, connection } = await withStore();
  const heard: Event[] = [];
  const listener = await store.events.listen((event) => heard.push(event));
  const until = (count: number) => vi.waitFor(() => expect(heard.length).toBeGreaterThanOrEqual(count), { timeout: 20_000, interval: 10 });
  return { store, connection, heard, listener, until };
}

/** Cuts the listener's connection on the server's side, as a failover or an administrator does. */
const cut = (connection: Parameters<typeof query>[0]) =>
  query(
    connection,
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and pid <> pg_backend_pid() and (query = 'listen muster_events' or query like 'select * from events where id > %')`,
  );

describe('listen', () => {
  it('hears what is committed from now on, once and in order, with everything in it', async () => {
    const { store, heard, until } = await listening();
    await store.events.append(newEvent('one'));
    const node = await store.nodes.add(nodeCreate('worker1'));
    await store.events.append([newEvent('two'), newEvent('three')]);
    await until(4);
    expect(messages(heard)).toEqual(['one', 'Node worker1 was added.', 'two', 'three']);
    expect(heard[1]).toEqual((await store.events.list({ nodeId: node.id, limit: 1 }))[0]);
  });

  it('does not hear what was before it, nor what was rolled back', async () => {
    const { store } = await withStore();
    await store.events.append(newEvent('before'));
    const heard: Event[] = [];
    await store.events.listen((event) => heard.push(event));
    await store.nodes.add(nodeCreate('a'));
    await expect(store.nodes.add(nodeCreate('a'))).rejects.toThrow();
    await store.events.append(newEvent('after'));
    await vi.waitFor(() => expect(messages(heard)).toEqual(['Node a was added.', 'after']));
  });

  it('misses none while its connection is cut again and again', async () => {
    const { store, connection, heard, until } = await listening();
    let written = 0;
    let cutting = true;
    const writer = (async () => {
      while (cutting) {
        await store.events.append(newEvent(String(written)));
        written += 1;
      }
    })();
    for (let round = 0; round < 8; round += 1) {
      await sleep(60);
      await cut(connection);
    }
    cutting = false;
    await writer;
    await store.events.append(newEvent('last'));
    await until(written + 1);
    expect(messages(heard)).toEqual([...Array.from({ length: written }, (_, i) => String(i)), 'last']);
  });

  it('skips none when transactions that write events overlap', async () => {
    const { store, heard, until } = await listening();
    const writers = Array.from({ length: 8 }, async (_, writer) => {
      for (let i = 0; i < 15; i += 1) {
        // Short and long transactions in turn: without an order of commits, the short ones would become visible first.
        if (i % 3 === 0) await store.nodes.add(nodeCreate(`node${writer}-${i}`));
        else await store.events.append(Array.from({ length: i % 3 === 1 ? 1 : 50 }, (_, n) => newEvent(`${writer} ${i} ${n}`)));
      }
    });
    await Promise.all(writers);
    const all: Event[] = [];
    for (
      let page = await store.events.list({ after: 0, limit: 1000 });
      page.length > 0;
      page = await store.events.list({ after: all.at(-1)?.id ?? 0, limit: 1000 })
    ) {
      all.push(...page);
    }
    await until(all.length);
    expect(heard.map((event) => event.id)).toEqual(all.map((event) => event.id));
  });

  it('makes a later transaction wait for the events of an earlier one', async () => {
    const { store, connection, heard, until } = await listening();
    const slow = new pg.Client(clientConfig(connection));
    await slow.connect();
    await slow.query('begin');
    await slow.query("insert into events (kind, severity, message) values ('server-started', 'info', 'slow')");
    const fast = store.events.append(newEvent('fast'));
    await sleep(150);
    expect(heard).toEqual([]);
    await slow.query('commit');
    await slow.end();
    await fast;
    await until(2);
    expect(messages(heard)).toEqual(['slow', 'fast']);
  });

  it('goes on when a callback fails', async () => {
    const { store } = await withStore();
    const heard: string[] = [];
    await store.events.listen((event) => {
      heard.push(event.message);
      if (event.message === 'one') throw new Error('broken callback');
    });
    await store.events.append([newEvent('one'), newEvent('two')]);
    await vi.waitFor(() => expect(heard).toEqual(['one', 'two']));
  });

  it('is silent once stopped, at any time, twice', async () => {
    const { store, heard, listener, connection } = await listening();
    await cut(connection);
    await listener.stop();
    await listener.stop();
    await store.events.append(newEvent('late'));
    await sleep(100);
    expect(heard).toEqual([]);
  });

  it('says so when it cannot begin', async () => {
    const { connection } = await withStore();
    const store = await openStore({ connection, log: silentLog });
    await query({ ...connection, database: 'postgres' }, `alter database "${connection.database}" with allow_connections false`);
    await expect(store.events.listen(() => undefined)).rejects.toThrow(StoreUnavailable);
    await store.close();
  });
});
