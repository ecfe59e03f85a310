import type {
  ConsoleKind,
  EnvironmentDefinition,
  EnvironmentRecipe,
  EnvironmentsReport,
  EventKind,
  Facts,
  HealthReason,
  HealthState,
  NodeViewQuery,
  NodeAgent,
  OperationSpec,
  PackageListing,
  ServicesReport,
  TaskCounts,
  TaskLane,
  TaskState,
  TaskWork,
} from '@muster/api';
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
  name_source: Generated<DecidedBy>;
  private_ip_source: Generated<DecidedBy>;
  public_ip_source: Generated<DecidedBy>;
};

type DecidedBy = 'administrator' | 'inventory';

type NodeMaintenance = { node_id: string; reason: string; by: string; since: Generated<Moment>; until: Moment | null };

type NodeScheduling = {
  node_id: string;
  state: 'cordoned' | 'draining' | 'drained';
  reason: string;
  by: string;
  since: Generated<Moment>;
  deadline: Moment | null;
  told_late_at: Moment | null;
};

type NodeViews = {
  id: Generated<string>;
  owner: string;
  owner_name: string;
  name: string;
  shared: boolean;
  query: Json<NodeViewQuery>;
  updated_at: Generated<Moment>;
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
  main_address: string | null;
  addresses: string[];
  global_addresses: string[];
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
  authority: number;
  retire_at: Generated<Moment | null>;
  taken_at: Generated<Moment | null>;
  hooks: Generated<Json<unknown> | null>;
  near_end_at: Generated<Moment | null>;
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

type ControlKey = {
  singleton: Generated<boolean>;
  public_key: string;
  sealed_key: Buffer;
  created_at: Generated<Moment>;
  next_public_key: string | null;
  next_sealed_key: Buffer | null;
};

type NodeControl = {
  node_id: string;
  address: string | null;
  port: number;
  host_keys: string[];
  full_access: Generated<boolean>;
  refused_key: string | null;
  since: Generated<Moment>;
};

type NodeControllers = {
  node_id: string;
  kind: ConsoleKind;
  address: string;
  port: number;
  username: string;
  sealed_password: string;
  certificate_sha256: string | null;
  host_keys: string[];
  since: Generated<Moment>;
};

type ConsoleHolds = {
  node_id: string;
  server_id: string;
  run: string;
  token: Generated<number>;
  kind: ConsoleKind;
  viewers: Generated<number>;
  since: Generated<Moment>;
  expires_at: Moment;
};

type NodeAgentRow = {
  node_id: string;
  state: Generated<NodeAgent['state']>;
  message: Generated<string>;
  since: Generated<Moment>;
  attempts: Generated<number>;
  next_try_at: Moment | null;
};

type LivenessBrake = {
  singleton: Generated<boolean>;
  on_since: Moment | null;
  off_since: Moment | null;
  message: Generated<string>;
  unheard: Generated<number>;
  watched: Generated<number>;
};
type NotificationTargets = {
  id: Generated<string>;
  kind: 'webhook' | 'email';
  name: string;
  address: string;
  sealed_secret: string | null;
  created_at: Generated<Moment>;
  created_by: string;
  last_delivered_at: Moment | null;
  failing_since: Moment | null;
  announced_at: Moment | null;
  last_error: string | null;
  disabled_at: Moment | null;
};

type Subscriptions = {
  id: Generated<string>;
  target_id: string;
  kinds: string[];
  severity: 'info' | 'warning' | 'error';
  groups: string[];
  range: string | null;
  owner: string | null;
  created_at: Generated<Moment>;
  created_by: string;
};

/** Of what is written to them by plain SQL, only what is used through the query builder stands here. */
type NotificationCursor = { last_event_id: number };

type Operations = {
  id: Generated<string>;
  position: GeneratedAlways<number>;
  spec: Json<OperationSpec>;
  title: string;
  range: string;
  requested_by: string;
  requested_at: Generated<Moment>;
  batch: number | null;
  max_fail: number | null;
  expires_at: Moment;
  cancelled_at: Moment | null;
  cancelled_by: string | null;
  state: Generated<'running' | 'succeeded' | 'failed' | 'cancelled'>;
  finished_at: Moment | null;
  total: number;
  counts: Json<TaskCounts> | null;
};

type Tasks = {
  id: Generated<string>;
  position: GeneratedAlways<number>;
  operation_id: string;
  node_id: string;
  node_name: string;
  kind: string;
  lane: TaskLane;
  done_by: 'agent' | 'server';
  work: Json<TaskWork>;
  timeout_seconds: number;
  state: Generated<TaskState>;
  held: Generated<boolean>;
  server_id: string | null;
  cancel_requested_at: Moment | null;
  message: Generated<string>;
  exit_status: number | null;
  output: Generated<string>;
  output_bytes: GeneratedAlways<number>;
  output_md5: GeneratedAlways<string>;
  truncated: Generated<boolean>;
  duration_ms: number | null;
  queued_at: Generated<Moment>;
  sent_at: Moment | null;
  started_at: Moment | null;
  finished_at: Moment | null;
  expires_at: Moment;
  lost_at: Moment | null;
};

type Artifacts = { sha256: string; name: string; size_bytes: number; added_at: Generated<Moment>; added_by: string };

type Environments = {
  id: Generated<string>;
  name: string;
  version: number;
  selector: string | null;
  description: string;
  created_at: Generated<Moment>;
  created_by: string;
  updated_at: Generated<Moment>;
  updated_by: string;
  removed_at: Moment | null;
  removed_by_force: Generated<boolean>;
};

type EnvironmentVersions = {
  environment_id: string;
  version: number;
  definition: Json<EnvironmentDefinition>;
  definition_sha256: string;
  recipe: Json<EnvironmentRecipe>;
  created_at: Generated<Moment>;
  created_by: string;
};

type EnvironmentArtifacts = { environment_id: string; version: number; sha256: string };

type NodeEnvironments = { node_id: string; report: Json<EnvironmentsReport>; reported_at: Generated<Moment> };

type EnvironmentWorkTable = {
  node_id: string;
  environment_id: string;
  action: 'create' | 'update' | 'remove';
  version: number | null;
  state: 'new' | 'ongoing' | 'success' | 'failed' | 'passed-over';
  message: Generated<string>;
  attempts: Generated<number>;
  retry_at: Moment | null;
  task_id: string | null;
  changed_at: Generated<Moment>;
  revision: Generated<number>;
};

type EnvironmentListings = { sha256: string; listing: Json<PackageListing> };

type EnvironmentPackagesTable = {
  environment_id: string;
  version: number;
  node_id: string;
  listing_sha256: string;
  listed_at: Generated<Moment>;
};
type StoppedServices = { node_id: string; unit: string; stopped_by: string; stopped_at: Generated<Moment>; operation_id: string };

/** The tables as the migrations leave them. */
export type Schema = {
  nodes: Nodes;
  node_health: NodeHealth;
  node_presence: NodePresence;
  node_facts: NodeFacts;
  node_services: NodeServices;
  node_maintenance: NodeMaintenance;
  node_scheduling: NodeScheduling;
  node_views: NodeViews;
  certificates: Certificates;
  join_tokens: JoinTokens;
  events: Events;
  artifacts: Artifacts;
  environments: Environments;
  environment_versions: EnvironmentVersions;
  environment_artifacts: EnvironmentArtifacts;
  node_environments: NodeEnvironments;
  environment_work: EnvironmentWorkTable;
  environment_listings: EnvironmentListings;
  environment_packages: EnvironmentPackagesTable;
  control_key: ControlKey;
  node_control: NodeControl;
  node_controllers: NodeControllers;
  console_holds: ConsoleHolds;
  node_agent: NodeAgentRow;
  liveness_brake: LivenessBrake;
  notification_targets: NotificationTargets;
  subscriptions: Subscriptions;
  notification_cursor: NotificationCursor;
  operations: Operations;
  tasks: Tasks;
  stopped_services: StoppedServices;
};
