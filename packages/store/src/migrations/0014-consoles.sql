-- reader: 12

-- The management controllers (BMC) of nodes, by which their consoles are reached.
create table node_controllers (
  node_id uuid primary key references nodes (id) on delete cascade,
  kind text not null check (kind in ('ipmi', 'redfish', 'ssh')),
  address text not null,
  port integer not null,
  username text not null,
  -- Encrypted by whoever gave it; the database cannot read it.
  sealed_password text not null,
  -- Of a Redfish service, where it is not one that is trusted anyway.
  certificate_sha256 text,
  -- By which the controller's SSH server is known.
  host_keys text[] not null default '{}',
  since timestamptz not null default now()
);

-- Which server has the console of a node open: one at a time. A row that has run out counts for nothing.
create table console_holds (
  node_id uuid primary key references nodes (id) on delete cascade,
  server_id text not null,
  -- Of the process, another one after each start.
  run uuid not null,
  -- Grows with every change of hands.
  token bigint not null default 1,
  kind text not null,
  viewers integer not null default 0,
  since timestamptz not null default now(),
  expires_at timestamptz not null
);
