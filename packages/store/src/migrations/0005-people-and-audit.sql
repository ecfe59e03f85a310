-- Roles, scopes, keys of programs, and who did what.
create table people (
  user_id text primary key references "user" ("id") on delete cascade,
  role text not null,
  -- The groups on whose nodes he may act; null: all nodes.
  groups text[],
  may_exec boolean not null default false,
  disabled_at timestamptz,
  last_sign_in_at timestamptz,
  -- Who he is to an identity provider.
  oidc_issuer text,
  oidc_subject text,
  grant_from_provider boolean not null default false,
  created_at timestamptz not null default now(),
  constraint people_role_check check (role in ('viewer', 'operator', 'administrator')),
  constraint people_oidc_check check ((oidc_issuer is null) = (oidc_subject is null)),
  constraint people_oidc_key unique (oidc_issuer, oidc_subject)
);

-- Links that sign in once. Only the hash of the secret is kept.
create table sign_in_links (
  secret_sha256 text primary key,
  user_id text not null references people on delete cascade,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  used_at timestamptz
);
create index sign_in_links_of_person on sign_in_links (user_id);

-- Codes of authenticators that were given lately: each counts once.
create table used_codes (
  user_id text not null references people on delete cascade,
  code text not null,
  used_at timestamptz not null default clock_timestamp(),
  primary key (user_id, code)
);

-- Only the hash of a key is kept. A key without an owner was made on the server itself.
create table api_keys (
  id uuid primary key default gen_random_uuid(),
  key_sha256 text not null unique,
  name text not null,
  prefix text not null,
  owner_id text references people on delete cascade,
  role text not null,
  groups text[],
  may_exec boolean not null,
  created_at timestamptz not null default clock_timestamp(),
  expires_at timestamptz not null,
  last_used_at timestamptz,
  last_used_from text,
  revoked_at timestamptz,
  constraint api_keys_role_check check (role in ('viewer', 'operator', 'administrator'))
);
create index api_keys_of_owner on api_keys (owner_id);

-- What was asked for. Written before it is done; how it ended is a row of its own, because nothing here is ever changed.
create table audit (
  id bigint primary key generated always as identity,
  at timestamptz not null default clock_timestamp(),
  actor_kind text not null,
  actor_id text,
  actor_name text not null,
  actor_role text,
  address text not null,
  route text not null,
  target_kind text,
  target_id text,
  target_name text,
  input jsonb,
  left_out integer not null default 0,
  constraint audit_actor_kind_check check (actor_kind in ('person', 'key', 'local', 'nobody'))
);
create index audit_by_time on audit (at);

create table audit_results (
  audit_id bigint primary key references audit,
  at timestamptz not null default clock_timestamp(),
  status integer not null,
  code text,
  message text,
  -- What it was about, where that was known only afterwards.
  target_id text,
  target_name text,
  nodes text[] not null default '{}',
  before jsonb,
  after jsonb
);
create index audit_results_by_node on audit_results using gin (nodes);

create function audit_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log is append-only' using errcode = 'restrict_violation';
end
$$;

create trigger audit_append_only before update or delete or truncate on audit
  for each statement execute function audit_append_only();
create trigger audit_results_append_only before update or delete or truncate on audit_results
  for each statement execute function audit_append_only();
