import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { nodeCreate, query, signed, storedAuthority } from '../../test/builders.ts';
import { AuthorityRetired, StoreRefused } from '../errors.ts';
import type { AuthorityChange, AuthorityPicture } from './authority-step.ts';

const atOnce = { seconds: 0, longestSeconds: 0 };
const begin: AuthorityChange = { kind: 'begin', authority: storedAuthority(2), by: 'eve', message: 'It begins.' };
const phase = (name: 'prepare' | 'agents' | 'servers' | 'rollback'): AuthorityChange => ({
  kind: 'phase',
  phase: name,
  by: 'eve',
  message: name,
});
const end = (keep: number, drop: number): AuthorityChange => ({ kind: 'end', keep, drop, by: 'eve', message: 'It ends.' });
const to = (change: AuthorityChange) => () => Promise.resolve(change);

describe('the first authority', () => {
  it('is absent at the first start, then what was saved first', async () => {
    const { store } = await withStore();
    expect(await store.authority.load()).toBeNull();
    const kept = await store.authority.saveIfAbsent(storedAuthority(1));
    expect(kept).toMatchObject({ authorities: [{ generation: 1, ...storedAuthority(1) }], rotation: null });
    expect(await store.authority.saveIfAbsent(storedAuthority(2))).toEqual(kept);
    expect(await store.authority.load()).toEqual(kept);
  });

  it('is the same for all servers that start at once', async () => {
    const { store } = await withStore();
    const kept = await Promise.all(Array.from({ length: 10 }, (_, mark) => store.authority.saveIfAbsent(storedAuthority(mark))));
    const loaded = await store.authority.load();
    for (const one of kept) expect(one).toEqual(loaded);
  });

  it('is refused when a part of it is lost', async () => {
    const { store, connection } = await withStore();
    await store.authority.saveIfAbsent(storedAuthority(1));
    await store.authority.step(to(begin));
    await query(connection, 'delete from authority_rotation');
    await expect(store.authority.load()).rejects.toThrow(StoreRefused);
    await query(connection, 'delete from authorities where generation = 1');
    expect(await store.authority.load()).toMatchObject({ authorities: [{ generation: 2 }] });
    await query(connection, 'update authorities set retired_at = now(), root_key = null, intermediate_key = null');
    await expect(store.authority.load()).rejects.toMatchObject({ code: 'authority-incomplete' });
  });
});

describe('a replacement', () => {
  it('has both in force until its end, which takes the keys of the dropped one away', async () => {
    const { store, connection } = await withStore();
    await store.authority.saveIfAbsent(storedAuthority(1));
    const begun = await store.authority.step(to(begin));
    expect(begun).toMatchObject({
      authorities: [{ generation: 1 }, { generation: 2, ...storedAuthority(2) }],
      rotation: { phase: 'prepare', from: 1, to: 2, startedBy: 'eve' },
    });
    for (const name of ['agents', 'servers'] as const)
      expect((await store.authority.step(to(phase(name)))).rotation).toMatchObject({ phase: name, startedAt: begun.rotation?.startedAt });
    expect(await store.authority.step(to(end(2, 1)))).toMatchObject({ authorities: [{ generation: 2 }], rotation: null });
    expect(await query(connection, 'select root_key, intermediate_key from authorities where generation = 1')).toEqual([
      { root_key: null, intermediate_key: null },
    ]);
    const told = (await store.events.list({ limit: 10 })).filter((event) => event.kind === 'authority-rotation');
    expect(told.map((event) => event.data['step'])).toEqual(['end', 'phase', 'phase', 'begin']);
    expect(told[1]).toMatchObject({ message: 'servers', data: { phase: 'servers', by: 'eve' } });
  });

  it('that was taken back does not give its number away again', async () => {
    const { store } = await withStore();
    await store.authority.saveIfAbsent(storedAuthority(1));
    await store.authority.step(to(begin));
    await store.authority.step(to(phase('rollback')));
    await store.authority.step(to(end(1, 2)));
    const again = await store.authority.step(to(begin));
    expect(again.rotation).toMatchObject({ from: 1, to: 3 });
  });

  it('is not taken when the decision throws', async () => {
    const { store } = await withStore();
    const kept = await store.authority.saveIfAbsent(storedAuthority(1));
    await expect(store.authority.step(() => Promise.reject(new Error('not now')))).rejects.toThrow('not now');
    expect(await store.authority.load()).toEqual(kept);
    expect(await store.events.list({ limit: 10 })).toEqual([]);
  });

  it('is decided one step after the other', async () => {
    const { store } = await withStore();
    await store.authority.saveIfAbsent(storedAuthority(1));
    const seen: (string | undefined)[] = [];
    const decide = async ({ state }: AuthorityPicture) => {
      seen.push(state.rotation?.phase);
      if (state.rotation !== null) throw new Error('busy');
      return begin;
    };
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, () => store.authority.step(decide)));
    expect(outcomes.filter((one) => one.status === 'fulfilled')).toHaveLength(1);
    expect(seen.filter((one) => one === undefined)).toHaveLength(1);
  });

  it('shows the nodes that have a certificate in use, the roots they trust, and the servers that are there', async () => {
    const { store, connection } = await withStore();
    await store.authority.saveIfAbsent(storedAuthority(1));
    const nodes = await Promise.all(['n2', 'n10', 'n3'].map((name) => store.nodes.add(nodeCreate(name))));
    for (const [index, node] of nodes.entries()) {
      await store.certificates.record({ ...signed(`0${index}`), nodeId: node.id, nodeName: node.name });
      await store.certificates.prove(`0${index}`, atOnce);
    }
    await store.certificates.revoke('02', 'lost');
    expect(await store.authority.saveRoots(nodes[0]!.id, ['aa'])).toBe(true);
    expect(await store.authority.saveRoots(nodes[0]!.id, ['aa'])).toBe(false);
    expect(await store.authority.saveRoots(nodes[0]!.id, ['aa', 'bb'])).toBe(true);
    expect(await store.authority.saveRoots('0192f3c4-5d6e-7f80-9a1b-2c3d4e5f6071', ['aa'])).toBe(false);
    await store.authority.saveServer({ serverId: 's1', name: 'one', shows: 1, trusts: [1] });
    await store.authority.saveServer({ serverId: 's1', name: 'one', shows: 1, trusts: [1, 2] });
    await store.authority.saveServer({ serverId: 's2', name: 'gone', shows: 1, trusts: [1] });
    await query(connection, "update authority_servers set seen_at = now() - interval '1 hour' where server_id = 's2'");
    const standings = [
      { nodeId: nodes[0]!.id, nodeName: 'n2', certificateOf: 1, roots: ['aa', 'bb'], connected: false },
      { nodeId: nodes[1]!.id, nodeName: 'n10', certificateOf: 1, roots: [], connected: false },
    ];
    const servers = [{ serverId: 's1', name: 'one', shows: 1, trusts: [1, 2] }];
    expect(await store.authority.standings()).toEqual(standings);
    expect(await store.authority.servers()).toEqual(servers);
    await store.authority.step(async (picture) => {
      expect(picture).toMatchObject({ nodes: standings, servers });
      return begin;
    });
  });

  it('at its end revokes what the dropped one signed, and lets nobody keep more of it', async () => {
    const { store } = await withStore();
    await store.authority.saveIfAbsent(storedAuthority(1));
    await store.authority.step(to(begin));
    const node = await store.nodes.add(nodeCreate('n1'));
    const record = (serial: string, authority: number) =>
      store.certificates.record({ ...signed(serial), authority, nodeId: node.id, nodeName: node.name });
    await record('01', 1);
    await store.certificates.prove('01', atOnce);
    await store.authority.step(to(phase('servers')));
    await store.authority.step(to(end(2, 1)));
    expect(await store.certificates.status('01')).toMatchObject({ revoked: true, reason: 'authority-dropped', authority: 1 });
    await expect(record('02', 1)).rejects.toThrow(AuthorityRetired);
    await record('03', 2);
    expect(await store.certificates.status('03')).toMatchObject({ revoked: false, authority: 2 });
  });

  it('and certificates that are kept at the same moment agree on who came first', async () => {
    const { store } = await withStore();
    await store.authority.saveIfAbsent(storedAuthority(1));
    await store.authority.step(to(begin));
    const nodes = await Promise.all(Array.from({ length: 12 }, (_, index) => store.nodes.add(nodeCreate(`n${index}`))));
    const keeping = nodes.map((node, index) =>
      store.certificates.record({ ...signed(`0${index}`), authority: 1, nodeId: node.id, nodeName: node.name }),
    );
    const [outcomes] = await Promise.all([Promise.allSettled(keeping), store.authority.step(to(end(2, 1)))]);
    for (const [index, outcome] of outcomes.entries()) {
      const status = await store.certificates.status(`0${index}`);
      // Either it was refused and is not there, or it was kept before the end and ended with it.
      expect(status?.revoked).toBe(outcome.status === 'fulfilled' ? true : undefined);
    }
  });
});
