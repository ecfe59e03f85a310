import type { Node, NodeList, NodeSortKey } from '@muster/api';
import { type AskedOfWorld, type FieldValue, labelIn, type NodeFilter, type NodeSort, type WorldNode } from '@muster/core';
import { type RawBuilder, sql } from 'kysely';
import type { Queries } from '../database.ts';
import { storableText } from '../json-text.ts';
import { fieldSql, type Joined, labelSort, nodesWith, sortOf } from './node-fields.ts';
import { conditionOf } from './node-filter.ts';
import { nodeColumns, nodeOfRow, type NodeRow, nodeTables } from './node-row.ts';

/** Which nodes, in which order. */
export type NodeSelection = {
  readonly sort: readonly NodeSort[];
  /** All must hold. */
  readonly filters: readonly NodeFilter[];
  /** Only these, as a range named them. */
  readonly ids?: readonly string[];
};

export type NodeListQuery = NodeSelection & { readonly limit: number; readonly offset: number };

/** A node as a range is read against it. */
export type WorldRow = WorldNode & { readonly id: string };

type Selected = { readonly tables: RawBuilder<unknown>; readonly where: RawBuilder<unknown>; readonly order: RawBuilder<unknown> };

/** Nodes without a value come last in either direction; nodes with the same value in the natural order of their names. */
function selected({ sort, filters, ids }: NodeSelection): Selected {
  const conditions = filters.map(conditionOf);
  const sorts = sort.map(sortSql);
  const all = [...conditions.map(({ holds }) => holds), ...(ids === undefined ? [] : [sql`n.id = any (${[...ids]}::uuid[])`])];
  const needed: (Joined | undefined)[] = [...conditions.map(({ from }) => from), ...sorts.map(({ from }) => from)];
  return {
    tables: nodesWith(needed),
    where: all.length === 0 ? sql`true` : sql.join(all, sql` and `),
    order: sql.join([...sorts.map(({ by }) => by), sql`n.name_sort_key`, sql`n.name`]),
  };
}

function sortSql({ key, descending }: NodeSort): { by: RawBuilder<unknown>; from: Joined | undefined } {
  const label = labelIn(key);
  const expression = label === undefined ? sortOf(key as NodeSortKey) : labelSort(storableText(label));
  return {
    by: sql`${expression} ${descending ? sql`desc` : sql`asc`} nulls last`,
    from: label === undefined ? fieldSql[key as NodeSortKey].from : undefined,
  };
}

/** One page and the number of all that match, in one statement, so that the two belong together even while nodes come and go. */
export async function listNodes(queries: Queries, query: NodeListQuery): Promise<NodeList> {
  const { tables, where, order } = selected(query);
  const { rows } = await sql<NodeRow & { total: number; id: string | null }>`
    with matching as materialized (
      select n.id, row_number() over (order by ${order}) as position from ${tables} where ${where}
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

/** The ids of all that match, in order: what a long answer goes by, so that no node comes twice or is missed while others come and go. */
export async function listNodeIds(queries: Queries, selection: NodeSelection): Promise<string[]> {
  const { tables, where, order } = selected(selection);
  const { rows } = await sql<{ id: string }>`select n.id from ${tables} where ${where} order by ${order}`.execute(queries);
  return rows.map(({ id }) => id);
}

/** The nodes of these ids, in their order; those that are gone are left out. */
export async function readNodesById(queries: Queries, ids: readonly string[]): Promise<Node[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<NodeRow>`
    select ${nodeColumns} from unnest(${[...ids]}::uuid[]) with ordinality as wanted (id, position)
      join (${nodeTables}) on n.id = wanted.id
    order by wanted.position`.execute(queries);
  return rows.map(nodeOfRow);
}

type WorldColumns = {
  node_id: string;
  node_name: string;
  node_groups: string[];
  node_labels: Record<string, string>;
} & Record<NodeSortKey, FieldValue>;

const worldRowOf = ({ node_id: id, node_name: name, node_groups: groups, node_labels: labels, ...values }: WorldColumns): WorldRow => ({
  id,
  name,
  groups,
  labels,
  values,
});

/** A system answers to its id, its id with the version, and its full name, as core's `osValues` has it. */
const osValues = sql`case when f.node_id is not null then
  array[f.facts #>> '{os,id}', (f.facts #>> '{os,id}') || ' ' || (f.facts #>> '{os,version}'), f.os] end`;

/** Every node with as much as a range asks for, in natural order. */
export async function readWorld(queries: Queries, { fields, labels }: AskedOfWorld): Promise<WorldRow[]> {
  const columns = fields.map((key) => sql`${key === 'os' ? osValues : fieldSql[key].value} as ${sql.ref(key)}`);
  const tables = nodesWith(fields.map((key) => fieldSql[key].from));
  const { rows } = await sql<WorldColumns>`
    select n.id as node_id, n.name as node_name, n.groups as node_groups, ${labels ? sql`n.labels` : sql`'{}'::jsonb`} as node_labels
      ${columns.length === 0 ? sql`` : sql`, ${sql.join(columns)}`}
    from ${tables} order by n.name_sort_key, n.name`.execute(queries);
  return rows.map(worldRowOf);
}
