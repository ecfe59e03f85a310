-- Inventories that the server keeps, to run them by itself.
create table saved_inventories (
  name text primary key,
  -- Counts on with each save that changes something.
  version integer not null default 1,
  sha256 text not null,
  hosts integer not null,
  document text not null,
  saved_by text not null,
  saved_at timestamptz not null default now()
);

-- Runs that a server executes: which one, and of which inventory. Both null for a run that a person's machine told of.
alter table provision_runs
  add column server_id text,
  add column inventory text;

-- One run of an inventory at a time.
create unique index provision_runs_going on provision_runs (inventory) where inventory is not null and summary ->> 'state' = 'running';

-- Whether the server may act as root on the host.
alter table node_control add column full_access boolean not null default false;
