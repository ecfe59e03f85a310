import type { EventKind, Facts, HealthReason, HealthState, ServicesReport } from '@muster/api';
import type { ColumnType, Generated, GeneratedAlways } from 'kysely';

/** A moment by the database's clock: ISO 8601 when read. Written only by SQL, or from a certificate. */
type Moment = string;
/** Written as JSON text, read as the value. */
type Json<T> = ColumnType<T, string, string>;

type Nodes = {
  id: Generated<string>;
  name: string;
  name_sort_key: GeneratedAlways<string>;
  private_ip: string | null;
  public_ip: string | null;
  labels: Json<Record<string, string>>;
  groups: string[];
  environments: 'on' | 'off';
  notes: string;
  revision: Generated<number>;
  created_at: Generated<Moment>;
  updated_at: Generated<Moment>;
  registered_at: Moment | null;
  certificate_serial: string | null;
};

type NodeHealth = { node_id: string; state: Generated<HealthState>; reasons: Json<HealthReason[]>; since: Moment | null };

type NodePresence = {
  node_id: string;
  last_heartbeat_at: Moment | null;
  connected: Generated<boolean>;
  server_id: string | null;
  clock_skew_ms: number | null;
};

type NodeFacts = {
  node_id: string;
  facts: Json<Facts>;
  cores: GeneratedAlways<number>;
  memory_bytes: GeneratedAlways<number>;
  gpu_count: GeneratedAlways<number>;
  reported_at: Generated<Moment>;
};

type NodeServices = { node_id: string; report: Json<ServicesReport>; reported_at: Generated<Moment> };

type Certificates = {
  serial: string;
  issue_number: GeneratedAlways<number>;
  node_id: string;
  node_name: string;
  fingerprint: string;
  spki_sha256: string;
  not_before: Moment;
  not_after: Moment;
  issued_at: Generated<Moment>;
  revoked_at: Moment | null;
  revocation_reason: string | null;
  proven_at: Moment | null;
  chain_pem: string;
};

type JoinTokens = {
  secret_sha256: string;
  node_id: string;
  expires_at: Moment;
  created_at: Generated<Moment>;
  ended_at: Moment | null;
  used_at: Moment | null;
  used_spki_sha256: string | null;
  certificate_serial: string | null;
};

type Authority = { kind: 'root' | 'intermediate'; certificate_pem: string; sealed_key: Buffer; created_at: Generated<Moment> };

type Events = {
  id: GeneratedAlways<number>;
  at: Generated<Moment>;
  kind: EventKind;
  severity: 'info' | 'warning' | 'error';
  node_id: string | null;
  node_name: string | null;
  message: string;
  data: Json<Record<string, unknown>>;
};

/** The tables as the migrations leave them. */
export type Schema = {
  nodes: Nodes;
  node_health: NodeHealth;
  node_presence: NodePresence;
  node_facts: NodeFacts;
  node_services: NodeServices;
  certificates: Certificates;
  join_tokens: JoinTokens;
  authority: Authority;
  events: Events;
};
