-- Who wants to hear of what, and what was told.

-- A place that can be told: a program by its webhook, or a mailbox; and how that goes. The secret is sealed with the master key.
create table notification_targets (
  id uuid primary key default gen_random_uuid(),
  kind text not null,
  name text not null,
  address text not null,
  sealed_secret text,
  created_at timestamptz not null default now(),
  created_by text not null,
  last_delivered_at timestamptz,
  -- Since when every attempt has failed, and whether that was made known.
  failing_since timestamptz,
  announced_at timestamptz,
  last_error text,
  disabled_at timestamptz,
  constraint notification_targets_name_key unique (kind, name),
  constraint notification_targets_kind_check check (kind in ('webhook', 'email')),
  constraint notification_targets_secret_check check ((kind = 'webhook') = (sealed_secret is not null))
);

create table subscriptions (
  id uuid primary key default gen_random_uuid(),
  target_id uuid not null references notification_targets on delete cascade,
  kinds text[] not null default '{}',
  severity text not null,
  groups text[] not null default '{}',
  range text,
  -- Of a subscription that somebody made for himself, the address of his account: it ends with the account.
  owner text,
  created_at timestamptz not null default now(),
  created_by text not null,
  constraint subscriptions_severity_check check (severity in ('info', 'warning', 'error'))
);

create index subscriptions_of_target on subscriptions (target_id);

-- The last event of which it is decided who is told. One row: whoever moves it on has decided, and nobody else.
create table notification_cursor (
  only_row boolean primary key default true,
  last_event_id bigint not null,
  constraint notification_cursor_only_row_check check (only_row)
);

-- What is to be told, until it is. Its id goes along, so that whoever gets it twice knows. An attempt under way holds it until
-- `claimed_until`: if the server dies meanwhile, another attempt follows.
create table deliveries (
  id uuid primary key default gen_random_uuid(),
  position bigint not null generated always as identity,
  target_id uuid not null references notification_targets on delete cascade,
  created_at timestamptz not null default now(),
  attempts integer not null default 0,
  next_attempt_at timestamptz not null,
  claimed_until timestamptz,
  -- Events that were left out, because too many waited already.
  missed integer not null default 0
);

create index deliveries_of_target on deliveries (target_id, position);

create table delivery_events (
  delivery_id uuid not null references deliveries on delete cascade,
  event_id bigint not null,
  primary key (delivery_id, event_id)
);

-- The fleet's own short history, for its plots: `resolution` is the seconds that a row stands for.
create table fleet_samples (
  resolution integer not null,
  at timestamptz not null,
  minutes integer not null default 1,
  good double precision not null,
  degraded double precision not null,
  bad double precision not null,
  unknown double precision not null,
  heartbeat_age_p50 double precision,
  heartbeat_age_p95 double precision,
  heartbeat_age_max double precision,
  primary key (resolution, at)
);

create table task_samples (
  resolution integer not null,
  at timestamptz not null,
  kind text not null,
  ended integer not null,
  failed integer not null,
  p50_seconds double precision,
  p95_seconds double precision,
  primary key (resolution, at, kind)
);

create index tasks_by_end on tasks (finished_at) where finished_at is not null;

create index events_by_kind on events (kind, id desc);
create index events_that_warn on events (id desc) where severity <> 'info';

-- Events are only ever appended, but not kept for ever: this function alone may remove old ones, the oldest first, at most `most` of
-- them in one go. Returns how many it removed.
create function events_forget(older_than timestamptz, most integer) returns integer
  language plpgsql security definer set search_path from current as $$
declare
  forgotten integer;
begin
  delete from events where id in (select id from events where at < older_than order by id limit most);
  get diagnostics forgotten = row_count;
  return forgotten;
end
$$;

-- The call stack, and not a setting that anybody could set, tells who removes.
create or replace function events_append_only() returns trigger language plpgsql as $$
declare
  stack text;
begin
  get diagnostics stack = pg_context;
  if tg_op = 'DELETE' and stack ~ '\mevents_forget\(timestamp with time zone,integer\)' then
    return null;
  end if;
  raise exception 'events are append-only' using errcode = 'restrict_violation';
end
$$;

create trigger events_not_truncated before truncate on events for each statement execute function events_append_only();
