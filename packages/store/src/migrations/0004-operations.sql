-- What was asked of nodes, and how each of them did it.
create table operations (
  id uuid primary key default gen_random_uuid(),
  position bigint not null generated always as identity,
  spec jsonb not null,
  title text not null,
  range text not null,
  requested_by text not null,
  requested_at timestamptz not null default now(),
  batch integer,
  max_fail integer,
  expires_at timestamptz not null,
  cancelled_at timestamptz,
  cancelled_by text,
  state text not null default 'running',
  finished_at timestamptz,
  total integer not null,
  -- Of a finished operation, so that nobody counts its tasks again.
  counts jsonb,
  constraint operations_state_check check (state in ('running', 'succeeded', 'failed', 'cancelled'))
);

create unique index operations_by_position on operations (position);
create index operations_running on operations (position) where state = 'running';

-- Without a foreign key to the node: the history of a removed node stays. Order for a node is that of `position`.
create table tasks (
  id uuid primary key default gen_random_uuid(),
  position bigint not null generated always as identity,
  operation_id uuid not null references operations on delete cascade,
  node_id uuid not null,
  node_name text not null,
  kind text not null,
  lane text not null,
  done_by text not null,
  work jsonb not null,
  timeout_seconds integer not null,
  state text not null default 'queued',
  -- Waits for its batch.
  held boolean not null default false,
  server_id text,
  cancel_requested_at timestamptz,
  message text not null default '',
  exit_status integer,
  output text not null default '',
  output_bytes integer not null generated always as (octet_length(output)) stored,
  output_md5 text not null generated always as (md5(output)) stored,
  truncated boolean not null default false,
  duration_ms double precision,
  queued_at timestamptz not null default now(),
  sent_at timestamptz,
  started_at timestamptz,
  finished_at timestamptz,
  -- What has not begun by then is not begun any more.
  expires_at timestamptz not null,
  -- Of a task that was sent: when nothing more is to be expected of it.
  lost_at timestamptz,
  constraint tasks_state_check check (state in ('queued', 'sent', 'running', 'succeeded', 'failed', 'cancelled', 'expired', 'unknown')),
  constraint tasks_lane_check check (lane in ('control', 'environment')),
  constraint tasks_done_by_check check (done_by in ('agent', 'server')),
  constraint tasks_once_per_node unique (operation_id, node_id)
);

create index tasks_open on tasks (node_id, lane, position) where state in ('queued', 'sent', 'running');
create index tasks_of_operation on tasks (operation_id, position);
create index tasks_states_of_operation on tasks (operation_id, state);
create index tasks_of_node on tasks (node_id, position desc);

-- Units that an administrator stopped: they are not broken, and nothing starts them again.
create table stopped_services (
  node_id uuid not null references nodes on delete cascade,
  unit text not null,
  stopped_by text not null,
  stopped_at timestamptz not null default now(),
  operation_id uuid not null,
  primary key (node_id, unit)
);
