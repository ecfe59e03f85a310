import { figureResolutions, type FleetSample, type TaskSample } from '@muster/core';
import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { ageSeconds } from './age.ts';

/** The fleet's own short history, for its plots. */
export type SampleTable = {
  /**
   * Keeps how the fleet fares in this minute, unless another server did; thins out what is past, and drops what is too old. False
   * where this minute was there already.
   */
  take(): Promise<boolean>;
  /**
   * Samples from `fromSeconds` on and before `toSeconds` (since the epoch) of a resolution; at its end, where that is not made yet, finer ones.
   */
  read(resolutionSeconds: number, fromSeconds: number, toSeconds: number): Promise<Samples>;
};

export type Samples = { readonly fleet: readonly FleetSample[]; readonly tasks: readonly TaskSample[] };

async function sampleMinute(queries: Queries): Promise<boolean> {
  const { numAffectedRows } = await sql`
    insert into fleet_samples (resolution, at, good, degraded, bad, unknown, heartbeat_age_p50, heartbeat_age_p95, heartbeat_age_max)
    select 60, date_trunc('minute', now()),
      count(*) filter (where state = 'good'), count(*) filter (where state = 'degraded'),
      count(*) filter (where state = 'bad'), count(*) filter (where state = 'unknown'),
      percentile_cont(0.5) within group (order by age), percentile_cont(0.95) within group (order by age), max(age)
    from (
      select coalesce(h.state, 'unknown') as state, ${ageSeconds('p.last_heartbeat_at')} as age
      from nodes n left join node_health h on h.node_id = n.id left join node_presence p on p.node_id = n.id
    ) as node
    on conflict do nothing`.execute(queries);
  return (numAffectedRows ?? 0n) > 0n;
}

/** Makes the coarser rows of all times that are over, from the finer ones. */
async function thinOut(queries: Queries, fine: number, coarse: number): Promise<void> {
  const begin = (moment: ReturnType<typeof sql>) => sql`date_bin(make_interval(secs => ${coarse}), ${moment}, '1970-01-01 00:00:00+00')`;
  const { rows } = await sql<{ at: string }>`
    insert into fleet_samples
      (resolution, at, minutes, good, degraded, bad, unknown, heartbeat_age_p50, heartbeat_age_p95, heartbeat_age_max)
    select ${coarse}, ${begin(sql`at`)} as begin, sum(minutes),
      sum(good * minutes) / sum(minutes), sum(degraded * minutes) / sum(minutes),
      sum(bad * minutes) / sum(minutes), sum(unknown * minutes) / sum(minutes),
      max(heartbeat_age_p50), max(heartbeat_age_p95), max(heartbeat_age_max)
    from fleet_samples
    where resolution = ${fine} and at < ${begin(sql`now()`)}
      and at >= coalesce(
        (select max(at) + make_interval(secs => ${coarse}) from fleet_samples where resolution = ${coarse}), '-infinity')
    group by begin
    on conflict do nothing
    returning at`.execute(queries);
  await sampleTasks(queries, coarse, sql`unnest(${rows.map((row) => row.at)}::timestamptz[])`);
}

/** How long the tasks ran that ended in the times that begin at these moments. Those that were cancelled or expired have not run. */
async function sampleTasks(queries: Queries, resolution: number, moments: ReturnType<typeof sql>): Promise<void> {
  await sql`
    insert into task_samples (resolution, at, kind, ended, failed, p50_seconds, p95_seconds)
    select ${resolution}, step.at, t.kind, count(*), count(*) filter (where t.state <> 'succeeded'),
      percentile_cont(0.5) within group (order by t.seconds), percentile_cont(0.95) within group (order by t.seconds)
    from ${moments} as step (at)
    join (
      select kind, state, finished_at, coalesce(duration_ms / 1000, extract(epoch from finished_at - started_at)) as seconds
      from tasks where state in ('succeeded', 'failed', 'unknown')
    ) as t on t.finished_at >= step.at and t.finished_at < step.at + make_interval(secs => ${resolution})
    group by step.at, t.kind
    on conflict do nothing`.execute(queries);
}

async function dropOld(queries: Queries): Promise<void> {
  for (const { resolutionSeconds, keptSeconds } of figureResolutions) {
    // An hour more, so that a plot of the whole time has its first points.
    for (const table of ['fleet_samples', 'task_samples']) {
      await sql`
        delete from ${sql.table(table)}
        where resolution = ${resolutionSeconds} and at < now() - make_interval(secs => ${keptSeconds + 3600})`.execute(queries);
    }
  }
}

async function takeSample(queries: Queries): Promise<boolean> {
  if (!(await sampleMinute(queries))) return false;
  // The minute that is just over, and those before it that nobody took a sample in: a server may have been busy or away.
  await sampleTasks(
    queries,
    60,
    sql`generate_series(date_trunc('minute', now()) - interval '10 minutes', date_trunc('minute', now()) - interval '1 minute', interval '1 minute')`,
  );
  const seconds = figureResolutions.map((one) => one.resolutionSeconds);
  for (const [at, coarse] of seconds.slice(1).entries()) await thinOut(queries, seconds[at] ?? coarse, coarse);
  await dropOld(queries);
  return true;
}

async function read(queries: Queries, resolution: number, from: number, to: number): Promise<Samples> {
  const here = { fleet: await fleetRows(queries, resolution, from, to), tasks: await taskRows(queries, resolution, from, to) };
  const next = figureResolutions.map((one) => one.resolutionSeconds).findLast((one) => one < resolution);
  const last = here.fleet.at(-1);
  const rest = last === undefined ? from : last.atSeconds + resolution;
  if (next === undefined || rest >= to) return here;
  const finer = await read(queries, next, rest, to);
  return { fleet: [...here.fleet, ...finer.fleet], tasks: [...here.tasks, ...finer.tasks] };
}

const within = (resolution: number, from: number, to: number) =>
  sql`resolution = ${resolution} and at >= to_timestamp(${from}) and at < to_timestamp(${to})`;

async function fleetRows(queries: Queries, resolution: number, from: number, to: number): Promise<FleetSample[]> {
  const { rows } = await sql<FleetSample>`
    select extract(epoch from at)::double precision as "atSeconds", minutes, good, degraded, bad, unknown,
      heartbeat_age_p50 as "ageP50", heartbeat_age_p95 as "ageP95", heartbeat_age_max as "ageMax"
    from fleet_samples where ${within(resolution, from, to)} order by at`.execute(queries);
  return rows;
}

async function taskRows(queries: Queries, resolution: number, from: number, to: number): Promise<TaskSample[]> {
  const { rows } = await sql<TaskSample>`
    select extract(epoch from at)::double precision as "atSeconds", kind, ended, failed,
      p50_seconds as "p50Seconds", p95_seconds as "p95Seconds"
    from task_samples where ${within(resolution, from, to)} order by at, kind`.execute(queries);
  return rows;
}

export function sampleTable(database: Database): SampleTable {
  return {
    take: () => database.transaction(takeSample),
    read: (resolution, from, to) => database.run((queries) => read(queries, resolution, from, to)),
  };
}
