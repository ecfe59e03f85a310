import type { ProvisionRun } from '@muster/api';
import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { RunInProgress } from '../errors.ts';
import { jsonText } from '../json-text.ts';
import { appendEvents, type NewEvent } from './events.ts';
import { dropOldRuns, summaryOf } from './provision-runs.ts';

/** What a run that a server executes is kept with. */
export type ServerRun = ProvisionRun & { readonly inventory: NonNullable<ProvisionRun['inventory']> };

/** Runs that a server executes; they are among those of `runs` too. */
export type ServerRunTable = {
  /** Keeps a run that begins; event `run-started`. @throws RunInProgress where one of the same inventory goes on */
  begin(run: ServerRun, serverId: string): Promise<void>;
  /** Keeps how far a run is, with events that tell of it. What is over stays as it is; returns whether it was kept. */
  update(run: ProvisionRun, events: readonly NewEvent[]): Promise<boolean>;
  /** Marks those of this server that are left over as interrupted, for the reason given; event `run-finished` for each. Returns how many. */
  interruptLeftOver(serverId: string, reason: string): Promise<number>;
};

type Running = { readonly id: string; readonly run: ProvisionRun };

export function serverRunTable(database: Database): ServerRunTable {
  return {
    begin: (run, serverId) =>
      database.transaction(async (queries) => {
        await refuseSecond(queries, run.inventory.name);
        await sql`
          insert into provision_runs (id, started_at, run, summary, server_id, inventory)
          values (${run.id}, ${run.startedAt}, ${jsonText(run)}::jsonb, ${jsonText(summaryOf(run))}::jsonb, ${serverId}, ${run.inventory.name})`.execute(
          queries,
        );
        await dropOldRuns(queries);
        await appendEvents(queries, [startedEvent(run)]);
      }),
    update: (run, events) => database.transaction((queries) => updateRun(queries, run, events)),
    interruptLeftOver: (serverId, reason) =>
      database.transaction(async (queries) => {
        const { rows } = await sql<Running>`
          select id, run from provision_runs where server_id = ${serverId} and summary ->> 'state' = 'running' for update`.execute(queries);
        for (const { run } of rows) {
          const { now: _now, ...rest } = run;
          const ended = { ...rest, state: 'interrupted' as const, reason };
          await updateRun(queries, ended, [finishedEvent(ended)]);
        }
        return rows.length;
      }),
  };
}

/** Of two that begin at once the second waits here until the first has committed. */
async function refuseSecond(queries: Queries, inventory: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(1836413812, hashtext(${inventory}))`.execute(queries);
  const { rows } = await sql<Running>`
    select id, run from provision_runs where inventory = ${inventory} and summary ->> 'state' = 'running'`.execute(queries);
  const [running] = rows;
  if (running !== undefined) throw new RunInProgress(inventory, running.run);
}

async function updateRun(queries: Queries, run: ProvisionRun, events: readonly NewEvent[]): Promise<boolean> {
  const { rows } = await sql`
    update provision_runs set run = ${jsonText(run)}::jsonb, summary = ${jsonText(summaryOf(run))}::jsonb, kept_at = now()
    where id = ${run.id} and server_id is not null and summary ->> 'state' = 'running' returning id`.execute(queries);
  if (rows.length > 0) await appendEvents(queries, events);
  return rows.length > 0;
}

const aboutRun = ({ id, inventory }: ProvisionRun): Pick<NewEvent, 'nodeId' | 'nodeName' | 'data'> => ({
  nodeId: null,
  nodeName: null,
  data: { runId: id, inventory: inventory?.name ?? null },
});

const startedEvent = (run: ServerRun): NewEvent => ({
  kind: 'run-started',
  severity: 'info',
  ...aboutRun(run),
  message: `${run.by} started a run of the inventory ${run.inventory.name}${run.options.includes('--dry-run') ? ', which changes nothing' : ''}.`,
});

/** That a run has come to another phase. */
export const phaseEvent = (run: ProvisionRun, phase: string): NewEvent => ({
  kind: 'run-phase',
  severity: 'info',
  ...aboutRun(run),
  message: `The run of the inventory ${run.inventory?.name ?? ''} is at ${phase}.`,
});

/** That a run is over, and how. */
export function finishedEvent(run: ProvisionRun): NewEvent {
  const why = run.reason === undefined ? '' : ` ${run.reason}`;
  const failed = run.counts.failed === 0 ? '' : ` ${run.counts.failed} of ${run.counts.hosts} hosts failed.`;
  return {
    kind: 'run-finished',
    severity: run.state === 'done' ? 'info' : 'warning',
    ...aboutRun(run),
    message: `The run of the inventory ${run.inventory?.name ?? ''} is ${run.state}.${failed}${why}`,
  };
}
