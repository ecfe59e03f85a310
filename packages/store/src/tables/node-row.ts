import type { Facts, HealthReason, HealthState, Node, NodeAgent, NodeMaintenance, NodeScheduling } from '@muster/api';
import { mismatchesOf } from '@muster/core';
import { type RawBuilder, sql } from 'kysely';
import { ageSeconds } from './age.ts';

/** One node with everything the API shows of it, as `nodeColumns` selects it. */
export type NodeRow = {
  id: string;
  name: string;
  private_ip: string | null;
  public_ip: string | null;
  labels: Record<string, string>;
  groups: string[];
  environments: 'on' | 'off';
  notes: string;
  revision: number;
  created_at: string;
  updated_at: string;
  registered_at: string | null;
  certificate_serial: string | null;
  certificate_expires_at: string | null;
  certificate_issued_at: string | null;
  health_state: HealthState | null;
  health_reasons: HealthReason[] | null;
  health_since: string | null;
  last_heartbeat_at: string | null;
  heartbeat_age_seconds: number | null;
  connected: boolean | null;
  clock_skew_ms: number | null;
  facts: Facts | null;
  main_address: string | null;
  name_source: 'administrator' | 'inventory';
  private_ip_source: 'administrator' | 'inventory';
  public_ip_source: 'administrator' | 'inventory';
  maintenance_reason: string | null;
  maintenance_by: string | null;
  maintenance_since: string | null;
  maintenance_until: string | null;
  scheduling_state: 'cordoned' | 'draining' | 'drained' | null;
  scheduling_reason: string | null;
  scheduling_by: string | null;
  scheduling_since: string | null;
  scheduling_deadline: string | null;
  agent_state: NodeAgent['state'] | null;
  agent_message: string | null;
  agent_since: string | null;
  agent_attempts: number | null;
};

/** `host()` leaves out the prefix length that text of `inet` can carry. */
export const nodeColumns: RawBuilder<NodeRow> = sql<NodeRow>`
  n.id, n.name, host(n.private_ip) as private_ip, host(n.public_ip) as public_ip, n.labels, n.groups, n.environments, n.notes, n.revision,
  n.created_at, n.updated_at, n.registered_at, n.certificate_serial, c.not_after as certificate_expires_at,
  c.issued_at as certificate_issued_at,
  h.state as health_state, h.reasons as health_reasons, h.since as health_since,
  p.last_heartbeat_at, p.connected, p.clock_skew_ms,
  ${ageSeconds('p.last_heartbeat_at')} as heartbeat_age_seconds,
  f.facts, host(f.main_address) as main_address, n.name_source, n.private_ip_source, n.public_ip_source,
  m.reason as maintenance_reason, m.by as maintenance_by, m.since as maintenance_since, m.until as maintenance_until,
  s.state as scheduling_state, s.reason as scheduling_reason, s.by as scheduling_by, s.since as scheduling_since,
  s.deadline as scheduling_deadline,
  a.state as agent_state, a.message as agent_message, a.since as agent_since, a.attempts as agent_attempts`;

/** The tables of `nodeColumns`. */
export const nodeTables = sql`
  nodes n
  left join node_health h on h.node_id = n.id
  left join node_presence p on p.node_id = n.id
  left join node_facts f on f.node_id = n.id
  left join certificates c on c.serial = n.certificate_serial
  left join node_maintenance m on m.node_id = n.id
  left join node_scheduling s on s.node_id = n.id
  left join node_agent a on a.node_id = n.id`;

/** The row as the API shows it. */
export function nodeOfRow(row: NodeRow): Node {
  return {
    id: row.id,
    name: row.name,
    privateIp: row.private_ip,
    publicIp: row.public_ip,
    labels: row.labels,
    groups: row.groups,
    environments: row.environments,
    notes: row.notes,
    revision: row.revision,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    registration: row.registered_at === null ? 'pending' : 'registered',
    registeredAt: row.registered_at,
    health: { state: row.health_state ?? 'unknown', reasons: row.health_reasons ?? [], since: row.health_since },
    connected: row.connected ?? false,
    lastHeartbeatAt: row.last_heartbeat_at,
    heartbeatAgeSeconds: row.heartbeat_age_seconds,
    clockSkewSeconds: row.clock_skew_ms === null ? null : row.clock_skew_ms / 1000,
    facts: row.facts,
    reportedIp: row.main_address,
    certificateSerial: row.certificate_serial,
    certificateExpiresAt: row.certificate_expires_at,
    certificateIssuedAt: row.certificate_issued_at,
    sources: sourcesOf(row),
    mismatches: mismatchesOf({ name: row.name, privateIp: row.private_ip, publicIp: row.public_ip }, row.facts),
    maintenance: maintenanceOf(row),
    scheduling: schedulingOf(row),
    agent: {
      state: row.agent_state ?? 'normal',
      message: row.agent_message ?? '',
      since: row.agent_since,
      attempts: row.agent_attempts ?? 0,
    },
  };
}

/** What nobody decided and the agent reports is the agent's word. */
const sourcesOf = (row: NodeRow): Node['sources'] => ({
  name: row.name_source,
  privateIp: row.private_ip === null ? (row.main_address === null ? null : 'agent') : row.private_ip_source,
  publicIp: row.public_ip === null ? null : row.public_ip_source,
});

function maintenanceOf(row: NodeRow): NodeMaintenance | null {
  const { maintenance_since: since, maintenance_reason: reason, maintenance_by: by, maintenance_until: until } = row;
  return since === null ? null : { reason: reason ?? '', by: by ?? '', since, until };
}

function schedulingOf(row: NodeRow): NodeScheduling {
  const {
    scheduling_state: state,
    scheduling_reason: reason,
    scheduling_by: by,
    scheduling_since: since,
    scheduling_deadline: deadline,
  } = row;
  return state === null
    ? { state: 'open', reason: '', by: null, since: null, deadline: null }
    : { state, reason: reason ?? '', by, since, deadline };
}
