import type { NodeAgent } from '@muster/api';
import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { jsonText } from '../json-text.ts';
import { ageMs } from './age.ts';
import { appendEvents, type NewEvent } from './events.ts';

type AgentState = NodeAgent['state'];

/** Everything about one node that decides whether its agent is to be restarted. Ages and times are by the database's clock. */
export type AgentSubject = {
  readonly nodeId: string;
  readonly nodeName: string;
  readonly registered: boolean;
  /** Milliseconds since its certificate was first signed; null before. */
  readonly registeredAgeMs: number | null;
  /** The moment of its last heartbeat as text: only to tell whether it is another than before. */
  readonly heartbeatStamp: string | null;
  readonly heartbeatAgeMs: number | null;
  readonly inMaintenance: boolean;
  readonly state: AgentState;
  readonly attempts: number;
  /** The moment it came into this state as text: only to tell whether it is another than before; null where nothing was ever done about it. */
  readonly stateStamp: string | null;
  /** Milliseconds in this state. */
  readonly stateAgeMs: number | null;
  /** Milliseconds until the next restart may be tried, negative once that is past; null where none was tried. */
  readonly nextTryInMs: number | null;
  /** Whether the server's SSH key was installed there. */
  readonly controllable: boolean;
};

/** A change that is made only if the agent is still as it was seen. */
export type AgentChange = {
  readonly nodeId: string;
  readonly from: { readonly state: AgentState; readonly attempts: number };
  readonly to: {
    readonly state: AgentState;
    readonly attempts: number;
    readonly message: string;
    /** From now on, by the database's clock; null for no next try. Without it the time stays. */
    readonly nextTryInMs?: number | null;
  };
};

/** What is known of the agents' processes, and what was done about them. */
export type NodeAgentTable = {
  /** All nodes. */
  subjects(): Promise<AgentSubject[]>;
  /**
   * Makes the changes that still hold, in one transaction with the events of just those nodes, and returns them: of two servers that
   * decide the same, one acts. Removed nodes are passed over.
   */
  change(changes: readonly AgentChange[], events?: readonly NewEvent[]): Promise<string[]>;
  /** What somebody has decided: it holds whatever was before, and begins the count of restarts anew. Returns the state it replaces. */
  mark(nodeId: string, state: AgentState, message: string, events?: readonly NewEvent[]): Promise<AgentState>;
  /** Nodes by state; `normal` is not counted. */
  countByState(): Promise<Record<Exclude<AgentState, 'normal'>, number>>;
};

async function readSubjects(queries: Queries): Promise<AgentSubject[]> {
  const { rows } = await sql<AgentSubject>`
    select n.id as "nodeId", n.name as "nodeName", n.registered_at is not null as registered,
      ${ageMs('n.registered_at')} as "registeredAgeMs",
      p.last_heartbeat_at::text as "heartbeatStamp", ${ageMs('p.last_heartbeat_at')} as "heartbeatAgeMs",
      m.node_id is not null and (m.until is null or m.until > now()) as "inMaintenance",
      coalesce(a.state, 'normal') as state, coalesce(a.attempts, 0) as attempts, a.since::text as "stateStamp",
      ${ageMs('a.since')} as "stateAgeMs",
      1000 * extract(epoch from a.next_try_at - now())::double precision as "nextTryInMs",
      c.node_id is not null as controllable
    from nodes n
    left join node_presence p on p.node_id = n.id
    left join node_maintenance m on m.node_id = n.id
    left join node_agent a on a.node_id = n.id
    left join node_control c on c.node_id = n.id
    order by n.name_sort_key, n.name`.execute(queries);
  return rows;
}

/** Locks the nodes in the order of their ids, against their removal, and gives each a row to change. */
async function prepareRows(queries: Queries, nodeIds: readonly string[]): Promise<void> {
  await sql`
    with alive as (select id from nodes where id = any (${nodeIds}::uuid[]) order by id for key share)
    insert into node_agent (node_id) select id from alive on conflict do nothing`.execute(queries);
}

function change(database: Database, changes: readonly AgentChange[], events: readonly NewEvent[]): Promise<string[]> {
  return database.transaction(async (queries) => {
    await prepareRows(
      queries,
      changes.map(({ nodeId }) => nodeId),
    );
    const { rows } = await sql<{ node_id: string }>`
      with given as (
        select (one ->> 'nodeId')::uuid as node_id, one -> 'from' as was, one -> 'to' as wanted
        from jsonb_array_elements(${jsonText(changes)}::jsonb) as one
      ),
      locked as (select node_id from node_agent where node_id in (select node_id from given) order by node_id for no key update)
      update node_agent a
      set state = wanted ->> 'state', attempts = (wanted ->> 'attempts')::integer, message = wanted ->> 'message',
        next_try_at = case when jsonb_exists(wanted, 'nextTryInMs')
          then now() + (wanted ->> 'nextTryInMs')::double precision * interval '1 millisecond' else a.next_try_at end,
        since = case when a.state = wanted ->> 'state' then a.since else now() end
      from given join locked using (node_id)
      where a.node_id = given.node_id and a.state = was ->> 'state' and a.attempts = (was ->> 'attempts')::integer
      returning a.node_id`.execute(queries);
    const changed = new Set(rows.map((row) => row.node_id));
    await appendEvents(
      queries,
      events.filter(({ nodeId }) => nodeId !== null && changed.has(nodeId)),
    );
    return [...changed];
  });
}

function mark(
  database: Database,
  nodeId: string,
  to: { readonly state: AgentState; readonly message: string },
  events: readonly NewEvent[],
): Promise<AgentState> {
  return database.transaction(async (queries) => {
    await prepareRows(queries, [nodeId]);
    const before = await queries.selectFrom('node_agent').select('state').where('node_id', '=', nodeId).forUpdate().executeTakeFirst();
    if (before === undefined) return 'normal';
    await queries
      .updateTable('node_agent')
      .set({ ...to, attempts: 0, next_try_at: null, since: sql<string>`now()` })
      .where('node_id', '=', nodeId)
      .execute();
    await appendEvents(queries, events);
    return before.state;
  });
}

async function countByState(queries: Queries): Promise<Record<Exclude<AgentState, 'normal'>, number>> {
  const rows = await queries
    .selectFrom('node_agent')
    .select(['state', sql<number>`count(*)`.as('count')])
    .groupBy('state')
    .execute();
  const of = (state: AgentState): number => rows.find((row) => row.state === state)?.count ?? 0;
  return { stopped: of('stopped'), restarting: of('restarting'), 'needs-attention': of('needs-attention') };
}

export function nodeAgentTable(database: Database): NodeAgentTable {
  return {
    subjects: () => database.run(readSubjects),
    change: async (changes, events = []) => (changes.length === 0 ? [] : change(database, changes, events)),
    mark: (nodeId, state, message, events = []) => mark(database, nodeId, { state, message }, events),
    countByState: () => database.run(countByState),
  };
}
