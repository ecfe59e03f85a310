-- What people decide about nodes besides their name and address, and who said what.
alter table nodes
  add column name_source text not null default 'administrator',
  add column private_ip_source text not null default 'administrator',
  add column public_ip_source text not null default 'administrator',
  add constraint nodes_sources_check check (
    name_source in ('administrator', 'inventory')
    and private_ip_source in ('administrator', 'inventory')
    and public_ip_source in ('administrator', 'inventory')
  );

-- An address belongs to one node, whether as its private or as its public one. Kept by the database, so that no writer can forget it.
create table node_addresses (
  address inet primary key,
  node_id uuid not null references nodes on delete cascade
);

create index node_addresses_of_node on node_addresses (node_id);

create function nodes_keep_addresses() returns trigger language plpgsql as $$
begin
  delete from node_addresses
    where node_id = new.id and address is distinct from new.private_ip and address is distinct from new.public_ip;
  insert into node_addresses (address, node_id)
    select distinct given.address, new.id from unnest(array[new.private_ip, new.public_ip]) as given (address)
    where given.address is not null
      and not exists (select from node_addresses kept where kept.node_id = new.id and kept.address = given.address);
  return null;
end
$$;

insert into node_addresses (address, node_id)
  select distinct address, id from nodes, unnest(array[private_ip, public_ip]) as given (address) where address is not null;

create trigger nodes_keep_addresses after insert or update of private_ip, public_ip on nodes
  for each row execute function nodes_keep_addresses();

-- What lists are sorted and filtered by. The addresses are written as the server spells them; what an agent says is not always one.
alter table node_facts
  add column hostname text generated always as (facts ->> 'hostname') stored,
  add column hostname_sort_key text collate "C" generated always as (natural_sort_key(facts ->> 'hostname')) stored,
  add column os text generated always as (facts #>> '{os,name}') stored,
  add column os_sort_key text collate "C" generated always as (natural_sort_key(facts #>> '{os,name}')) stored,
  add column kernel text generated always as (facts ->> 'kernel') stored,
  add column kernel_sort_key text collate "C" generated always as (natural_sort_key(facts ->> 'kernel')) stored,
  add column architecture text generated always as (facts ->> 'architecture') stored,
  add column agent_version text generated always as (facts ->> 'agentVersion') stored,
  add column agent_version_sort_key text collate "C" generated always as (natural_sort_key(facts ->> 'agentVersion')) stored,
  add column main_address inet,
  add column addresses text[] not null default '{}',
  add column global_addresses text[] not null default '{}';

-- A row only for nodes that somebody works on.
create table node_maintenance (
  node_id uuid primary key references nodes on delete cascade,
  reason text not null,
  by text not null,
  since timestamptz not null default now(),
  until timestamptz
);

create index node_maintenance_until on node_maintenance (until) where until is not null;

-- A row only for nodes to which nothing new comes.
create table node_scheduling (
  node_id uuid primary key references nodes on delete cascade,
  state text not null,
  reason text not null,
  by text not null,
  since timestamptz not null default now(),
  deadline timestamptz,
  told_late_at timestamptz,
  constraint node_scheduling_state_check check (state in ('cordoned', 'draining', 'drained'))
);

-- Lists of nodes that people keep by a name.
create table node_views (
  id uuid primary key default gen_random_uuid(),
  owner text not null,
  owner_name text not null,
  name text not null,
  shared boolean not null,
  query jsonb not null,
  updated_at timestamptz not null default now()
);

create unique index node_views_own_name on node_views (owner, name) where not shared;
create unique index node_views_shared_name on node_views (name) where shared;

-- Whoever asks for the history of a node that is gone asks by the name it last had.
create index events_of_removed_nodes on events (node_name) where kind = 'node-removed';
