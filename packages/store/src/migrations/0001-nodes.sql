-- Natural order of names: node9 before node10. Each run of digits is preceded by its length, so that plain text order is
-- the order of the numbers. Immutable, so that a stored column can be generated from it.
create function natural_sort_key(name text) returns text
  language sql immutable strict parallel safe
  return (
    select coalesce(string_agg(
      case when part ~ '^[0-9]'
        then lpad(length(ltrim(part, '0'))::text, 3, '0') || ltrim(part, '0')
        else part
      end, '' order by position), '')
    from (
      select matches[1] as part, position
      from regexp_matches(lower(name), '[0-9]+|[^0-9]+', 'g') with ordinality as found (matches, position)
    ) as parts
  );

create table nodes (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  name_sort_key text collate "C" not null generated always as (natural_sort_key(name)) stored,
  private_ip inet,
  public_ip inet,
  labels jsonb not null default '{}',
  groups text[] not null default '{}',
  environments text not null default 'on',
  notes text not null default '',
  revision integer not null default 1,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  registered_at timestamptz,
  certificate_serial text,
  constraint nodes_name_key unique (name),
  constraint nodes_private_ip_key unique (private_ip),
  constraint nodes_environments_check check (environments in ('on', 'off')),
  constraint nodes_revision_check check (revision > 0)
);

create index nodes_name_sort_key on nodes (name_sort_key, name);

create table node_health (
  node_id uuid primary key references nodes on delete cascade,
  state text not null default 'unknown',
  reasons jsonb not null default '[]',
  since timestamptz,
  constraint node_health_state_check check (state in ('good', 'degraded', 'bad', 'unknown'))
);

-- Written every second for the whole fleet: narrow, no index but the key, and room on each page, so that an update stays on
-- its page and touches no index (a heap-only tuple).
create table node_presence (
  node_id uuid primary key references nodes on delete cascade,
  last_heartbeat_at timestamptz,
  connected boolean not null default false,
  server_id text,
  clock_skew_ms double precision
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.05);

create table node_facts (
  node_id uuid primary key references nodes on delete cascade,
  facts jsonb not null,
  cores integer generated always as ((facts ->> 'cores')::integer) stored,
  memory_bytes bigint generated always as ((facts ->> 'memoryBytes')::bigint) stored,
  gpu_count integer generated always as (jsonb_array_length(facts -> 'gpus')) stored,
  reported_at timestamptz not null default now()
);

create table node_services (
  node_id uuid primary key references nodes on delete cascade,
  report jsonb not null,
  reported_at timestamptz not null default now()
);

-- Kept after the node is gone: a certificate must be known as revoked for as long as it would be valid.
create table certificates (
  serial text primary key,
  issue_number bigint not null generated always as identity,
  node_id uuid not null,
  node_name text not null,
  fingerprint text not null,
  spki_sha256 text not null,
  not_before timestamptz not null,
  not_after timestamptz not null,
  issued_at timestamptz not null default now(),
  revoked_at timestamptz,
  revocation_reason text,
  proven_at timestamptz,
  chain_pem text not null
);

create index certificates_of_node on certificates (node_id, issue_number desc);

create table join_tokens (
  secret_sha256 text primary key,
  node_id uuid not null references nodes on delete cascade,
  expires_at timestamptz not null,
  created_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz,
  used_at timestamptz,
  used_spki_sha256 text,
  certificate_serial text references certificates
);

create index join_tokens_of_node on join_tokens (node_id);

create table authority (
  kind text primary key,
  certificate_pem text not null,
  sealed_key bytea not null,
  created_at timestamptz not null default now(),
  constraint authority_kind_check check (kind in ('root', 'intermediate'))
);

create table events (
  id bigint primary key generated always as identity,
  at timestamptz not null default clock_timestamp(),
  kind text not null,
  severity text not null,
  node_id uuid,
  node_name text,
  message text not null,
  data jsonb not null default '{}',
  constraint events_severity_check check (severity in ('info', 'warning', 'error'))
);

create index events_of_node on events (node_id, id desc);
create index events_by_time on events (at);

-- Ids must become visible in their order, or a listener that reads on from the last id would skip one. So each
-- transaction that writes events does it one after the other, from its first event to its commit.
create function events_in_order() returns trigger language plpgsql as $$
begin
  perform pg_advisory_xact_lock(1836413812, 2);
  return null;
end
$$;

create function events_announce() returns trigger language plpgsql as $$
begin
  perform pg_notify('muster_events', '');
  return null;
end
$$;

create function events_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'events are append-only' using errcode = 'restrict_violation';
end
$$;

create trigger events_in_order before insert on events for each statement execute function events_in_order();
create trigger events_announce after insert on events for each statement execute function events_announce();
create trigger events_append_only before update or delete on events for each statement execute function events_append_only();
