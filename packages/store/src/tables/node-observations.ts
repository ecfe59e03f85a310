import type { Facts, ServicesReport } from '@muster/api';
import { sql } from 'kysely';
import type { Database } from '../database.ts';
import { jsonText } from '../json-text.ts';
import { ageMs } from './age.ts';

/** What agents report, the last report of each. */
export type ObservationTable = {
  /** Returns whether the facts differ from the last ones. A report of a removed node is passed over. */
  saveFacts(nodeId: string, facts: Facts): Promise<boolean>;
  /** Returns whether the report differs from the last one. A report of a removed node is passed over. */
  saveServices(nodeId: string, report: ServicesReport): Promise<boolean>;
  /** The last report and its age by the database's clock, or null when there is none. */
  services(nodeId: string): Promise<{ report: ServicesReport; reportAgeMs: number } | null>;
};

/** The comparison is the database's: the order of members does not count. The new report is written either way, for its age. */
function save(
  database: Database,
  table: 'node_facts' | 'node_services',
  column: 'facts' | 'report',
  nodeId: string,
  value: unknown,
): Promise<boolean> {
  const [into, set] = [sql.table(table), sql.ref(column)];
  return database.run(async (queries) => {
    const { rows } = await sql<{ changed: boolean }>`
      with previous as (select ${set} as value from ${into} where node_id = ${nodeId})
      insert into ${into} (node_id, ${set}) select id, ${jsonText(value)}::jsonb from nodes where id = ${nodeId} for key share
      on conflict (node_id) do update set ${set} = excluded.${set}, reported_at = now()
      returning ${set} is distinct from (select value from previous) as changed`.execute(queries);
    return rows[0]?.changed ?? false;
  });
}

export function observationTable(database: Database): ObservationTable {
  return {
    saveFacts: (nodeId, facts) => save(database, 'node_facts', 'facts', nodeId, facts),
    saveServices: (nodeId, report) => save(database, 'node_services', 'report', nodeId, report),
    services: async (nodeId) => {
      const { rows } = await database.run((queries) =>
        sql<{ report: ServicesReport; reportAgeMs: number }>`
          select report, ${ageMs('reported_at')} as "reportAgeMs"
          from node_services where node_id = ${nodeId}`.execute(queries),
      );
      return rows[0] ?? null;
    },
  };
}
