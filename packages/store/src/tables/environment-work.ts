import type { EnvironmentTask, OperationSpec } from '@muster/api';
import { type EndedWork, type EnvironmentPicture, type PicturedWork, planOperation, type WorkChange } from '@muster/core';
import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { jsonText } from '../json-text.ts';
import { readPicture } from './environment-picture.ts';
import { readEnvironment, type StoredEnvironment } from './environment-row.ts';
import { appendEvents, type NewEvent } from './events.ts';
import { insertOperation } from './operations.ts';

/** Work that has ended, with what its node said. */
export type FinishedWork = {
  readonly work: PicturedWork;
  readonly nodeName: string;
  readonly environment: string;
  readonly ended: EndedWork;
  readonly output: string;
};

/** Work of one environment that begins on some nodes now. */
export type StartedWork = {
  readonly environment: string;
  readonly spec: Extract<OperationSpec, { kind: 'environment' }>;
  readonly task: EnvironmentTask;
  readonly timeoutSeconds: number;
  readonly works: readonly PicturedWork[];
};

/** What is done about environments on nodes. Several servers may decide the same: what was meanwhile written by another one stays. */
export type EnvironmentWorkTable = {
  picture(): Promise<EnvironmentPicture>;
  /** Writes the changes whose `from` still holds, with these events where there was one. Returns how many. */
  save(changes: readonly WorkChange[], events?: readonly NewEvent[]): Promise<number>;
  /** The environment in its present version. @throws EnvironmentNotFound when it was removed meanwhile */
  taskOf(environmentId: string): Promise<StoredEnvironment>;
  /** Gives the nodes their tasks, where the work is still new. */
  begin(started: StartedWork): Promise<number>;
  /** Work whose task has ended, or is not there any more. */
  finished(): Promise<FinishedWork[]>;
};

/** How long a task may wait to be begun: a node that goes away meanwhile gets another one when it is back. */
const beginWithinSeconds = 3600;

const seen = sql`
  w.node_id as "nodeId", w.environment_id as "environmentId", w.revision, w.action, w.version, w.state, w.message, w.attempts,
  w.retry_at as "retryAt", coalesce(w.retry_at <= now(), false) as "retryDue", w.task_id as "taskId", w.changed_at as "changedAt",
  false as "reportedSince"`;

async function saveChanges(queries: Queries, changes: readonly WorkChange[]): Promise<number> {
  const rows = changes.map(({ nodeId, environmentId, from, to }) => ({
    nodeId,
    environmentId,
    seen: from?.revision ?? null,
    ...(to === 'forget' ? { forget: true } : { ...to, forget: false }),
  }));
  const { rows: written } = await sql<{ node_id: string }>`
    with given as (
      select * from jsonb_to_recordset(${jsonText(rows)}::jsonb) as given (
        "nodeId" uuid, "environmentId" uuid, seen integer, forget boolean, action text, version integer, state text, message text,
        attempts integer, "taskId" uuid, "retryInSeconds" double precision)
    ),
    -- In one order: servers that decide at the same time wait for each other and cannot deadlock.
    locked as (
      select w.node_id, w.environment_id from environment_work w
      join given on given."nodeId" = w.node_id and given."environmentId" = w.environment_id
      where w.revision = given.seen
      order by w.node_id, w.environment_id for update of w
    ),
    forgotten as (
      delete from environment_work w using locked, given
      where given.forget and (w.node_id, w.environment_id) = (locked.node_id, locked.environment_id)
        and (w.node_id, w.environment_id) = (given."nodeId", given."environmentId")
      returning w.node_id
    ),
    updated as (
      update environment_work w
      set action = given.action, version = given.version, state = given.state, message = given.message, attempts = given.attempts,
        task_id = given."taskId", changed_at = clock_timestamp(), revision = w.revision + 1, retry_at = now() + make_interval(secs => given."retryInSeconds")
      from locked join given on given."nodeId" = locked.node_id and given."environmentId" = locked.environment_id
      where not given.forget and (w.node_id, w.environment_id) = (locked.node_id, locked.environment_id)
      returning w.node_id
    ),
    inserted as (
      insert into environment_work (node_id, environment_id, action, version, state, message, attempts, task_id, retry_at)
      select given."nodeId", given."environmentId", given.action, given.version, given.state, given.message, given.attempts, given."taskId",
        now() + make_interval(secs => given."retryInSeconds")
      from given join nodes n on n.id = given."nodeId" join environments e on e.id = given."environmentId"
      where given.seen is null and not given.forget
      on conflict do nothing returning node_id
    )
    select node_id from forgotten union all select node_id from updated union all select node_id from inserted`.execute(queries);
  return written.length;
}

function begin(database: Database, { spec, task, timeoutSeconds, works }: StartedWork): Promise<number> {
  return database.transaction(async (queries) => {
    const changes = works.map((work): WorkChange => {
      const { action, version, message, attempts } = work;
      const to = { action, version, message, state: 'ongoing', attempts: attempts + 1, taskId: null, retryInSeconds: null } as const;
      return { nodeId: work.nodeId, environmentId: work.environmentId, from: work, to };
    });
    // One by one, to know which of them are ours to begin.
    const begun: PicturedWork[] = [];
    for (const [index, change] of changes.entries()) {
      const work = works[index];
      if (work !== undefined && (await saveChanges(queries, [change])) === 1) begun.push(work);
    }
    if (begun.length === 0) return 0;
    const { action: _, ...plan } = planOperation(spec);
    const row = await insertOperation(queries, {
      spec,
      plan: { ...plan, timeoutSeconds, work: task },
      range: '',
      requestedBy: 'muster',
      batch: null,
      maxFail: null,
      expiresInSeconds: beginWithinSeconds,
      nodes: begun.map(({ nodeId }) => ({ id: nodeId })),
    });
    await sql`
      update environment_work w set task_id = t.id from tasks t
      where t.operation_id = ${row.id} and t.node_id = w.node_id and w.environment_id = any (${begun.map((one) => one.environmentId)}::uuid[])
        and w.state = 'ongoing' and w.task_id is null`.execute(queries);
    return begun.length;
  });
}

async function readFinished(queries: Queries): Promise<FinishedWork[]> {
  type Row = PicturedWork & {
    nodeName: string;
    environment: string;
    endedState: EndedWork['state'] | null;
    exitStatus: number | null;
    said: string | null;
    output: string | null;
  };
  const { rows } = await sql<Row>`
    select ${seen}, n.name as "nodeName", e.name as environment,
      t.state as "endedState", t.exit_status as "exitStatus", t.message as said, t.output
    from environment_work w join nodes n on n.id = w.node_id join environments e on e.id = w.environment_id left join tasks t on t.id = w.task_id
    where w.state = 'ongoing' and (t.id is null or t.state not in ('queued', 'sent', 'running'))
    order by w.changed_at`.execute(queries);
  return rows.map(({ nodeName, environment, endedState, exitStatus, said, output, ...work }) => ({
    work,
    nodeName,
    environment,
    ended: { state: endedState ?? 'unknown', exitStatus, message: said ?? 'Its task is not known any more.' },
    output: output ?? '',
  }));
}

export function environmentWorkTable(database: Database): EnvironmentWorkTable {
  return {
    picture: () => database.run(readPicture),
    save: async (changes, events = []) => {
      if (changes.length === 0) return 0;
      return database.transaction(async (queries) => {
        const written = await saveChanges(queries, changes);
        if (written > 0) await appendEvents(queries, events);
        return written;
      });
    },
    taskOf: (environmentId) => database.run((queries) => readEnvironment(queries, environmentId)),
    begin: (started) => begin(database, started),
    finished: () => database.run(readFinished),
  };
}
