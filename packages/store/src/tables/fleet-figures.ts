import type { HealthState, NodeScheduling, TaskState } from '@muster/api';
import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { ageSeconds } from './age.ts';

/** How many nodes are in the same state in every regard. */
export type NodeCount = {
  readonly health: HealthState;
  readonly registration: 'pending' | 'registered';
  readonly scheduling: NodeScheduling['state'];
  readonly maintenance: boolean;
  readonly count: number;
};

/** One node; ages and times in seconds, null where there is none. */
export type NodeFigures = {
  readonly name: string;
  readonly heartbeatAgeSeconds: number | null;
  /** Since the epoch. */
  readonly certificateExpirySeconds: number | null;
};

export type FleetSnapshot = {
  readonly nodes: readonly NodeCount[];
  readonly connected: number;
  readonly heartbeatAgeSeconds: { readonly p50: number | null; readonly p95: number | null; readonly max: number | null };
  /** The first end of a certificate that is in use, since the epoch. */
  readonly soonestExpirySeconds: number | null;
  /** Each node by itself; null where there are more than were asked for. */
  readonly single: readonly NodeFigures[] | null;
  readonly openTasks: readonly { readonly kind: string; readonly state: TaskState; readonly count: number }[];
  readonly notifications: readonly { readonly kind: 'webhook' | 'email'; readonly waiting: number; readonly failing: number }[];
};

/** A task that has ended. */
export type EndedTask = { readonly id: string; readonly kind: string; readonly state: TaskState; readonly seconds: number | null };

/** What can be counted and measured now, for whoever watches the installation from outside. */
export type FigureTable = {
  /** All of it as of one moment. Single nodes only while there are at most `mostSingle`. */
  snapshot(mostSingle: number): Promise<FleetSnapshot>;
  /** Tasks that ended within the last so many seconds. */
  endedTasks(withinSeconds: number): Promise<EndedTask[]>;
};

async function countNodes(queries: Queries): Promise<NodeCount[]> {
  const { rows } = await sql<NodeCount>`
    select coalesce(h.state, 'unknown') as health,
      case when n.registered_at is null then 'pending' else 'registered' end as registration,
      coalesce(s.state, 'open') as scheduling, m.node_id is not null as maintenance, count(*) as count
    from nodes n
    left join node_health h on h.node_id = n.id
    left join node_scheduling s on s.node_id = n.id
    left join node_maintenance m on m.node_id = n.id
    group by 1, 2, 3, 4`.execute(queries);
  return rows;
}

type Measured = { total: number; connected: number; p50: number | null; p95: number | null; max: number | null; expiry: number | null };

async function measure(queries: Queries): Promise<Measured> {
  const { rows } = await sql<Measured>`
    select count(*) as total, count(*) filter (where p.connected) as connected,
      percentile_cont(0.5) within group (order by ${ageSeconds('p.last_heartbeat_at')}) as p50,
      percentile_cont(0.95) within group (order by ${ageSeconds('p.last_heartbeat_at')}) as p95,
      max(${ageSeconds('p.last_heartbeat_at')}) as max,
      extract(epoch from min(c.not_after))::double precision as expiry
    from nodes n
    left join node_presence p on p.node_id = n.id
    left join certificates c on c.serial = n.certificate_serial`.execute(queries);
  return rows[0] ?? { total: 0, connected: 0, p50: null, p95: null, max: null, expiry: null };
}

async function singleNodes(queries: Queries): Promise<NodeFigures[]> {
  const { rows } = await sql<NodeFigures>`
    select n.name, ${ageSeconds('p.last_heartbeat_at')} as "heartbeatAgeSeconds",
      extract(epoch from c.not_after)::double precision as "certificateExpirySeconds"
    from nodes n
    left join node_presence p on p.node_id = n.id
    left join certificates c on c.serial = n.certificate_serial
    order by n.name_sort_key, n.name`.execute(queries);
  return rows;
}

async function openTasks(queries: Queries): Promise<FleetSnapshot['openTasks']> {
  const { rows } = await sql<FleetSnapshot['openTasks'][number]>`
    select kind, state, count(*) as count from tasks where state in ('queued', 'sent', 'running') group by 1, 2`.execute(queries);
  return rows;
}

async function notifications(queries: Queries): Promise<FleetSnapshot['notifications']> {
  const { rows } = await sql<FleetSnapshot['notifications'][number]>`
    select t.kind, (count(*) filter (where t.failing_since is not null))::integer as failing,
      coalesce(sum((select count(*) from deliveries d join delivery_events e on e.delivery_id = d.id where d.target_id = t.id)), 0)::integer
        as waiting
    from notification_targets t group by 1`.execute(queries);
  return rows;
}

async function takeSnapshot(queries: Queries, mostSingle: number): Promise<FleetSnapshot> {
  const { total, connected, p50, p95, max, expiry } = await measure(queries);
  return {
    nodes: await countNodes(queries),
    connected,
    heartbeatAgeSeconds: { p50, p95, max },
    soonestExpirySeconds: expiry,
    single: total <= mostSingle ? await singleNodes(queries) : null,
    openTasks: await openTasks(queries),
    notifications: await notifications(queries),
  };
}

export function figureTable(database: Database): FigureTable {
  return {
    snapshot: (mostSingle) =>
      database.transaction(async (queries) => {
        await sql`set transaction isolation level repeatable read, read only`.execute(queries);
        return takeSnapshot(queries, mostSingle);
      }),
    endedTasks: (withinSeconds) =>
      database.run(async (queries) => {
        const { rows } = await sql<EndedTask>`
          select id, kind, state, coalesce(duration_ms / 1000, extract(epoch from finished_at - started_at))::double precision as seconds
          from tasks where finished_at > now() - make_interval(secs => ${withinSeconds})`.execute(queries);
        return rows;
      }),
  };
}
