import type { FleetSample } from '@muster/core';
import { withStore } from '@muster/testkit';
import { describe, expect, it } from 'vitest';
import { nodeCreate, query } from '../../test/builders.ts';
import type { Store } from '../index.ts';

type Connection = Parameters<typeof query>[0];

const fleet = async (store: Store, resolution: number, from: number, to: number): Promise<readonly FleetSample[]> =>
  (await store.samples.read(resolution, from, to)).fleet;

/** A sample of some time ago, past the store. */
const put = (connection: Connection, secondsAgo: number, rest: { resolution?: number; good?: number; max?: number } = {}) =>
  query(
    connection,
    `insert into fleet_samples (resolution, at, good, degraded, bad, unknown, heartbeat_age_p50, heartbeat_age_p95, heartbeat_age_max)
     values ($1::integer, date_bin(make_interval(secs => $1::integer), now() - make_interval(secs => $2), '1970-01-01Z'), $3, 0, 0, 0, 1, 2, $4)`,
    [rest.resolution ?? 60, secondsAgo, rest.good ?? 1, rest.max ?? 3],
  );

const kept = async (connection: Connection) =>
  (await query(connection, 'select resolution, count(*) as count from fleet_samples group by 1 order by 1')).map(
    (row) => [row['resolution'], row['count']] as const,
  );

/** Ends when this minute has at least a quarter left: what is put then is not split by the next one. */
async function earlyInAMinute(): Promise<void> {
  const leftMs = 60_000 - (Date.now() % 60_000);
  if (leftMs < 15_000) await new Promise((resolve) => setTimeout(resolve, leftMs + 20));
}

const nowSeconds = () => Date.now() / 1000;
const daySeconds = 86_400;

describe('a sample', () => {
  it('counts the nodes by health and measures the ages of their heartbeats', async () => {
    const { store, connection } = await withStore();
    for (const name of ['a', 'b', 'c', 'd']) await store.nodes.add(nodeCreate(name));
    await query(connection, "update node_health set state = 'good' where node_id in (select id from nodes where name in ('a', 'b'))");
    await query(connection, "update node_health set state = 'bad' where node_id in (select id from nodes where name = 'c')");
    for (const [name, age] of Object.entries({ a: 1, b: 3, c: 100 })) {
      await query(
        connection,
        `update node_presence set last_heartbeat_at = now() - interval '${age} s' where node_id = (select id from nodes where name = $1)`,
        [name],
      );
    }
    expect(await store.samples.take()).toBe(true);
    const [sample] = await fleet(store, 60, nowSeconds() - 120, nowSeconds() + 60);
    expect(sample).toMatchObject({ good: 2, degraded: 0, bad: 1, unknown: 1, minutes: 1 });
    expect(sample!.ageP50).toBeGreaterThanOrEqual(3);
    expect(sample!.ageP50).toBeLessThan(20);
    expect(sample!.ageMax).toBeGreaterThanOrEqual(100);
    expect(sample!.atSeconds % 60).toBe(0);
  });

  it('of a fleet of nobody has no age', async () => {
    const { store } = await withStore();
    await store.samples.take();
    expect(await fleet(store, 60, 0, nowSeconds() + 60)).toMatchObject([{ good: 0, unknown: 0, ageP50: null, ageMax: null }]);
  });

  it('is taken once a minute, whatever number of servers tries', async () => {
    const { store, connection } = await withStore();
    const taken = await Promise.all(Array.from({ length: 8 }, () => store.samples.take()));
    // The minute may have changed meanwhile.
    expect(taken.filter(Boolean).length).toBeLessThanOrEqual(2);
    expect(taken.filter(Boolean)).toHaveLength((await query(connection, 'select from fleet_samples where resolution = 60')).length);
  });
});

describe('samples that are past', () => {
  it('are thinned out to the mean and the worst, once their time is over', async () => {
    const { store, connection } = await withStore();
    await earlyInAMinute();
    for (let minute = 30; minute > 0; minute -= 1) await put(connection, minute * 60, { good: minute % 2 === 0 ? 10 : 20, max: minute });
    await store.samples.take();
    const coarse = await fleet(store, 600, nowSeconds() - 3600, nowSeconds() + 60);
    const whole = coarse.filter((sample) => sample.minutes === 10);
    expect(whole.length).toBeGreaterThanOrEqual(2);
    for (const sample of whole) {
      expect(sample).toMatchObject({ good: 15, ageP50: 1 });
      expect(sample.ageMax).toBeGreaterThanOrEqual(10);
      expect(sample.atSeconds % 600).toBe(0);
    }
    // The rest, not over yet, is there as minutes; all together it is the half hour, each minute once.
    const last = coarse.at(-1)!;
    expect(last.minutes).toBe(1);
    expect(coarse.reduce((sum, sample) => sum + sample.minutes, 0)).toBe(31);
    await query(connection, "delete from fleet_samples where resolution = 60 and at = date_trunc('minute', now())");
    await store.samples.take();
    expect(await fleet(store, 600, nowSeconds() - 3600, nowSeconds() + 60)).toEqual(coarse);
  });

  it('are kept for a day, a month and a year', async () => {
    const { store, connection } = await withStore();
    for (const [resolution, days] of [
      [60, 1],
      [600, 30],
      [3600, 365],
    ] as const) {
      await put(connection, days * daySeconds, { resolution });
      await put(connection, days * daySeconds + 4000 + resolution, { resolution });
    }
    await store.samples.take();
    expect((await kept(connection)).find(([resolution]) => resolution === 3600)?.[1]).toBeGreaterThanOrEqual(1);
    const old = await query(
      connection,
      `select resolution from fleet_samples where at < now() - make_interval(secs => case resolution when 60 then 86400 when 600 then 2592000 else 31536000 end + 3600)`,
    );
    expect(old).toEqual([]);
    expect((await fleet(store, 600, nowSeconds() - 31 * daySeconds, nowSeconds())).length).toBeGreaterThanOrEqual(2);
  });

  it('of a server that was away for days are thinned out before they go', async () => {
    const { store, connection } = await withStore();
    for (let minute = 0; minute < 20; minute += 1) await put(connection, 3 * daySeconds + minute * 60);
    await store.samples.take();
    expect(await query(connection, "select from fleet_samples where resolution = 60 and at < now() - interval '1 hour'")).toEqual([]);
    const month = await fleet(store, 600, nowSeconds() - 4 * daySeconds, nowSeconds() - daySeconds);
    expect(month.reduce((sum, sample) => sum + sample.minutes, 0)).toBe(20);
    const year = await fleet(store, 3600, nowSeconds() - 4 * daySeconds, nowSeconds() - daySeconds);
    expect(year.reduce((sum, sample) => sum + sample.minutes, 0)).toBe(20);
  });
});

describe('tasks that ended', () => {
  /** A task that ended so many seconds ago and ran so long, past the store. */
  const end = (connection: Connection, secondsAgo: number, seconds: number | null, rest: { kind?: string; state?: string } = {}) =>
    query(
      connection,
      `with asked as (
         insert into operations (spec, title, range, requested_by, expires_at, total) values ('{}', 't', 'r', 'b', now(), 1) returning id
       )
       insert into tasks (operation_id, node_id, node_name, kind, lane, done_by, work, timeout_seconds, expires_at, state, finished_at, duration_ms)
       select id, gen_random_uuid(), 'node', $1, 'control', 'agent', '{}', 1, now(), $2,
         date_trunc('minute', now()) - make_interval(secs => $3), $4 from asked`,
      [rest.kind ?? 'service', rest.state ?? 'succeeded', secondsAgo, seconds === null ? null : seconds * 1000],
    );

  it('are kept by kind, with how long they ran, once their minute is over', async () => {
    const { store, connection } = await withStore();
    await earlyInAMinute();
    for (const seconds of [1, 2, 3, 4, 100]) await end(connection, 30, seconds);
    await end(connection, 30, null, { state: 'failed' });
    await end(connection, 30, 7, { kind: 'exec', state: 'unknown' });
    await end(connection, 30, 7, { state: 'cancelled' });
    await end(connection, 30, 7, { state: 'expired' });
    await end(connection, -1, 7);
    await store.samples.take();
    const { tasks } = await store.samples.read(60, nowSeconds() - 600, nowSeconds() + 60);
    expect(tasks).toMatchObject([
      { kind: 'exec', ended: 1, failed: 1, p50Seconds: 7, p95Seconds: 7 },
      { kind: 'service', ended: 6, failed: 1, p50Seconds: 3 },
    ]);
    expect(tasks[1]!.p95Seconds).toBeGreaterThan(80);
  });

  it('are kept for the minutes that nobody took a sample in', async () => {
    const { store, connection } = await withStore();
    for (const minutes of [1, 4, 9]) await end(connection, minutes * 60 - 30, 2);
    await store.samples.take();
    const { tasks } = await store.samples.read(60, nowSeconds() - 1200, nowSeconds() + 60);
    expect(tasks.map(({ ended }) => ended)).toEqual([1, 1, 1]);
  });

  it('are counted from the tasks themselves for each longer time, also when the server was away in its minutes', async () => {
    const { store, connection } = await withStore();
    for (const at of [20, 21, 25]) await put(connection, at * 60);
    for (const seconds of [1, 3]) await end(connection, 23 * 60, seconds);
    await store.samples.take();
    const { tasks } = await store.samples.read(600, nowSeconds() - 3600, nowSeconds() + 60);
    expect(tasks.reduce((sum, one) => sum + one.ended, 0)).toBe(2);
    for (const one of tasks) expect(one.atSeconds % 600).toBe(0);
  });
});
