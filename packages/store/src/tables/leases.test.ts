import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { newEvent, nodeCreate, query } from '../../test/builders.ts';
import { LeaseLost } from '../errors.ts';

const server = (serverId: string) => ({ serverId, run: randomUUID() });

describe('a lease', () => {
  it('is held by one, prolonged by him with the same token, and not by others', async () => {
    const { store } = await withStore();
    const [a, b] = [server('a'), server('b')];
    expect((await store.leases.hold(a, ['health', 'samples'], 60)).toSorted((x, y) => (x.name < y.name ? -1 : 1))).toEqual([
      { name: 'health', token: 1 },
      { name: 'samples', token: 1 },
    ]);
    expect(await store.leases.hold(b, ['health', 'members'], 60)).toEqual([{ name: 'members', token: 1 }]);
    expect(await store.leases.hold(a, ['health'], 60)).toEqual([{ name: 'health', token: 1 }]);
    expect(await store.leases.hold(a, [], 60)).toEqual([]);
    expect((await store.leases.list()).map(({ name, serverId }) => [name, serverId])).toEqual([
      ['health', 'a'],
      ['members', 'b'],
      ['samples', 'a'],
    ]);
  });

  it('that ran out goes to whoever comes first, with the next token', async () => {
    const { store, connection } = await withStore();
    const [a, b] = [server('a'), server('b')];
    await store.leases.hold(a, ['health'], 60);
    await query(connection, "update leases set expires_at = now() - interval '1 s'");
    expect((await store.leases.list())[0]?.serverId).toBeNull();
    expect(await store.leases.hold(b, ['health'], 60)).toEqual([{ name: 'health', token: 2 }]);
    expect(await store.leases.hold(a, ['health'], 60)).toEqual([]);
  });

  it('has another token when nobody had it in between but it had run out', async () => {
    const { store, connection } = await withStore();
    const a = server('a');
    await store.leases.hold(a, ['health'], 60);
    await query(connection, "update leases set expires_at = now() - interval '1 s'");
    expect(await store.leases.hold(a, ['health'], 60)).toEqual([{ name: 'health', token: 2 }]);
  });

  it('passes at once to a new process of the same server, which the old one did not give it back to', async () => {
    const { store } = await withStore();
    await store.leases.hold(server('a'), ['health'], 60);
    expect(await store.leases.hold(server('a'), ['health'], 60)).toEqual([{ name: 'health', token: 2 }]);
  });

  it('that is given back need not be waited for', async () => {
    const { store } = await withStore();
    const [a, b] = [server('a'), server('b')];
    await store.leases.hold(a, ['health'], 60);
    await store.leases.release(b.run);
    expect(await store.leases.hold(b, ['health'], 60)).toEqual([]);
    await store.leases.release(a.run);
    await store.leases.release(a.run);
    expect(await store.leases.hold(b, ['health'], 60)).toEqual([{ name: 'health', token: 2 }]);
  });

  it('goes to one of many who ask at once', async () => {
    const { store } = await withStore();
    const asked = await Promise.all(Array.from({ length: 8 }, (_, index) => store.leases.hold(server(`s${index}`), ['health'], 60)));
    expect(asked.flat()).toEqual([{ name: 'health', token: 1 }]);
  });
});

describe('what is done under a lease', () => {
  it('takes effect while it is held, and does nothing afterwards', async () => {
    const { store, connection } = await withStore();
    const [held] = await store.leases.hold(server('a'), ['health'], 60);
    const under = store.under(held ?? expect.fail('not held'));
    await under.nodes.add(nodeCreate('one'));
    await query(connection, "update leases set expires_at = now() - interval '1 s'");
    await expect(under.nodes.add(nodeCreate('two'))).rejects.toThrow(LeaseLost);
    await expect(under.events.append(newEvent('late'))).rejects.toThrow(LeaseLost);
    await store.leases.hold(server('b'), ['health'], 60);
    await expect(under.events.append(newEvent('later'))).rejects.toThrow('does not hold the lease health any more');
    expect((await query(connection, 'select name from nodes')).map((row) => row['name'])).toEqual(['one']);
    expect((await store.events.list({ limit: 10 })).map(({ message }) => message)).toEqual(['Node one was added.']);
  });

  it('keeps the lease from others until it is done, and holds up neither its renewal nor the other leases', async () => {
    const { store, connection } = await withStore();
    const [a, b] = [server('a'), server('b')];
    const [held] = await store.leases.hold(a, ['health', 'samples'], 60);
    const under = store.under(held ?? expect.fail('not held'));
    await query(connection, 'create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(3); return new; end $$');
    await query(connection, 'create trigger slow before insert on nodes for each row execute function slow()');
    const adding = under.nodes.add(nodeCreate('one'));
    await sleep(700);
    let isDone = false;
    void adding.then(() => (isDone = true));
    expect(await store.leases.hold(a, ['health', 'samples'], 60)).toHaveLength(2);
    await query(connection, "update leases set expires_at = now() - interval '1 s'");
    const others = await store.leases.hold(b, ['health', 'samples'], 60);
    const wasDone = isDone;
    await adding;
    await query(connection, 'drop function slow cascade');
    expect([others.map(({ name }) => name), wasDone]).toEqual([['samples'], false]);
    expect((await store.leases.hold(b, ['health', 'samples'], 60)).map(({ name }) => name).toSorted()).toEqual(['health', 'samples']);
    await expect(under.events.append(newEvent('late'))).rejects.toThrow(LeaseLost);
  });
});
