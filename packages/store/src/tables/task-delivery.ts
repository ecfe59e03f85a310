import type { TaskLane, TaskState, TaskWork } from '@muster/api';
import { operationEnd, signalStates, type TaskOutcome } from '@muster/core';
import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { jsonText, storableText } from '../json-text.ts';
import { appendEvents } from './events.ts';
import { countTasks } from './operation-row.ts';
import { noteDoneService } from './stopped-services.ts';
import { endOfTask, type EndedTask } from './task-events.ts';

/** A task on its way to whoever does it. */
export type DeliverableTask = {
  readonly id: string;
  readonly nodeId: string;
  readonly nodeName: string;
  readonly lane: TaskLane;
  readonly work: TaskWork;
  readonly timeoutSeconds: number;
  /** Seconds that are left to begin it, by the database's clock; 0 and less: only its result is wanted. */
  readonly beginWithinSeconds: number;
  /** Somebody wants it ended. */
  readonly cancel: boolean;
};

/** A task that the server does itself, with who asked for it. */
export type ServerTask = DeliverableTask & { readonly requestedBy: string };

/** How a task ended, in the words of whoever did it. */
export type TaskResult = {
  readonly id: string;
  readonly outcome: TaskOutcome;
  readonly exitStatus: number | null;
  readonly message: string;
  readonly output: string;
  readonly truncated: boolean;
  readonly durationMs: number | null;
};

/**
 * The way of tasks to whoever does them and of results back. Everything bears repetition, and nothing changes a task that has ended,
 * but for a true result that replaces `unknown`. All limits are by the database's clock.
 */
export type TaskDeliveryTable = {
  /**
   * The next task of each lane of these nodes becomes `sent`: the oldest one, where nothing of the lane is under way. It is to be sent
   * after this, so that a crash between leaves one that is sent again and never one that was sent unknown to us.
   */
  claim(nodeIds: readonly string[], serverId: string): Promise<DeliverableTask[]>;
  /** What these nodes were given and have not ended. With `quietForSeconds` only what was not taken since then, or is to be ended. */
  underWay(nodeIds: readonly string[], quietForSeconds?: number): Promise<DeliverableTask[]>;
  /** The node has it on its disk. */
  taken(nodeId: string, id: string): Promise<void>;
  /** Writes a result with its event. `ignored`: it has ended before, or is no task of this node, which then learns nothing of it. */
  record(nodeId: string, result: TaskResult): Promise<'recorded' | 'ignored' | 'not-theirs'>;
  /**
   * The next tasks of a kind that the server does itself become `running`, oldest first. Those of one node follow each other: while one is
   * open the next is not begun.
   */
  claimForServer(kind: string, serverId: string, limit: number): Promise<ServerTask[]>;
  /** Ends what is past its time, and what was asked of nodes that were removed, with its events. Returns how many tasks that were. */
  expire(): Promise<number>;
};

/**
 * Time for a result to come in after the agent has ended the task at the latest, seconds; the agent's own patience is below it. The same for
 * its word that it has taken the task, which it says at once: nobody has to wait as long as a task may run to hear that a node has gone.
 */
const graceSeconds = 60;

const deliverable = sql`
  t.id, t.node_id as "nodeId", t.node_name as "nodeName", t.lane, t.work, t.timeout_seconds as "timeoutSeconds",
  extract(epoch from t.expires_at - now())::double precision as "beginWithinSeconds", t.cancel_requested_at is not null as cancel`;

async function claim(queries: Queries, nodeIds: readonly string[], serverId: string): Promise<DeliverableTask[]> {
  const { rows } = await sql<DeliverableTask>`
    with heads as (
      select distinct on (node_id, lane) id, state from tasks
      where state in ('queued', 'sent', 'running') and done_by = 'agent' and node_id = any (${[...nodeIds]}::uuid[])
        and (state <> 'queued' or (not held and expires_at > now()))
      order by node_id, lane, state = 'queued', position
    ),
    locked as (
      select id from tasks
      where id in (select id from heads where state = 'queued') and state = 'queued' and not held and expires_at > now()
      order by id for update skip locked
    )
    update tasks t
    set state = 'sent', sent_at = now(), server_id = ${serverId},
      lost_at = t.expires_at + make_interval(secs => ${graceSeconds})
    from locked where t.id = locked.id
    returning ${deliverable}`.execute(queries);
  return rows;
}

async function underWay(queries: Queries, nodeIds: readonly string[], quietForSeconds: number | undefined): Promise<DeliverableTask[]> {
  const quiet =
    quietForSeconds === undefined
      ? sql`true`
      : sql`(t.state = 'sent' and t.sent_at < now() - make_interval(secs => ${quietForSeconds})) or t.cancel_requested_at is not null`;
  const { rows } = await sql<DeliverableTask & { state: TaskState }>`
    select ${deliverable}, t.state from tasks t
    where t.state in ('sent', 'running') and t.done_by = 'agent' and t.node_id = any (${[...nodeIds]}::uuid[]) and (${quiet})
    order by t.position`.execute(queries);
  // The node said that it has it: if it has forgotten, it must not begin anew.
  return rows.map(({ state, ...task }) => (state === 'running' ? { ...task, beginWithinSeconds: 0 } : task));
}

function record(database: Database, nodeId: string, result: TaskResult): Promise<'recorded' | 'ignored' | 'not-theirs'> {
  return database.transaction(async (queries) => {
    const before = await lockTask(queries, nodeId, result.id);
    if (before === undefined) return 'not-theirs';
    if (!signalStates.result.includes(before.state)) return 'ignored';
    const state = outcomeIn(before.state, result.outcome);
    const message =
      state === 'unknown' && result.outcome === 'expired' ? 'The node took it and knows nothing of it any more.' : result.message;
    if (before.state === state) return 'ignored';
    await sql`
      update tasks set state = ${state}, finished_at = now(), exit_status = ${result.exitStatus}, message = ${storableText(message)},
        output = ${storableText(result.output)}, truncated = ${result.truncated}, duration_ms = ${result.durationMs}
      where id = ${result.id}`.execute(queries);
    if (state === 'succeeded') await noteDoneService(queries, before);
    if (before.state === 'unknown') await recount(queries, before.operationId);
    await appendEvents(queries, [endOfTask({ ...before, state, message, exitStatus: result.exitStatus })]);
    return 'recorded';
  });
}

/** A node that has taken a task and then says it never began it has lost its journal: nobody knows. */
const outcomeIn = (state: TaskState, outcome: TaskOutcome): TaskOutcome =>
  outcome === 'expired' && state === 'running' ? 'unknown' : outcome;

type LockedTask = Omit<EndedTask, 'state' | 'exitStatus' | 'message'> & {
  readonly state: TaskState;
  readonly work: TaskWork;
  readonly requestedBy: string;
};

/** Locks the operation first where its end may have to be decided anew, as whoever advances it does. */
async function lockTask(queries: Queries, nodeId: string, id: string): Promise<LockedTask | undefined> {
  await sql`
    select o.id from operations o join tasks t on t.operation_id = o.id
    where t.id = ${id} and t.node_id = ${nodeId} and t.state = 'unknown' for update of o`.execute(queries);
  const { rows } = await sql<LockedTask>`
    select t.id, t.operation_id as "operationId", t.node_id as "nodeId", t.node_name as "nodeName", t.state, t.work, o.title,
      o.requested_by as "requestedBy"
    from tasks t join operations o on o.id = t.operation_id
    where t.id = ${id} and t.node_id = ${nodeId} for update of t`.execute(queries);
  return rows[0];
}

/** A finished operation of which one more end became known. */
async function recount(queries: Queries, operationId: string): Promise<void> {
  const counts = (await countTasks(queries, [operationId])).get(operationId)?.counts;
  if (counts === undefined) return;
  const end = { true: operationEnd(counts, true), false: operationEnd(counts, false) };
  await sql`
    update operations set counts = ${jsonText(counts)}::jsonb, state = case when cancelled_at is null then ${end.false} else ${end.true} end
    where id = ${operationId} and state <> 'running'`.execute(queries);
}

async function claimForServer(queries: Queries, kind: string, serverId: string, limit: number): Promise<ServerTask[]> {
  const { rows } = await sql<ServerTask>`
    with next as (
      select id from tasks t
      where state = 'queued' and done_by = 'server' and kind = ${kind} and not held and expires_at > now()
        and not exists (
          select from tasks b
          where b.node_id = t.node_id and b.done_by = 'server' and b.kind = t.kind
            and (b.state = 'running' or (b.state = 'queued' and not b.held and b.expires_at > now() and b.position < t.position))
        )
      order by position limit ${limit} for update skip locked
    )
    update tasks t
    set state = 'running', sent_at = now(), started_at = now(), server_id = ${serverId},
      lost_at = now() + make_interval(secs => t.timeout_seconds + ${graceSeconds})
    from next where t.id = next.id
    returning ${deliverable}, (select requested_by from operations o where o.id = t.operation_id) as "requestedBy"`.execute(queries);
  return rows;
}

/** So many at once: the lock that events take is held until the commit. */
const expirePage = 500;

function expire(database: Database): Promise<number> {
  return database.transaction(async (queries) => {
    const { rows } = await sql<EndedTask>`
      with due as (
        select t.id, n.id is null as removed from tasks t left join nodes n on n.id = t.node_id
        where t.state in ('queued', 'sent', 'running')
          and (n.id is null or (t.state = 'queued' and t.expires_at <= now()) or (t.state <> 'queued' and t.lost_at <= now()))
        order by t.id limit ${expirePage} for update of t skip locked
      )
      update tasks t
      set finished_at = now(), held = false,
        state = case when t.state <> 'queued' then 'unknown' when due.removed then 'cancelled' else 'expired' end,
        message = case
          when due.removed then 'The node was removed.'
          when t.state = 'queued' and t.held then 'Not begun in time: its batch had not come to it.'
          when t.state = 'queued' then 'Not begun in time: the node was not there, or had other things to do.'
          else 'The node did not say how it ended. It may or may not have taken place.' end
      from due join operations o on true
      where t.id = due.id and o.id = t.operation_id
      returning t.id, t.operation_id as "operationId", t.node_id as "nodeId", t.node_name as "nodeName", o.title, t.state, t.message,
        t.exit_status as "exitStatus"`.execute(queries);
    await appendEvents(queries, rows.map(endOfTask));
    return rows.length;
  });
}

export function taskDeliveryTable(database: Database): TaskDeliveryTable {
  return {
    claim: async (nodeIds, serverId) => (nodeIds.length === 0 ? [] : database.run((queries) => claim(queries, nodeIds, serverId))),
    underWay: async (nodeIds, quietForSeconds) =>
      nodeIds.length === 0 ? [] : database.run((queries) => underWay(queries, nodeIds, quietForSeconds)),
    taken: async (nodeId, id) => {
      await database.run((queries) =>
        sql`
          update tasks
          set state = 'running', started_at = now(), lost_at = now() + make_interval(secs => timeout_seconds + ${graceSeconds})
          where id = ${id} and node_id = ${nodeId} and state = any (${[...signalStates.take]}::text[])`.execute(queries),
      );
    },
    record: (nodeId, result) => record(database, nodeId, result),
    claimForServer: (kind, serverId, limit) => database.run((queries) => claimForServer(queries, kind, serverId, limit)),
    expire: () => expire(database),
  };
}
