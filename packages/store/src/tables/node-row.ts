import type { Facts, HealthReason, HealthState, Node } from '@muster/api';
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
  health_state: HealthState | null;
  health_reasons: HealthReason[] | null;
  health_since: string | null;
  last_heartbeat_at: string | null;
  heartbeat_age_seconds: number | null;
  connected: boolean | null;
  clock_skew_ms: number | null;
  facts: Facts | null;
};

/** `host()` leaves out the prefix length that text of `inet` can carry. */
export const nodeColumns: RawBuilder<NodeRow> = sql<NodeRow>`
  n.id, n.name, host(n.private_ip) as private_ip, host(n.public_ip) as public_ip, n.labels, n.groups, n.environments, n.notes, n.revision,
  n.created_at, n.updated_at, n.registered_at, n.certificate_serial, c.not_after as certificate_expires_at,
  h.state as health_state, h.reasons as health_reasons, h.since as health_since,
  p.last_heartbeat_at, p.connected, p.clock_skew_ms,
  ${ageSeconds('p.last_heartbeat_at')} as heartbeat_age_seconds,
  f.facts`;

/** The tables of `nodeColumns`. */
export const nodeTables = sql`
  nodes n
  left join node_health h on h.node_id = n.id
  left join node_presence p on p.node_id = n.id
  left join node_facts f on f.node_id = n.id
  left join certificates c on c.serial = n.certificate_serial`;

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
    certificateSerial: row.certificate_serial,
    certificateExpiresAt: row.certificate_expires_at,
  };
}
