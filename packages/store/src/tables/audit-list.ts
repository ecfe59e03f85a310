import type { AuditEntry } from '@muster/api';
import { type RawBuilder, sql } from 'kysely';
import type { Queries } from '../database.ts';
import { storableText } from '../json-text.ts';

/** What is looked for; all must hold. */
export type AuditSearch = {
  /** Part of the name or id of who did it, or of the address it came from, ignoring case. */
  readonly who?: string | undefined;
  /** Part of the route's name, or of what it was about. */
  readonly what?: string | undefined;
  /** A node by name or id. */
  readonly node?: string | undefined;
  readonly result?: AuditEntry['result'] | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
};

type AuditRow = {
  id: number;
  at: string;
  actor_kind: AuditEntry['who']['kind'];
  actor_id: string | null;
  actor_name: string;
  actor_role: string | null;
  address: string;
  route: string;
  target_kind: string | null;
  target_id: string | null;
  target_name: string | null;
  input: Record<string, unknown> | null;
  left_out: number;
  status: number | null;
  code: string | null;
  message: string | null;
  nodes: string[] | null;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
};

function resultOf(status: number | null): AuditEntry['result'] {
  if (status === null) return 'unknown';
  if (status < 400) return 'done';
  return status < 500 ? 'refused' : 'failed';
}

const entryOfRow = (row: AuditRow): AuditEntry => ({
  id: row.id,
  at: row.at,
  who: { kind: row.actor_kind, id: row.actor_id, name: row.actor_name, role: row.actor_role },
  from: row.address,
  what: row.route,
  target: row.target_kind === null ? null : { kind: row.target_kind, id: row.target_id, name: row.target_name },
  nodes: row.nodes ?? [],
  input: row.input,
  result: resultOf(row.status),
  status: row.status,
  code: row.code,
  message: row.message,
  before: row.before,
  after: row.after,
  leftOut: row.left_out,
});

const holds = (column: RawBuilder<unknown>, part: string): RawBuilder<unknown> =>
  sql`position(lower(${storableText(part)}) in lower(coalesce(${column}, ''))) > 0`;
const any = (conditions: RawBuilder<unknown>[]): RawBuilder<unknown> => sql`(${sql.join(conditions, sql` or `)})`;

const resultConditions: Record<AuditEntry['result'], RawBuilder<unknown>> = {
  unknown: sql`r.status is null`,
  done: sql`r.status < 400`,
  refused: sql`r.status >= 400 and r.status < 500`,
  failed: sql`r.status >= 500`,
};

function conditionsOf({ who, what, node, result, from, to }: AuditSearch): RawBuilder<unknown>[] {
  const conditions: RawBuilder<unknown>[] = [];
  if (who !== undefined) conditions.push(any([sql`a.actor_name`, sql`a.actor_id`, sql`a.address`].map((column) => holds(column, who))));
  if (what !== undefined)
    conditions.push(
      any([sql`a.route`, sql`a.target_name`, sql`r.target_name`, sql`a.target_id`, sql`r.target_id`].map((column) => holds(column, what))),
    );
  if (node !== undefined) conditions.push(isAboutNode(storableText(node)));
  if (result !== undefined) conditions.push(resultConditions[result]);
  if (from !== undefined) conditions.push(sql`a.at >= ${from}::timestamptz`);
  if (to !== undefined) conditions.push(sql`a.at < ${to}::timestamptz`);
  return conditions;
}

const isAboutNode = (node: string): RawBuilder<unknown> => sql`(
  r.nodes @> array[${node}::text]
  or (a.target_kind = 'nodes' and ${node} in (a.target_id, a.target_name, r.target_id, r.target_name)))`;

const columns = sql`a.id, a.at, a.actor_kind, a.actor_id, a.actor_name, a.actor_role, a.address, a.route, a.target_kind,
  coalesce(r.target_id, a.target_id) as target_id, coalesce(r.target_name, a.target_name) as target_name, a.input, a.left_out,
  r.status, r.code, r.message, r.nodes, r.before, r.after`;
const tables = sql`audit a left join audit_results r on r.audit_id = a.id`;

const whereOf = (conditions: RawBuilder<unknown>[]): RawBuilder<unknown> =>
  conditions.length === 0 ? sql`true` : sql.join(conditions, sql` and `);

/** A page, newest first, and the number of all that match. */
export async function listAudit(
  queries: Queries,
  search: AuditSearch,
  limit: number,
  before: number | undefined,
): Promise<{ items: AuditEntry[]; total: number }> {
  const conditions = conditionsOf(search);
  const { rows: counted } = await sql<{ total: number }>`select count(*) as total from ${tables} where ${whereOf(conditions)}`.execute(
    queries,
  );
  const older = before === undefined ? conditions : [...conditions, sql`a.id < ${before}`];
  const { rows } = await sql<AuditRow>`
    select ${columns} from ${tables} where ${whereOf(older)} order by a.id desc limit ${limit}`.execute(queries);
  return { items: rows.map(entryOfRow), total: counted[0]?.total ?? 0 };
}

/** The page that follows on an id, oldest first. */
export async function pageOfAudit(queries: Queries, search: AuditSearch, after: number, limit: number): Promise<AuditEntry[]> {
  const { rows } = await sql<AuditRow>`
    select ${columns} from ${tables} where ${whereOf([...conditionsOf(search), sql`a.id > ${after}`])}
    order by a.id limit ${limit}`.execute(queries);
  return rows.map(entryOfRow);
}
