import type { ProvisionRun, ProvisionRunSummary } from '@muster/api';
import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { ActionRefused, RunNotFound } from '../errors.ts';
import { jsonText } from '../json-text.ts';

/** Runs of `muster apply`, of which the newest thousand are kept. */
export type ProvisionRunTable = {
  /** A page of them, newest first, and how many there are. */
  list(page: { readonly limit: number; readonly offset: number }): Promise<{ items: ProvisionRunSummary[]; total: number }>;
  /** @throws RunNotFound */
  get(id: string): Promise<ProvisionRun>;
  /** Adds a run, or replaces the one of this id; @throws ActionRefused for one that a server executed, which nobody else tells of. */
  keep(run: ProvisionRun): Promise<ProvisionRunSummary>;
};

const mostRuns = 1000;

/** A run without its hosts and phases, for lists. */
export function summaryOf({ hosts: _hosts, phases: _phases, ...summary }: ProvisionRun): ProvisionRunSummary {
  return summary;
}

/** Forgets the oldest beyond the newest thousand; one that goes on stays. */
export async function dropOldRuns(queries: Queries): Promise<void> {
  await sql`
    delete from provision_runs where summary ->> 'state' <> 'running'
      and id in (select id from provision_runs order by started_at desc, id offset ${mostRuns})`.execute(queries);
}

export function provisionRunTable(database: Database): ProvisionRunTable {
  return {
    list: ({ limit, offset }) =>
      database.run(async (queries) => {
        const { rows } = await sql<{ summary: ProvisionRunSummary }>`
          select summary from provision_runs order by started_at desc, id limit ${limit} offset ${offset}`.execute(queries);
        const counted = await sql<{ total: number }>`select count(*)::int as total from provision_runs`.execute(queries);
        return { items: rows.map(({ summary }) => summary), total: counted.rows[0]?.total ?? 0 };
      }),
    get: async (id) => {
      const { rows } = await database.run((queries) =>
        sql<{ run: ProvisionRun }>`select run from provision_runs where id = ${id}`.execute(queries),
      );
      const [row] = rows;
      if (row === undefined) throw new RunNotFound();
      return row.run;
    },
    keep: async (run) => {
      const summary = summaryOf(run);
      await database.transaction(async (queries) => {
        const { rows } = await sql`
          insert into provision_runs (id, started_at, run, summary)
          values (${run.id}, ${run.startedAt}, ${jsonText(run)}::jsonb, ${jsonText(summary)}::jsonb)
          on conflict (id) do update set started_at = excluded.started_at, run = excluded.run, summary = excluded.summary, kept_at = now()
          where provision_runs.server_id is null returning id`.execute(queries);
        if (rows.length === 0) throw new ActionRefused(`The run ${run.id} was executed by a server, which tells of it itself.`);
        await dropOldRuns(queries);
      });
      return summary;
    },
  };
}
