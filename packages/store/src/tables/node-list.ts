import type { NodeFilterKey, NodeList, NodeSortKey } from '@muster/api';
import { type RawBuilder, sql } from 'kysely';
import type { Queries } from '../database.ts';
import { storableText } from '../json-text.ts';
import { nodeColumns, nodeOfRow, type NodeRow, nodeTables } from './node-row.ts';

export type NodeListQuery = {
  readonly sort: readonly { readonly key: NodeSortKey; readonly descending: boolean }[];
  /** All must hold. Name and addresses match a part, ignoring case; the rest the whole value. */
  readonly filters: readonly { readonly key: NodeFilterKey; readonly value: string }[];
  readonly limit: number;
  readonly offset: number;
};

/** Health is ordered by how much it needs a person: bad, degraded, unknown, good. */
const sortExpressions: Record<NodeSortKey, RawBuilder<unknown>> = {
  name: sql`n.name_sort_key`,
  privateIp: sql`n.private_ip`,
  publicIp: sql`n.public_ip`,
  registration: sql`n.registered_at is not null`,
  health: sql`array_position(array['bad', 'degraded', 'unknown', 'good'], coalesce(h.state, 'unknown'))`,
  lastHeartbeatAt: sql`p.last_heartbeat_at`,
  cores: sql`f.cores`,
  memoryBytes: sql`f.memory_bytes`,
  gpus: sql`f.gpu_count`,
  environments: sql`n.environments`,
  createdAt: sql`n.created_at`,
};

const holds = (text: RawBuilder<unknown>, part: string) => sql<boolean>`position(lower(${part}) in lower(${text})) > 0`;

const filterExpressions: Record<NodeFilterKey, (value: string) => RawBuilder<boolean>> = {
  name: (value) => holds(sql`n.name`, value),
  privateIp: (value) => holds(sql`host(n.private_ip)`, value),
  publicIp: (value) => holds(sql`host(n.public_ip)`, value),
  registration: (value) => sql`(case when n.registered_at is null then 'pending' else 'registered' end) = ${value}`,
  health: (value) => sql`coalesce(h.state, 'unknown') = ${value}`,
  environments: (value) => sql`n.environments = ${value}`,
  group: (value) => sql`n.groups @> array[${value}::text]`,
  connected: (value) => sql`coalesce(p.connected, false)::text = ${value}`,
};

/**
 * One page and the number of all that match, in one statement, so that the two belong together even while nodes come and go.
 * Nodes without a value come last in either direction; nodes with the same value in the natural order of their names.
 */
export async function listNodes(queries: Queries, query: NodeListQuery): Promise<NodeList> {
  const conditions = query.filters.map(({ key, value }) => filterExpressions[key](storableText(value)));
  const where = conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `);
  const given = query.sort.map(({ key, descending }) => sql`${sortExpressions[key]} ${descending ? sql`desc` : sql`asc`} nulls last`);
  const order = sql.join([...given, sql`n.name_sort_key`, sql`n.name`]);
  const { rows } = await sql<NodeRow & { total: number; id: string | null }>`
    with matching as materialized (
      select n.id, row_number() over (order by ${order}) as position
      from nodes n
      left join node_health h on h.node_id = n.id
      left join node_presence p on p.node_id = n.id
      left join node_facts f on f.node_id = n.id
      where ${where}
    ),
    page as (select id, position from matching order by position limit ${query.limit} offset ${query.offset})
    select counted.total, shown.*
    from (select count(*) as total from matching) counted
    left join (
      select page.position, ${nodeColumns} from page join (${nodeTables}) on n.id = page.id
    ) shown on true
    order by shown.position`.execute(queries);
  return { items: rows.filter((row) => row.id !== null).map(nodeOfRow), total: rows[0]?.total ?? 0 };
}
