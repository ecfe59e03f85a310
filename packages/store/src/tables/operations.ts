import { maxWaitingTasks, type Operation, type OperationList, type OperationSpec, type TaskWork } from '@muster/api';
import type { OperationPicture, OperationPlan, OperationStep } from '@muster/core';
import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { NodeNotFound, OperationNotFound, TooManyTasks } from '../errors.ts';
import { jsonText, storableText } from '../json-text.ts';
import { appendEvents } from './events.ts';
import { nodeIdOf } from './find-node.ts';
import { countTasks, operationColumns, operationOfRow, type OperationRow } from './operation-row.ts';
import { forgetStopped } from './stopped-services.ts';
import { endOfOperation, ofOperation } from './task-events.ts';

export type NewOperation = {
  readonly spec: OperationSpec;
  readonly plan: Omit<OperationPlan, 'action'>;
  readonly range: string;
  readonly requestedBy: string;
  readonly batch: number | null;
  readonly maxFail: number | null;
  readonly expiresInSeconds: number;
  /** Each node once. `work` where it differs from the plan's. */
  readonly nodes: readonly { readonly id: string; readonly work?: TaskWork }[];
};

export type OperationFilter = {
  /** Id or name of a node that has, or had, a task of it. */
  readonly node?: string;
  readonly state?: Operation['state'];
  readonly limit: number;
  readonly offset: number;
};

export type RunningOperation = OperationPicture & { readonly id: string };

/** What was asked of nodes. Every function that takes an id throws OperationNotFound. */
export type OperationTable = {
  /**
   * Writes an operation with a task for each node, all or nothing; event `operation-started`. Tasks of a node have the order in which
   * operations were created. @throws TooManyTasks, NodeNotFound when a node was removed meanwhile
   */
  create(operation: NewOperation): Promise<Operation>;
  get(id: string): Promise<Operation>;
  /** Newest first. @throws NodeNotFound */
  list(filter: OperationFilter): Promise<OperationList>;
  /**
   * Cancels what is queued, and notes for the rest that it is to be ended; event `operation-cancelled`. A finished operation, or one that was
   * cancelled before, stays as it is.
   */
  cancel(id: string, by: string): Promise<Operation>;
  /** Operations that have not finished. */
  running(): Promise<RunningOperation[]>;
  /**
   * Lets `decide` say how a running operation goes on, and does that, with its row locked: of two servers only one does it. Passed over
   * when another one is at it or it has finished. Returns what was done.
   */
  advance(id: string, decide: (picture: OperationPicture) => OperationStep): Promise<OperationStep>;
};

/** One creation after the other: so positions are in the order of commits, and nobody goes over the cap. */
const inOrder = sql`select pg_advisory_xact_lock(1836413812, 3)`;

const createOperation = (database: Database, given: NewOperation): Promise<Operation> =>
  database.transaction(async (queries) => shown(queries, await insertOperation(queries, given)));

/** The same as part of a transaction, near its end: it writes an event. @throws TooManyTasks, NodeNotFound */
export async function insertOperation(queries: Queries, given: NewOperation): Promise<OperationRow> {
  await inOrder.execute(queries);
  await refuseFull(
    queries,
    given.nodes.map(({ id }) => id),
  );
  const { rows } = await sql<OperationRow>`
    insert into operations as o (spec, title, range, requested_by, batch, max_fail, expires_at, total)
    values (${jsonText(given.spec)}::jsonb, ${storableText(given.plan.title)}, ${storableText(given.range)}, ${storableText(given.requestedBy)},
      ${given.batch}, ${given.maxFail}, now() + make_interval(secs => ${given.expiresInSeconds}), ${given.nodes.length})
    returning ${operationColumns}`.execute(queries);
  const [row] = rows;
  if (row === undefined) throw new Error('an insert returned no row');
  await insertTasks(queries, row, given);
  const { spec, nodes } = given;
  if (spec.kind === 'service' && spec.action !== 'stop')
    await forgetStopped(
      queries,
      nodes.map(({ id }) => id),
      spec.unit,
    );
  const what = `asked of ${given.nodes.length} node${given.nodes.length === 1 ? '' : 's'} by ${row.requested_by}.`;
  await appendEvents(queries, [ofOperation('operation-started', row, what, { kind: given.spec.kind, nodes: given.nodes.length })]);
  return row;
}

async function refuseFull(queries: Queries, nodeIds: readonly string[]): Promise<void> {
  const { rows } = await sql<{ node_name: string }>`
    select max(node_name) as node_name from tasks
    where state in ('queued', 'sent', 'running') and node_id = any (${[...nodeIds]}::uuid[])
    group by node_id having count(*) >= ${maxWaitingTasks} order by 1`.execute(queries);
  const full = rows.map((row) => row.node_name);
  if (full.length > 0) throw new TooManyTasks(full, maxWaitingTasks);
}

async function insertTasks(queries: Queries, { id, expires_at }: OperationRow, { plan, nodes, batch }: NewOperation): Promise<void> {
  const inserted = await sql<{ node_id: string }>`
    insert into tasks (operation_id, node_id, node_name, kind, lane, done_by, work, timeout_seconds, held, expires_at)
    select ${id}::uuid, n.id, n.name, ${plan.work.kind}, ${plan.lane}, ${plan.doneBy}, coalesce(given.work, ${jsonText(plan.work)}::jsonb),
      ${plan.timeoutSeconds}, row_number() over (order by n.name_sort_key, n.name) > coalesce(${batch}::integer, 2147483647),
      ${expires_at}::timestamptz
    from jsonb_to_recordset(${jsonText(nodes)}::jsonb) as given (id uuid, work jsonb) join nodes n on n.id = given.id
    order by n.name_sort_key, n.name
    returning node_id`.execute(queries);
  if (inserted.rows.length === nodes.length) return;
  const found = new Set(inserted.rows.map((row) => row.node_id));
  throw new NodeNotFound(nodes.find((node) => !found.has(node.id))?.id ?? 'unknown');
}

/** The row with its tasks counted. */
async function shown(queries: Queries, row: OperationRow): Promise<Operation> {
  const counts = row.counts ?? (await countTasks(queries, [row.id])).get(row.id)?.counts;
  if (counts === undefined) throw new OperationNotFound('operation', row.id);
  return operationOfRow(row, counts);
}

async function readOperation(queries: Queries, id: string): Promise<OperationRow> {
  const { rows } = await sql<OperationRow>`select ${operationColumns} from operations o where o.id = ${id}`.execute(queries);
  const [row] = rows;
  if (row === undefined) throw new OperationNotFound('operation', id);
  return row;
}

async function listOperations(queries: Queries, { node, state, limit, offset }: OperationFilter): Promise<OperationList> {
  const nodeId = node === undefined ? null : await nodeIdOf(queries, node);
  const { rows } = await sql<OperationRow & { counted: number }>`
    with matching as (
      select o.id, o.position from operations o
      where (${state ?? null}::text is null or o.state = ${state ?? null})
        -- What the server does about environments by itself is shown there, and in the history of a node.
        and (${nodeId}::uuid is not null or o.spec ->> 'kind' <> 'environment')
        and (${nodeId}::uuid is null or exists (select from tasks t where t.operation_id = o.id and t.node_id = ${nodeId}::uuid))
    ),
    page as (select id from matching order by position desc limit ${limit} offset ${offset})
    select counted.counted, ${operationColumns}
    from (select count(*) as counted from matching) counted
    left join (operations o join page on page.id = o.id) on true
    order by o.position desc`.execute(queries);
  const found = rows.filter((row) => (row.id as string | null) !== null);
  const counts = await countTasks(
    queries,
    found.filter((row) => row.counts === null).map((row) => row.id),
  );
  const items = found.flatMap((row) => {
    const counted = row.counts ?? counts.get(row.id)?.counts;
    return counted === undefined ? [] : [operationOfRow(row, counted)];
  });
  return { items, total: rows[0]?.counted ?? 0 };
}

function cancelOperation(database: Database, id: string, by: string): Promise<Operation> {
  return database.transaction(async (queries) => {
    const { rows } = await sql<OperationRow>`
      update operations o set cancelled_at = now(), cancelled_by = ${storableText(by)}
      where o.id = ${id} and o.state = 'running' and o.cancelled_at is null
      returning ${operationColumns}`.execute(queries);
    const [row] = rows;
    if (row === undefined) return shown(queries, await readOperation(queries, id));
    const cancelled = await cancelQueued(queries, id, `Cancelled by ${by} before it began.`);
    const asked = await sql`
      update tasks set cancel_requested_at = now() where operation_id = ${id} and state in ('sent', 'running')`.execute(queries);
    const what = `cancelled by ${by}; ${cancelled} had not begun, ${Number(asked.numAffectedRows ?? 0)} are asked to end.`;
    await appendEvents(queries, [ofOperation('operation-cancelled', row, what)]);
    return shown(queries, row);
  });
}

/** Cancels what no node knows of yet. Returns how many tasks that were. */
async function cancelQueued(queries: Queries, operationId: string, message: string): Promise<number> {
  const { numAffectedRows } = await sql`
    update tasks set state = 'cancelled', finished_at = now(), message = ${storableText(message)}
    where operation_id = ${operationId} and state = 'queued'`.execute(queries);
  return Number(numAffectedRows ?? 0);
}

async function readRunning(queries: Queries): Promise<RunningOperation[]> {
  const { rows } = await sql<OperationRow>`
    select ${operationColumns} from operations o where o.state = 'running' order by o.position`.execute(queries);
  const counted = await countTasks(
    queries,
    rows.map((row) => row.id),
  );
  return rows.flatMap((row) => {
    const one = counted.get(row.id);
    return one === undefined ? [] : [{ id: row.id, ...pictureOf(row, one) }];
  });
}

const pictureOf = (row: OperationRow, counted: Pick<OperationPicture, 'counts' | 'held'>): OperationPicture => ({
  batch: row.batch,
  maxFail: row.max_fail,
  cancelled: row.cancelled_at !== null,
  ...counted,
});

function advanceOperation(database: Database, id: string, decide: (picture: OperationPicture) => OperationStep): Promise<OperationStep> {
  return database.transaction(async (queries) => {
    const { rows } = await sql<OperationRow>`
      select ${operationColumns} from operations o where o.id = ${id} and o.state = 'running' for update skip locked`.execute(queries);
    const [row] = rows;
    const counted = (await countTasks(queries, [id])).get(id);
    if (row === undefined || counted === undefined) return { do: 'wait' };
    const step = decide(pictureOf(row, counted));
    await take(queries, row, step, counted.counts);
    return step;
  });
}

async function take(queries: Queries, row: OperationRow, step: OperationStep, counts: OperationPicture['counts']): Promise<void> {
  if (step.do === 'release') {
    await sql`
      update tasks set held = false where id in (
        select id from tasks where operation_id = ${row.id} and state = 'queued' and held order by position limit ${step.count} for update)`.execute(
      queries,
    );
    await appendEvents(queries, [ofOperation('task-changed', row, `goes on with ${step.count} more.`, { released: step.count })]);
  } else if (step.do === 'stop') {
    const stopped = await cancelQueued(queries, row.id, step.reason);
    await appendEvents(queries, [ofOperation('task-changed', row, `stopped, ${stopped} left out. ${step.reason}`, { stopped })]);
  } else if (step.do === 'finish') {
    await sql`
      update operations set state = ${step.state}, finished_at = now(), counts = ${jsonText(counts)}::jsonb where id = ${row.id}`.execute(
      queries,
    );
    await appendEvents(queries, [endOfOperation(row, step.state, counts)]);
  }
}

export function operationTable(database: Database): OperationTable {
  return {
    create: (operation) => createOperation(database, operation),
    get: (id) => database.run(async (queries) => shown(queries, await readOperation(queries, id))),
    list: (filter) => database.run((queries) => listOperations(queries, filter)),
    cancel: (id, by) => cancelOperation(database, id, by),
    running: () => database.run(readRunning),
    advance: (id, decide) => advanceOperation(database, id, decide),
  };
}
