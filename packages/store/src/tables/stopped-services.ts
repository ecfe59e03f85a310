import type { StoppedService, TaskWork } from '@muster/api';
import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { storableText } from '../json-text.ts';
import { appendEvents } from './events.ts';

/**
 * Which units somebody stopped on purpose. A stop is remembered when the node says that it succeeded; a start or restart that is asked for,
 * or a report in which the unit runs, forgets it.
 */
export type StoppedServiceTable = {
  /** Of one node, by unit. */
  ofNode(nodeId: string): Promise<StoppedService[]>;
};

/** What a task that succeeded means for the memory of stops. */
export type DoneService = {
  readonly nodeId: string;
  readonly nodeName: string;
  readonly operationId: string;
  readonly requestedBy: string;
  readonly work: TaskWork;
};

/** Inside the transaction that writes the result of a task. */
export async function noteDoneService(queries: Queries, { nodeId, nodeName, operationId, requestedBy, work }: DoneService): Promise<void> {
  const { kind, action, unit } = work;
  if (kind !== 'service' || typeof unit !== 'string') return;
  if (action !== 'stop') return forgetStopped(queries, [nodeId], unit);
  const { numAffectedRows } = await sql`
    insert into stopped_services (node_id, unit, stopped_by, operation_id)
    select id, ${storableText(unit)}, ${requestedBy}, ${operationId}::uuid from nodes where id = ${nodeId}
    on conflict (node_id, unit) do update set stopped_by = excluded.stopped_by, stopped_at = now(), operation_id = excluded.operation_id`.execute(
    queries,
  );
  if (numAffectedRows === 0n) return;
  const message = `${unit} on ${nodeName} was stopped on purpose by ${requestedBy}. Nothing starts it again by itself.`;
  await appendEvents(queries, [
    { kind: 'service-stopped-on-purpose', severity: 'info', nodeId, nodeName, message, data: { unit, by: requestedBy, operationId } },
  ]);
}

/** From now on the unit is meant to run on these nodes. */
export async function forgetStopped(queries: Queries, nodeIds: readonly string[], unit: string): Promise<void> {
  await sql`delete from stopped_services where node_id = any (${[...nodeIds]}::uuid[]) and unit = ${storableText(unit)}`.execute(queries);
}

/** A report that was made before the stop may come after it: a younger memory outlives it. */
const youngSeconds = 15;

/** Somebody started these units by other means: what comes after is no deliberate stop any more. */
export async function forgetRunning(queries: Queries, nodeId: string, runningUnits: readonly string[]): Promise<void> {
  if (runningUnits.length === 0) return;
  await sql`
    delete from stopped_services
    where node_id = ${nodeId} and unit = any (${runningUnits.map(storableText)}::text[])
      and stopped_at < now() - make_interval(secs => ${youngSeconds})`.execute(queries);
}

export function stoppedServiceTable(database: Database): StoppedServiceTable {
  return {
    ofNode: async (nodeId) => {
      const { rows } = await database.run((queries) =>
        sql<StoppedService>`
          select unit, stopped_by as "by", stopped_at as "at" from stopped_services where node_id = ${nodeId} order by unit`.execute(
          queries,
        ),
      );
      return rows;
    },
  };
}
