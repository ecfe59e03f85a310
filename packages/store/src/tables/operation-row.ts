import type { Operation, OperationSpec, Task, TaskCounts, TaskState } from '@muster/api';
import { noTasks } from '@muster/core';
import { type RawBuilder, sql } from 'kysely';
import type { Queries } from '../database.ts';

/** One operation as the database has it; without `counts` while it runs. */
export type OperationRow = {
  id: string;
  spec: OperationSpec;
  title: string;
  range: string;
  requested_by: string;
  requested_at: string;
  batch: number | null;
  max_fail: number | null;
  expires_at: string;
  cancelled_at: string | null;
  cancelled_by: string | null;
  state: Operation['state'];
  finished_at: string | null;
  total: number;
  counts: TaskCounts | null;
};

export const operationColumns: RawBuilder<OperationRow> = sql<OperationRow>`
  o.id, o.spec, o.title, o.range, o.requested_by, o.requested_at, o.batch, o.max_fail, o.expires_at, o.cancelled_at, o.cancelled_by,
  o.state, o.finished_at, o.total, o.counts`;

/** The row as the API shows it. */
export const operationOfRow = (row: OperationRow, counts: TaskCounts): Operation => ({
  id: row.id,
  spec: row.spec,
  title: row.title,
  range: row.range,
  requestedBy: row.requested_by,
  requestedAt: row.requested_at,
  batch: row.batch,
  maxFail: row.max_fail,
  expiresAt: row.expires_at,
  cancelledAt: row.cancelled_at,
  cancelledBy: row.cancelled_by,
  finishedAt: row.finished_at,
  state: row.state,
  total: row.total,
  counts,
});

/** The number of tasks by state, and how many of them are held, of each of these operations. */
export async function countTasks(queries: Queries, ids: readonly string[]): Promise<Map<string, { counts: TaskCounts; held: number }>> {
  const found = new Map(ids.map((id) => [id, { counts: noTasks(), held: 0 }]));
  if (ids.length === 0) return found;
  const { rows } = await sql<{ id: string; state: TaskState; count: number; held: number }>`
    select operation_id as id, state, count(*) as count, count(*) filter (where held and state = 'queued') as held
    from tasks where operation_id = any (${[...ids]}::uuid[]) group by operation_id, state`.execute(queries);
  for (const { id, state, count, held } of rows) {
    const one = found.get(id);
    if (one === undefined) continue;
    one.counts[state] = count;
    one.held += held;
  }
  return found;
}

/** One task without its output. */
export type TaskRow = {
  id: string;
  operation_id: string;
  node_id: string;
  node_name: string;
  kind: string;
  state: TaskState;
  message: string;
  exit_status: number | null;
  output_bytes: number;
  truncated: boolean;
  queued_at: string;
  sent_at: string | null;
  started_at: string | null;
  finished_at: string | null;
  expires_at: string;
};

export const taskColumns: RawBuilder<TaskRow> = sql<TaskRow>`
  t.id, t.operation_id, t.node_id, t.node_name, t.kind, t.state, t.message, t.exit_status, t.output_bytes, t.truncated, t.queued_at,
  t.sent_at, t.started_at, t.finished_at, t.expires_at`;

/** The row as the API shows it. */
export const taskOfRow = (row: TaskRow): Task => ({
  id: row.id,
  operationId: row.operation_id,
  nodeId: row.node_id,
  nodeName: row.node_name,
  kind: row.kind,
  state: row.state,
  message: row.message,
  exitStatus: row.exit_status,
  outputBytes: row.output_bytes,
  truncated: row.truncated,
  queuedAt: row.queued_at,
  sentAt: row.sent_at,
  startedAt: row.started_at,
  finishedAt: row.finished_at,
  expiresAt: row.expires_at,
});
