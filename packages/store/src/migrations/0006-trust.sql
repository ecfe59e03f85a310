-- Revocation lists and the change of the authority.

-- The authorities of this installation, one after the other. Two are in force at once only while one replaces the other. A retired
-- one has lost its keys; its certificates stay, because what it signed is known by them.
create table authorities (
  generation integer primary key,
  root_pem text not null,
  root_key bytea,
  intermediate_pem text not null,
  intermediate_key bytea,
  created_at timestamptz not null default now(),
  retired_at timestamptz,
  constraint authorities_generation_check check (generation > 0),
  constraint authorities_keys_check check ((root_key is null and intermediate_key is null) = (retired_at is not null))
);

insert into authorities (generation, root_pem, root_key, intermediate_pem, intermediate_key, created_at)
select 1, root.certificate_pem, root.sealed_key, intermediate.certificate_pem, intermediate.sealed_key, root.created_at
from authority root, authority intermediate
where root.kind = 'root' and intermediate.kind = 'intermediate';

drop table authority;

-- At most one row: the replacement that is under way.
create table authority_rotation (
  one boolean primary key default true,
  phase text not null,
  from_generation integer not null references authorities,
  to_generation integer not null references authorities,
  started_at timestamptz not null default now(),
  started_by text not null,
  phase_since timestamptz not null default now(),
  constraint authority_rotation_one_check check (one),
  constraint authority_rotation_phase_check check (phase in ('prepare', 'agents', 'servers', 'rollback'))
);

-- Which authority each server shows, said again and again while it runs: one that is gone is not waited for.
create table authority_servers (
  server_id text primary key,
  name text not null,
  shows integer not null,
  trusts integer[] not null,
  seen_at timestamptz not null default now()
);

-- The roots that the agent of a node said it trusts, by their fingerprints.
create table node_roots (
  node_id uuid primary key references nodes on delete cascade,
  roots text[] not null,
  reported_at timestamptz not null default now()
);

-- A rotation waits for the overlap of two certificates: it must not hold up what else is asked of the node.
alter table tasks drop constraint tasks_lane_check;
alter table tasks add constraint tasks_lane_check check (lane in ('control', 'environment', 'certificate'));

-- Numbers of revocation lists, over all servers.
create sequence crl_number;

-- authority: who signed it. retire_at: when it ends because a newer one of the node is in use. taken_at: when the services of the host
-- were told of it, with what their hooks answered. near_end_at: when its nearing end was announced.
alter table certificates
  add column authority integer not null default 1,
  add column retire_at timestamptz,
  add column taken_at timestamptz,
  add column hooks jsonb,
  add column near_end_at timestamptz;
alter table certificates alter column authority drop default;

create index certificates_to_retire on certificates (retire_at) where revoked_at is null and retire_at is not null;
create index certificates_revoked on certificates (authority, not_after) where revoked_at is not null;
create index certificates_accepted on certificates (not_after) where revoked_at is null;
