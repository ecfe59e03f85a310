import type { Event } from '@muster/api';
import { type RawBuilder, sql, type SqlBool } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { jsonText, storableText } from '../json-text.ts';
import { isUuid } from './find-node.ts';

/** An event before it has its id and its moment, which the database gives. */
export type NewEvent = Omit<Event, 'id' | 'at'>;

export type EventFilter = {
  /** Only of this node, or of these. */
  readonly nodeId?: string | readonly string[];
  /** 1 to 1000. */
  readonly limit: number;
  /** Only events with a smaller id. */
  readonly before?: number;
  /** Only events with a greater id; the answer is then oldest first, so that the next page follows on the last id. */
  readonly after?: number;
  /** Only events of these severities; all where there is none. */
  readonly severities?: readonly Event['severity'][];
  /** Only events of these kinds; all where there is none. */
  readonly kinds?: readonly Event['kind'][];
  /** Only events from this moment on, ISO 8601. */
  readonly since?: string;
  /** Only events before this moment, ISO 8601. */
  readonly until?: string;
};

/** What happened: only ever appended, and forgotten when it is old. Ids become visible in their order, so whoever reads on from the last id misses none. */
export type EventTable = {
  /** Appends one event or several in one transaction; listeners hear of them after the commit. */
  append(events: NewEvent | readonly NewEvent[]): Promise<void>;
  /** Newest first; with `after`, oldest first. */
  list(filter: EventFilter): Promise<Event[]>;
  /** Removes the oldest of the events that are older than so many days, a bounded number of them. Returns how many. */
  forget(olderThanDays: number): Promise<number>;
  /**
   * The nodes whose history is meant by an id or a name: the node that has it, and by name besides those that had it when they were
   * removed. Empty where there never was one.
   */
  subjects(idOrName: string): Promise<string[]>;
};

/** Removed in one transaction; small enough to hold up nobody. */
const forgottenAtOnce = 5000;

export type EventRow = {
  id: number;
  at: string;
  kind: Event['kind'];
  severity: Event['severity'];
  node_id: string | null;
  node_name: string | null;
  message: string;
  data: Record<string, unknown>;
};

/** The row as the API shows it. */
export const eventOfRow = (row: EventRow): Event => ({
  id: row.id,
  at: row.at,
  kind: row.kind,
  severity: row.severity,
  nodeId: row.node_id,
  nodeName: row.node_name,
  message: row.message,
  data: row.data,
});

/**
 * Writes events inside a transaction. Call it last: from here to the commit no other transaction can write an event, and one that
 * waits for a lock meanwhile would hold up all others.
 */
export async function appendEvents(queries: Queries, events: readonly NewEvent[]): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map(({ kind, severity, nodeId, nodeName, message, data }) => ({
    kind,
    severity,
    node_id: nodeId,
    node_name: nodeName,
    message,
    data,
  }));
  // One parameter whatever the number of events: a statement has at most 65,535.
  await sql`
    insert into events (kind, severity, node_id, node_name, message, data)
    select kind, severity, node_id, node_name, message, data
    from jsonb_to_recordset(${jsonText(rows)}::jsonb)
      as given (kind text, severity text, node_id uuid, node_name text, message text, data jsonb)`.execute(queries);
}

/** Whether an event lies between the moments of a filter. */
const isWithin = ({ since, until }: EventFilter): RawBuilder<SqlBool> =>
  sql`${since === undefined ? sql`true` : sql`at >= ${since}`} and ${until === undefined ? sql`true` : sql`at < ${until}`}`;

function listEvents(queries: Queries, filter: EventFilter): Promise<EventRow[]> {
  const { nodeId, limit, before, after, severities = [], kinds = [] } = filter;
  let query = queries.selectFrom('events').selectAll().limit(limit);
  if (nodeId !== undefined) query = query.where('node_id', 'in', typeof nodeId === 'string' ? [nodeId] : nodeId);
  if (before !== undefined) query = query.where('id', '<', before);
  if (after !== undefined) query = query.where('id', '>', after);
  if (severities.length > 0) query = query.where('severity', 'in', severities);
  if (kinds.length > 0) query = query.where('kind', 'in', kinds);
  query = query.where(isWithin(filter));
  return query.orderBy('id', after === undefined ? 'desc' : 'asc').execute();
}

export function eventTable(database: Database): EventTable {
  return {
    append: (events) => database.run((queries) => appendEvents(queries, Array.isArray(events) ? events : [events as NewEvent])),
    list: async (filter) => (await database.run((queries) => listEvents(queries, filter))).map(eventOfRow),
    forget: (olderThanDays) =>
      database.run(async (queries) => {
        const { rows } = await sql<{ forgotten: number }>`
          select events_forget(now() - make_interval(secs => ${olderThanDays * 86_400}), ${forgottenAtOnce}) as forgotten`.execute(queries);
        return rows[0]?.forgotten ?? 0;
      }),
    subjects: (idOrName) => database.run((queries) => readSubjects(queries, idOrName)),
  };
}

async function readSubjects(queries: Queries, idOrName: string): Promise<string[]> {
  const name = storableText(idOrName);
  const id = isUuid(idOrName) ? idOrName : null;
  const { rows } = await sql<{ id: string }>`
    select id from nodes where id = ${id}::uuid or name = ${name}
    union select node_id from events where kind = 'node-removed' and node_name = ${name} and node_id is not null
    union (select node_id from events where node_id = ${id}::uuid limit 1)`.execute(queries);
  return rows.map((row) => row.id);
}
