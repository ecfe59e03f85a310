import type { Event } from '@muster/api';
import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { jsonText } from '../json-text.ts';

/** An event before it has its id and its moment, which the database gives. */
export type NewEvent = Omit<Event, 'id' | 'at'>;

export type EventFilter = {
  readonly nodeId?: string;
  /** 1 to 1000. */
  readonly limit: number;
  /** Only events with a smaller id. */
  readonly before?: number;
  /** Only events with a greater id; the answer is then oldest first, so that the next page follows on the last id. */
  readonly after?: number;
};

/** What happened: only ever appended. Ids become visible in their order, so whoever reads on from the last id misses none. */
export type EventTable = {
  /** Appends one event or several in one transaction; listeners hear of them after the commit. */
  append(events: NewEvent | readonly NewEvent[]): Promise<void>;
  /** Newest first; with `after`, oldest first. */
  list(filter: EventFilter): Promise<Event[]>;
};

type EventRow = {
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

export function eventTable(database: Database): EventTable {
  return {
    append: (events) => database.run((queries) => appendEvents(queries, Array.isArray(events) ? events : [events as NewEvent])),
    list: async ({ nodeId, limit, before, after }) => {
      const rows = await database.run((queries) => {
        let query = queries.selectFrom('events').selectAll().limit(limit);
        if (nodeId !== undefined) query = query.where('node_id', '=', nodeId);
        if (before !== undefined) query = query.where('id', '<', before);
        if (after !== undefined) query = query.where('id', '>', after);
        return query.orderBy('id', after === undefined ? 'desc' : 'asc').execute();
      });
      return rows.map(eventOfRow);
    },
  };
}
