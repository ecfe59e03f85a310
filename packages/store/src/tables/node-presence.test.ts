import { randomUUID } from 'node:crypto';
import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { nodeCreate, query } from '../../test/builders.ts';

async function withNodes(count: number) {
  const { store, connection } = await withStore();
  const nodes = [];
  for (let number = 0; number < count; number += 1) nodes.push(await store.nodes.add(nodeCreate(`node${number}`)));
  return { store, connection, ids: nodes.map((node) => node.id) };
}

describe('recordHeartbeats', () => {
  it('writes age and skew by the clock of the database', async () => {
    const { store, connection, ids } = await withNodes(2);
    const [heard = '', silent = ''] = ids;
    await store.presence.recordHeartbeats([{ nodeId: heard, clockSkewMs: -1500.5 }], 'server-a');
    await query(connection, "update node_presence set last_heartbeat_at = now() - interval '90 seconds' where node_id = $1", [heard]);
    const node = await store.nodes.get(heard);
    expect(node.clockSkewSeconds).toBe(-1.5005);
    expect(node.heartbeatAgeSeconds).toBeGreaterThanOrEqual(90);
    expect(node.heartbeatAgeSeconds).toBeLessThan(95);
    const seen = await store.presence.lastSeen();
    expect(seen.find((one) => one.nodeId === heard)?.heartbeatAgeMs).toBeGreaterThanOrEqual(90_000);
    expect(seen.find((one) => one.nodeId === heard)?.serverId).toBe('server-a');
    expect(seen.find((one) => one.nodeId === silent)).toEqual({ nodeId: silent, heartbeatAgeMs: null, connected: false, serverId: null });
  });

  it('never shows a negative age, also when the clock of the database was set back', async () => {
    const { store, connection, ids } = await withNodes(1);
    await query(connection, "update node_presence set last_heartbeat_at = now() + interval '1 hour'");
    expect((await store.nodes.get(ids[0] ?? '')).heartbeatAgeSeconds).toBe(0);
    expect((await store.presence.lastSeen())[0]?.heartbeatAgeMs).toBe(0);
  });

  it('is one statement for any number of nodes, and passes over those that are gone', async () => {
    const { store, connection, ids } = await withNodes(20);
    const gone = Array.from({ length: 5000 }, () => randomUUID());
    await store.presence.recordHeartbeats(
      [...gone, ...ids].map((nodeId) => ({ nodeId, clockSkewMs: 1 })),
      'server-a',
    );
    expect((await store.presence.lastSeen()).every((one) => one.heartbeatAgeMs !== null)).toBe(true);
    await store.presence.recordHeartbeats([], 'server-a');
    // All rows carry the mark of one transaction.
    expect(await query(connection, 'select distinct xmin::text from node_presence')).toHaveLength(1);
  });

  it('touches no index: every update stays on its page', async () => {
    const { store, connection, ids } = await withNodes(30);
    for (let second = 0; second < 20; second += 1) {
      await store.presence.recordHeartbeats(
        ids.map((nodeId) => ({ nodeId, clockSkewMs: second })),
        'server-a',
      );
    }
    const table = "'node_presence'::regclass";
    const [row] = await query(connection, `select pg_stat_get_tuples_updated(${table}) - pg_stat_get_tuples_hot_updated(${table}) as cold`);
    expect(row?.['cold']).toBe(0);
  });

  it('does not end in a deadlock when servers write the same nodes at the same time', async () => {
    const { store, ids } = await withNodes(50);
    const batches = Array.from({ length: 40 }, (_, index) => (index % 2 === 0 ? ids : ids.toReversed()));
    await Promise.all(
      batches.map((batch, index) =>
        store.presence.recordHeartbeats(
          batch.map((nodeId) => ({ nodeId, clockSkewMs: 0 })),
          `server-${index}`,
        ),
      ),
    );
    expect((await store.presence.lastSeen()).every((one) => one.heartbeatAgeMs !== null)).toBe(true);
  });
});

describe('connections', () => {
  it('belong to the server that opened them last', async () => {
    const { store, ids } = await withNodes(1);
    const [id = ''] = ids;
    const connected = async () => (await store.nodes.get(id)).connected;
    await store.presence.setConnected(id, 'server-a', true);
    expect(await connected()).toBe(true);
    await store.presence.setConnected(id, 'server-b', true);
    // The end of the old connection is noticed late.
    await store.presence.setConnected(id, 'server-a', false);
    expect(await connected()).toBe(true);
    await store.presence.setConnected(id, 'server-b', false);
    expect(await connected()).toBe(false);
    await store.presence.setConnected(randomUUID(), 'server-a', true);
  });

  it('say whether their end counts, also when it is written again', async () => {
    const { store, ids } = await withNodes(1);
    const [id = ''] = ids;
    expect(await store.presence.setConnected(id, 'server-a', true)).toBe(true);
    expect(await store.presence.setConnected(id, 'server-b', true)).toBe(true);
    expect(await store.presence.setConnected(id, 'server-a', false)).toBe(false);
    expect(await store.presence.setConnected(id, 'server-b', false)).toBe(true);
    expect(await store.presence.setConnected(id, 'server-b', false)).toBe(true);
    expect(await store.presence.setConnected(randomUUID(), 'server-a', true)).toBe(false);
  });

  it('are not taken back by a heartbeat that was heard before the node went over', async () => {
    const { store, ids } = await withNodes(1);
    const [id = ''] = ids;
    await store.presence.setConnected(id, 'server-a', true);
    await store.presence.setConnected(id, 'server-b', true);
    await store.presence.recordHeartbeats([{ nodeId: id, clockSkewMs: 0 }], 'server-a');
    await store.presence.setConnected(id, 'server-a', false);
    expect((await store.presence.lastSeen())[0]).toMatchObject({ connected: true, serverId: 'server-b' });
    expect((await store.presence.lastSeen())[0]?.heartbeatAgeMs).not.toBeNull();
  });

  it('end with the start of their server, and only of theirs', async () => {
    const { store, ids } = await withNodes(3);
    const [a = '', b = '', c = ''] = ids;
    await store.presence.setConnected(a, 'server-a', true);
    await store.presence.setConnected(b, 'server-b', true);
    await store.presence.setConnected(c, 'server-a', true);
    await store.presence.setConnected(c, 'server-a', false);
    expect(await store.presence.resetServer('server-a')).toEqual([a]);
    expect(await store.presence.resetServer('server-a')).toEqual([]);
    expect((await store.nodes.get(b)).connected).toBe(true);
  });

  it('say which server has them, while one has', async () => {
    const { store, ids } = await withNodes(2);
    const [a = '', b = ''] = ids;
    await store.presence.setConnected(a, 'server-a', true);
    await store.presence.setConnected(b, 'server-a', true);
    await store.presence.setConnected(b, 'server-a', false);
    expect(await Promise.all([a, b, randomUUID()].map((id) => store.presence.serverOf(id)))).toEqual(['server-a', undefined, undefined]);
  });

  it('are claimed by a server that was held to be gone, but for those that another has', async () => {
    const { store } = await withStore();
    const [mine, other] = [await store.nodes.add(nodeCreate('mine')), await store.nodes.add(nodeCreate('other'))];
    await store.presence.setConnected(other.id, 'b', true);
    await store.presence.claim([mine.id, other.id], 'a');
    const seen = new Map((await store.presence.lastSeen()).map(({ nodeId, serverId, connected }) => [nodeId, [serverId, connected]]));
    expect([seen.get(mine.id), seen.get(other.id)]).toEqual([
      ['a', true],
      ['b', true],
    ]);
  });
});
