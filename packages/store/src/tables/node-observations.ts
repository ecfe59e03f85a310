import { isIP } from 'node:net';
import type { EnvironmentsReport, Facts, ServicesReport } from '@muster/api';
import { canonicalAddress, isGlobalAddress, mainAddressOf } from '@muster/core';
import { sql } from 'kysely';
import type { Database } from '../database.ts';
import { jsonText } from '../json-text.ts';
import { ageMs } from './age.ts';
import { forgetRunning } from './stopped-services.ts';

/** What agents report, the last report of each. */
export type ObservationTable = {
  /** Returns whether the facts differ from the last ones. A report of a removed node is passed over. */
  saveFacts(nodeId: string, facts: Facts): Promise<boolean>;
  /** Returns whether the report differs from the last one. Units that run are not stopped on purpose any more. A report of a removed node is passed over. */
  saveServices(nodeId: string, report: ServicesReport): Promise<boolean>;
  /** Returns whether the environments differ from the last ones. A report of a removed node is passed over. */
  saveEnvironments(nodeId: string, report: EnvironmentsReport): Promise<boolean>;
  /** The last report and its age by the database's clock, or null when there is none. */
  services(nodeId: string): Promise<{ report: ServicesReport; reportAgeMs: number } | null>;
};

/** The comparison is the database's: the order of members does not count. The new report is written either way, for its age. */
function saveReport(
  database: Database,
  table: 'node_services' | 'node_environments',
  nodeId: string,
  report: ServicesReport | EnvironmentsReport,
): Promise<boolean> {
  const into = sql.table(table);
  return database.run(async (queries) => {
    const { rows } = await sql<{ changed: boolean }>`
      with previous as (select report as value from ${into} where node_id = ${nodeId})
      insert into ${into} (node_id, report) select id, ${jsonText(report)}::jsonb from nodes where id = ${nodeId} for key share
      on conflict (node_id) do update set report = excluded.report, reported_at = now()
      returning report is distinct from (select value from previous) as changed`.execute(queries);
    return rows[0]?.changed ?? false;
  });
}

/** What lists are sorted and filtered by. What an agent reports as an address need not be one. */
function addressColumns(facts: Facts): { main: string | null; all: string[]; global: string[] } {
  const all = facts.addresses.map(({ address }) => canonicalAddress(address)).filter((address) => isIP(address) !== 0);
  const main = mainAddressOf(facts);
  return { main: main !== null && isIP(main) !== 0 ? main : null, all, global: all.filter(isGlobalAddress) };
}

function saveFacts(database: Database, nodeId: string, facts: Facts): Promise<boolean> {
  const { main, all, global } = addressColumns(facts);
  return database.run(async (queries) => {
    const { rows } = await sql<{ changed: boolean }>`
      with previous as (select facts as value from node_facts where node_id = ${nodeId})
      insert into node_facts (node_id, facts, main_address, addresses, global_addresses)
        select id, ${jsonText(facts)}::jsonb, ${main}::inet, ${all}::text[], ${global}::text[] from nodes where id = ${nodeId} for key share
      on conflict (node_id) do update set facts = excluded.facts, main_address = excluded.main_address, addresses = excluded.addresses,
        global_addresses = excluded.global_addresses, reported_at = now()
      returning facts is distinct from (select value from previous) as changed`.execute(queries);
    return rows[0]?.changed ?? false;
  });
}

export function observationTable(database: Database): ObservationTable {
  return {
    saveFacts: (nodeId, facts) => saveFacts(database, nodeId, facts),
    saveEnvironments: (nodeId, report) => saveReport(database, 'node_environments', nodeId, report),
    saveServices: async (nodeId, report) => {
      const running = report.available ? report.services.filter(({ state }) => state === 'running').map(({ unit }) => unit) : [];
      const changed = await saveReport(database, 'node_services', nodeId, report);
      await database.run((queries) => forgetRunning(queries, nodeId, running));
      return changed;
    },
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
