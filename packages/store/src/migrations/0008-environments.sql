-- Environments, their artifacts and where they are.

-- The bytes lie in the data folder of the server that took them; here is what they are called.
create table artifacts (
  sha256 text primary key,
  name text not null,
  size_bytes bigint not null,
  added_at timestamptz not null default now(),
  added_by text not null,
  constraint artifacts_sha256_check check (sha256 ~ '^[0-9a-f]{64}$'),
  constraint artifacts_size_check check (size_bytes > 0)
);

-- A removed environment keeps its row: nodes that were away have to remove it too, and no number of a version is ever used twice.
create table environments (
  id uuid primary key default gen_random_uuid(),
  name text not null,
  version integer not null,
  selector text,
  description text not null default '',
  created_at timestamptz not null default now(),
  created_by text not null,
  updated_at timestamptz not null default now(),
  updated_by text not null,
  removed_at timestamptz,
  removed_by_force boolean not null default false,
  constraint environments_name_key unique (name),
  constraint environments_version_check check (version > 0)
);

create table environment_versions (
  environment_id uuid not null references environments on delete cascade,
  version integer not null,
  definition jsonb not null,
  definition_sha256 text not null,
  -- What nodes are told, which for a definition with wheels is less than what was given.
  recipe jsonb not null,
  created_at timestamptz not null default now(),
  created_by text not null,
  primary key (environment_id, version)
);

-- Of the present version and the one before: what must stay in the artifact store.
create table environment_artifacts (
  environment_id uuid not null,
  version integer not null,
  sha256 text not null constraint environment_artifacts_in_use references artifacts,
  primary key (environment_id, version, sha256),
  foreign key (environment_id, version) references environment_versions on delete cascade
);

create index environment_artifacts_of_file on environment_artifacts (sha256);

-- What a node reports.
create table node_environments (
  node_id uuid primary key references nodes on delete cascade,
  report jsonb not null,
  reported_at timestamptz not null default now()
);

-- What was offered to a node last, of each environment, and what became of it. `passed-over`: environments were off there.
create table environment_work (
  node_id uuid not null references nodes on delete cascade,
  environment_id uuid not null references environments on delete cascade,
  action text not null,
  version integer,
  state text not null,
  message text not null default '',
  attempts integer not null default 0,
  retry_at timestamptz,
  task_id uuid,
  changed_at timestamptz not null default now(),
  -- Grows with each change: whoever decides by an older one writes nothing.
  revision integer not null default 1,
  primary key (node_id, environment_id),
  constraint environment_work_action_check check (action in ('create', 'update', 'remove')),
  constraint environment_work_version_check check ((version is null) = (action = 'remove')),
  constraint environment_work_state_check check (state in ('new', 'ongoing', 'success', 'failed', 'passed-over'))
);

create index environment_work_to_do on environment_work (state) where state in ('new', 'ongoing', 'failed');

-- Nodes with the same packages share a row.
create table environment_listings (
  sha256 text primary key,
  listing jsonb not null
);

create table environment_packages (
  environment_id uuid not null references environments on delete cascade,
  version integer not null,
  node_id uuid not null references nodes on delete cascade,
  listing_sha256 text not null references environment_listings,
  listed_at timestamptz not null default now(),
  primary key (environment_id, version, node_id)
);
