import type { HealthReason, HealthState, NodeMaintenance, ServicesReport, StoppedService } from '@muster/api';
import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { jsonText } from '../json-text.ts';
import { ageMs } from './age.ts';
import { appendEvents, type NewEvent } from './events.ts';

/** Everything about one node that its health is decided from, with the health it has. */
export type HealthSubject = {
  readonly nodeId: string;
  readonly nodeName: string;
  readonly registered: boolean;
  /** Milliseconds since the last heartbeat by the database's clock; null when never heard. */
  readonly heartbeatAgeMs: number | null;
  readonly services: ServicesReport | null;
  /** Units that somebody stopped on purpose. */
  readonly stoppedServices: readonly Pick<StoppedService, 'unit' | 'by'>[];
  /** Of the certificate in use; null before the first heartbeat with one. Milliseconds since the epoch. */
  readonly certificate: { readonly notBeforeMs: number; readonly notAfterMs: number } | null;
  readonly state: HealthState;
  readonly reasons: HealthReason[];
  readonly maintenance: Pick<NodeMaintenance, 'reason' | 'by' | 'until'> | null;
};

export type HealthChange = { readonly nodeId: string; readonly state: HealthState; readonly reasons: readonly HealthReason[] };

/** The nodes' health as last decided. */
export type HealthTable = {
  /** All nodes. */
  subjects(): Promise<HealthSubject[]>;
  /**
   * Writes what differs from what is there, in one statement; a new state begins now. In the same transaction the given events
   * of the nodes that were written. Returns those nodes: of two servers that decide the same, one writes.
   */
  save(changes: readonly HealthChange[], events?: readonly NewEvent[]): Promise<string[]>;
};

type SubjectRow = Omit<HealthSubject, 'certificate' | 'maintenance'> & {
  notBefore: string | null;
  notAfter: string | null;
  maintenanceReason: string | null;
  maintenanceBy: string | null;
  maintenanceUntil: string | null;
};

const subjectOfRow = ({
  notBefore,
  notAfter,
  maintenanceReason: reason,
  maintenanceBy: by,
  maintenanceUntil: until,
  ...rest
}: SubjectRow): HealthSubject => ({
  ...rest,
  maintenance: reason === null || by === null ? null : { reason, by, until },
  certificate: notBefore === null || notAfter === null ? null : { notBeforeMs: Date.parse(notBefore), notAfterMs: Date.parse(notAfter) },
});

async function readSubjects(queries: Queries): Promise<HealthSubject[]> {
  const { rows } = await sql<SubjectRow>`
    select n.id as "nodeId", n.name as "nodeName", n.registered_at is not null as registered,
      ${ageMs('p.last_heartbeat_at')} as "heartbeatAgeMs",
      s.report as services, coalesce(stopped.services, '[]') as "stoppedServices", c.not_before as "notBefore", c.not_after as "notAfter",
      coalesce(h.state, 'unknown') as state, coalesce(h.reasons, '[]') as reasons,
      m.reason as "maintenanceReason", m.by as "maintenanceBy", m.until as "maintenanceUntil"
    from nodes n
    left join node_health h on h.node_id = n.id
    left join node_presence p on p.node_id = n.id
    left join node_services s on s.node_id = n.id
    left join certificates c on c.serial = n.certificate_serial
    left join node_maintenance m on m.node_id = n.id
    left join (
      select node_id, jsonb_agg(jsonb_build_object('unit', unit, 'by', stopped_by) order by unit) as services
      from stopped_services group by node_id
    ) stopped on stopped.node_id = n.id
    order by n.name_sort_key, n.name`.execute(queries);
  return rows.map(subjectOfRow);
}

function saveHealth(database: Database, changes: readonly HealthChange[], events: readonly NewEvent[]): Promise<string[]> {
  return database.transaction(async (queries) => {
    // Locked in the order of ids: servers that decide at the same time wait for each other and cannot deadlock.
    const { rows } = await sql<{ node_id: string }>`
      with given as (select * from jsonb_to_recordset(${jsonText(changes)}::jsonb) as given ("nodeId" uuid, state text, reasons jsonb)),
      locked as (select node_id from node_health where node_id in (select "nodeId" from given) order by node_id for no key update)
      update node_health h
      set state = given.state, reasons = given.reasons, since = case when h.state = given.state then h.since else now() end
      from given join locked on locked.node_id = given."nodeId"
      where h.node_id = given."nodeId" and (h.state, h.reasons) is distinct from (given.state, given.reasons)
      returning h.node_id`.execute(queries);
    const written = new Set(rows.map((row) => row.node_id));
    await appendEvents(
      queries,
      events.filter(({ nodeId }) => nodeId !== null && written.has(nodeId)),
    );
    return [...written];
  });
}

export function healthTable(database: Database): HealthTable {
  return {
    subjects: () => database.run(readSubjects),
    save: async (changes, events = []) => (changes.length === 0 ? [] : saveHealth(database, changes, events)),
  };
}
