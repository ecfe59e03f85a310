import type { Task, TaskList, TaskOutput, TaskState } from '@muster/api';
import type { ResultGroup } from '@muster/core';
import { type RawBuilder, sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { OperationNotFound } from '../errors.ts';
import { taskColumns, taskOfRow, type TaskRow } from './operation-row.ts';

export type TaskFilter = { readonly state?: TaskState; readonly limit: number; readonly offset: number };

/** What was asked of each node, as people look at it. */
export type TaskTable = {
  /** In the order of the nodes. @throws OperationNotFound */
  ofOperation(operationId: string, filter: TaskFilter): Promise<TaskList>;
  /** Newest first; also of a node that was removed, by its id. */
  ofNode(nodeId: string, filter: TaskFilter): Promise<TaskList>;
  get(id: string): Promise<Task>;
  /** @throws OperationNotFound */
  output(id: string): Promise<TaskOutput>;
  /** Nodes with the same state, exit status, message and output together, in the order of their first nodes. @throws OperationNotFound */
  results(operationId: string): Promise<ResultGroup[]>;
};

async function listTasks(queries: Queries, which: RawBuilder<unknown>, order: RawBuilder<unknown>, filter: TaskFilter): Promise<TaskList> {
  const { rows } = await sql<TaskRow & { counted: number }>`
    with matching as (
      select t.id from tasks t where ${which} and (${filter.state ?? null}::text is null or t.state = ${filter.state ?? null})
    ),
    page as (select t.id from tasks t join matching using (id) order by ${order} limit ${filter.limit} offset ${filter.offset})
    select counted.counted, ${taskColumns}
    from (select count(*) as counted from matching) counted
    left join (tasks t join page on page.id = t.id) on true
    order by ${order}`.execute(queries);
  return { items: rows.filter((row) => (row.id as string | null) !== null).map(taskOfRow), total: rows[0]?.counted ?? 0 };
}

async function requireOperation(queries: Queries, id: string): Promise<void> {
  const found = await queries.selectFrom('operations').select('id').where('id', '=', id).executeTakeFirst();
  if (found === undefined) throw new OperationNotFound('operation', id);
}

async function readResults(queries: Queries, operationId: string): Promise<ResultGroup[]> {
  const { rows } = await sql<Omit<ResultGroup, 'exitStatus'> & { exitStatus: number | null }>`
    with grouped as (
      select state, exit_status, message, truncated, output_md5, array_agg(node_name order by position) as names,
        min(position) as position, (array_agg(id order by position))[1] as id
      from tasks where operation_id = ${operationId}
      group by state, exit_status, message, truncated, output_md5
    )
    select g.names, g.state, g.exit_status as "exitStatus", g.message, g.truncated, t.output
    from grouped g join tasks t on t.id = g.id order by g.position`.execute(queries);
  return rows;
}

export function taskTable(database: Database): TaskTable {
  return {
    ofOperation: (operationId, filter) =>
      database.run(async (queries) => {
        await requireOperation(queries, operationId);
        return listTasks(queries, sql`t.operation_id = ${operationId}`, sql`t.position`, filter);
      }),
    ofNode: (nodeId, filter) => database.run((queries) => listTasks(queries, sql`t.node_id = ${nodeId}`, sql`t.position desc`, filter)),
    get: async (id) => {
      const { rows } = await database.run((queries) =>
        sql<TaskRow>`select ${taskColumns} from tasks t where t.id = ${id}`.execute(queries),
      );
      const [row] = rows;
      if (row === undefined) throw new OperationNotFound('task', id);
      return taskOfRow(row);
    },
    output: async (id) => {
      const row = await database.run((queries) =>
        queries.selectFrom('tasks').select(['output', 'truncated']).where('id', '=', id).executeTakeFirst(),
      );
      if (row === undefined) throw new OperationNotFound('task', id);
      return row;
    },
    results: (operationId) =>
      database.run(async (queries) => {
        await requireOperation(queries, operationId);
        return readResults(queries, operationId);
      }),
  };
}
