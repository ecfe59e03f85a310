-- Agents that were stopped on purpose or restarted.

-- The SSH key with which every server of this installation logs in to nodes; made once. The private half is sealed.
create table control_key (
  singleton boolean primary key default true,
  public_key text not null,
  sealed_key bytea not null,
  created_at timestamptz not null default now(),
  constraint control_key_singleton_check check (singleton)
);

-- Nodes on which that key was installed, and the host keys by which they are known.
create table node_control (
  node_id uuid primary key references nodes on delete cascade,
  address text,
  port integer not null,
  host_keys text[] not null,
  refused_key text,
  since timestamptz not null default now(),
  constraint node_control_port_check check (port between 1 and 65535)
);

-- What is known of an agent's process and was done about it. A node without a row is as it should be.
create table node_agent (
  node_id uuid primary key references nodes on delete cascade,
  state text not null default 'normal',
  message text not null default '',
  since timestamptz not null default now(),
  -- Restarts tried since the agent was last heard, counted before each is begun.
  attempts integer not null default 0,
  next_try_at timestamptz,
  constraint node_agent_state_check check (state in ('normal', 'stopped', 'restarting', 'needs-attention')),
  constraint node_agent_attempts_check check (attempts >= 0)
);

-- The brake of the liveness monitor, the same for all servers: one row, or none where it never was on.
create table liveness_brake (
  singleton boolean primary key default true,
  on_since timestamptz,
  off_since timestamptz,
  message text not null default '',
  unheard integer not null default 0,
  watched integer not null default 0,
  constraint liveness_brake_singleton_check check (singleton)
);
