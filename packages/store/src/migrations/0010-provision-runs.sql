-- Runs of apply, as the machine that ran them tells when they are over.
create table provision_runs (
  id uuid primary key,
  started_at timestamptz not null,
  kept_at timestamptz not null default now(),
  -- The whole run, and the same without hosts and phases, for lists.
  run jsonb not null,
  summary jsonb not null
);

create index provision_runs_started on provision_runs (started_at desc, id);
