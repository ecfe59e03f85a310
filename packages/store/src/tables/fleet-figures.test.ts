import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { newEvent, nodeCreate, query, signed } from '../../test/builders.ts';

type Connection = Parameters<typeof query>[0];

const task = (connection: Connection, kind: string, state: string, endedSecondsAgo: number | null) =>
  query(
    connection,
    `with asked as (
       insert into operations (spec, title, range, requested_by, expires_at, total) values ('{}', 't', 'r', 'b', now(), 1) returning id
     )
     insert into tasks (operation_id, node_id, node_name, kind, lane, done_by, work, timeout_seconds, expires_at, state, finished_at, started_at)
     select id, gen_random_uuid(), 'node', $1, 'control', 'agent', '{}', 1, now(), $2,
       now() - make_interval(secs => $3::float8), now() - make_interval(secs => $3::float8 + 5) from asked`,
    [kind, state, endedSecondsAgo],
  );

describe('a snapshot', () => {
  it('of nothing has nothing', async () => {
    const { store } = await withStore();
    expect(await store.figures.snapshot(10)).toEqual({
      nodes: [],
      connected: 0,
      heartbeatAgeSeconds: { p50: null, p95: null, max: null },
      soonestExpirySeconds: null,
      single: [],
      openTasks: [],
      notifications: [],
    });
  });

  it('counts nodes by all their states, and measures them', async () => {
    const { store, connection } = await withStore();
    const nodes = await Promise.all(['a', 'b', 'c'].map((name) => store.nodes.add(nodeCreate(name))));
    const certificate = signed('01');
    await store.certificates.record({ ...certificate, nodeId: nodes[0]!.id, nodeName: 'a' });
    await store.certificates.prove('01', { seconds: 0, longestSeconds: 0 });
    await query(connection, "update node_health set state = 'bad' where node_id = $1", [nodes[0]!.id]);
    await query(connection, "update nodes set registered_at = now() where name = 'a'");
    await query(connection, "update node_presence set connected = true, last_heartbeat_at = now() - interval '90 s' where node_id = $1", [
      nodes[0]!.id,
    ]);
    await store.administration.act(
      [{ id: nodes[1]!.id, name: 'b' }],
      { action: 'begin-maintenance', reason: 'disk' },
      'Ada',
      () => undefined,
    );
    const snapshot = await store.figures.snapshot(10);
    const rest = { scheduling: 'open', count: 1 };
    expect(snapshot.nodes).toHaveLength(3);
    expect(snapshot.nodes).toEqual(
      expect.arrayContaining([
        { ...rest, health: 'bad', registration: 'registered', maintenance: false },
        { ...rest, health: 'unknown', registration: 'pending', maintenance: true },
        { ...rest, health: 'unknown', registration: 'pending', maintenance: false },
      ]),
    );
    expect(snapshot.connected).toBe(1);
    expect(snapshot.heartbeatAgeSeconds.max).toBeGreaterThanOrEqual(90);
    expect(snapshot.soonestExpirySeconds).toBeCloseTo(certificate.notAfter.getTime() / 1000, 0);
    expect(snapshot.single).toMatchObject([
      { name: 'a' },
      { name: 'b', heartbeatAgeSeconds: null, certificateExpirySeconds: null },
      { name: 'c' },
    ]);
    expect(snapshot.single![0]!.heartbeatAgeSeconds).toBeGreaterThanOrEqual(90);
  });

  it('has single nodes only while they are few', async () => {
    const { store } = await withStore();
    for (const name of ['a', 'b']) await store.nodes.add(nodeCreate(name));
    expect((await store.figures.snapshot(2)).single).toHaveLength(2);
    expect((await store.figures.snapshot(1)).single).toBeNull();
    expect((await store.figures.snapshot(0)).single).toBeNull();
  });

  it('counts tasks that are open, and what waits to be told', async () => {
    const { store, connection } = await withStore();
    for (const state of ['queued', 'queued', 'running']) await task(connection, 'service', state, null);
    await task(connection, 'exec', 'succeeded', 1);
    await store.deliveries.fresh(1);
    const webhook = await store.webhooks.add({ name: 'chat', url: 'https://chat.example.org/' }, 'sealed', 'Ada');
    await store.events.append([newEvent('1'), newEvent('2')]);
    const { after, events } = await store.deliveries.fresh(10);
    const eventIds = events.map((event) => event.id);
    await store.deliveries.decide(after, eventIds[1]!, [{ targetId: webhook.id, eventIds }], { mailHoldSeconds: 0, mailRestSeconds: 0 });
    const snapshot = await store.figures.snapshot(0);
    expect(snapshot.openTasks).toEqual(
      expect.arrayContaining([
        { kind: 'service', state: 'queued', count: 2 },
        { kind: 'service', state: 'running', count: 1 },
      ]),
    );
    expect(snapshot.openTasks).toHaveLength(2);
    expect(snapshot.notifications).toEqual([{ kind: 'webhook', waiting: 2, failing: 0 }]);
  });
});

it('tells of tasks that ended lately, and how long they ran', async () => {
  const { store, connection } = await withStore();
  await task(connection, 'exec', 'succeeded', 10);
  await task(connection, 'service', 'failed', 200);
  await task(connection, 'service', 'running', null);
  expect(await store.figures.endedTasks(100)).toMatchObject([{ kind: 'exec', state: 'succeeded', seconds: 5 }]);
  expect(await store.figures.endedTasks(1000)).toHaveLength(2);
});
