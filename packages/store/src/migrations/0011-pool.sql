-- The servers of the pool. Each writes its own row every second.
create table members (
  id text primary key,
  -- Of the process that writes it: another one after each start.
  run uuid not null,
  name text not null,
  zone text not null,
  version text not null,
  agent_addresses text[] not null,
  panel_url text not null,
  agents integer not null,
  -- Its wall clock minus the database's.
  clock_skew_ms double precision not null,
  state text not null default 'active' check (state in ('active', 'draining')),
  joined_at timestamptz not null default now(),
  started_at timestamptz not null default now(),
  heard_at timestamptz not null default now(),
  -- Since when the others hold it to be gone.
  lost_at timestamptz
);

-- What one member at a time may do. The token grows with every change of hands, and each write under the lease is checked against it.
create table leases (
  name text primary key,
  holder text not null,
  run uuid not null,
  token bigint not null default 0,
  acquired_at timestamptz not null default now(),
  expires_at timestamptz not null
);

-- Which servers each node turns to, in their order, as it was last decided; and those an administrator wants first.
create table node_servers (
  node_id uuid primary key references nodes (id) on delete cascade,
  servers text[] not null default '{}',
  wish text[] not null default '{}'
);
