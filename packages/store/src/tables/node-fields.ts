import type { NodeSortKey } from '@muster/api';
import { nodeFields } from '@muster/core';
import { type RawBuilder, sql } from 'kysely';
import { ageSeconds } from './age.ts';

/** A table beside `nodes n` that a field is read from. */
export type Joined = 'health' | 'presence' | 'facts' | 'certificate' | 'maintenance' | 'scheduling' | 'agent';

const joins: Readonly<Record<Joined, RawBuilder<unknown>>> = {
  health: sql`left join node_health h on h.node_id = n.id`,
  presence: sql`left join node_presence p on p.node_id = n.id`,
  facts: sql`left join node_facts f on f.node_id = n.id`,
  certificate: sql`left join certificates c on c.serial = n.certificate_serial`,
  maintenance: sql`left join node_maintenance m on m.node_id = n.id`,
  scheduling: sql`left join node_scheduling s on s.node_id = n.id`,
  agent: sql`left join node_agent a on a.node_id = n.id`,
};

/** `nodes n` with what is needed beside it, each once. */
export function nodesWith(needed: readonly (Joined | undefined)[]): RawBuilder<unknown> {
  const wanted = (Object.keys(joins) as Joined[]).filter((one) => needed.includes(one));
  return sql`nodes n ${sql.join(
    wanted.map((one) => joins[one]),
    sql` `,
  )}`;
}

/** How a field of a node is read: its value, what it is sorted by where that differs, and where it stands. */
export type FieldSql = { readonly value: RawBuilder<unknown>; readonly sort?: RawBuilder<unknown>; readonly from?: Joined };

/** A machine differs from what was decided about it, as core's `mismatchesOf` has it. */
const mismatch = sql`(
  f.node_id is not null and (
    not (
      rtrim(lower(f.hostname), '.') = n.name
      or ((position('.' in n.name) = 0 or position('.' in rtrim(lower(f.hostname), '.')) = 0)
        and split_part(n.name, '.', 1) = split_part(rtrim(lower(f.hostname), '.'), '.', 1))
    )
    or (n.private_ip is not null and f.addresses <> '{}' and host(n.private_ip) <> all (f.addresses))
    or (
      n.public_ip is not null and host(n.public_ip) <> all (f.global_addresses)
      and exists (select from unnest(f.global_addresses) as one (address) where (position(':' in one.address) > 0) = (family(n.public_ip) = 6))
    )
  )
)::text`;

const privateAddress = sql`coalesce(n.private_ip, f.main_address)`;
const naturally = (text: RawBuilder<unknown>): RawBuilder<unknown> => sql`natural_sort_key(${text}) collate "C"`;

/** Every field, as core's table of them has it. */
export const fieldSql: Readonly<Record<NodeSortKey, FieldSql>> = {
  name: { value: sql`n.name`, sort: sql`n.name_sort_key` },
  hostname: { value: sql`f.hostname`, sort: sql`f.hostname_sort_key`, from: 'facts' },
  privateIp: { value: sql`host(${privateAddress})`, sort: privateAddress, from: 'facts' },
  publicIp: { value: sql`host(n.public_ip)`, sort: sql`n.public_ip` },
  registration: { value: sql`case when n.registered_at is null then 'pending' else 'registered' end` },
  registeredAt: { value: sql`n.registered_at` },
  health: { value: sql`coalesce(h.state, 'unknown')`, from: 'health' },
  connected: { value: sql`coalesce(p.connected, false)::text`, from: 'presence' },
  lastHeartbeatAt: { value: sql`p.last_heartbeat_at`, from: 'presence' },
  heartbeatAgeSeconds: { value: ageSeconds('p.last_heartbeat_at'), from: 'presence' },
  clockSkewSeconds: { value: sql`p.clock_skew_ms / 1000`, from: 'presence' },
  certificateSerial: { value: sql`n.certificate_serial`, sort: sql`n.certificate_serial collate "C"` },
  certificateExpiresAt: { value: sql`c.not_after`, from: 'certificate' },
  certificateIssuedAt: { value: sql`c.issued_at`, from: 'certificate' },
  certificateDaysLeft: { value: sql`extract(epoch from c.not_after - now())::double precision / 86400`, from: 'certificate' },
  scheduling: { value: sql`coalesce(s.state, 'open')`, from: 'scheduling' },
  maintenance: { value: sql`case when m.node_id is null then 'off' else 'on' end`, from: 'maintenance' },
  agent: { value: sql`coalesce(a.state, 'normal')`, from: 'agent' },
  mismatch: { value: mismatch, from: 'facts' },
  os: { value: sql`f.os`, sort: sql`f.os_sort_key`, from: 'facts' },
  kernel: { value: sql`f.kernel`, sort: sql`f.kernel_sort_key`, from: 'facts' },
  architecture: { value: sql`f.architecture`, sort: sql`lower(f.architecture) collate "C"`, from: 'facts' },
  agentVersion: { value: sql`f.agent_version`, sort: sql`f.agent_version_sort_key`, from: 'facts' },
  cores: { value: sql`f.cores`, from: 'facts' },
  memoryBytes: { value: sql`f.memory_bytes`, from: 'facts' },
  gpus: { value: sql`f.gpu_count`, from: 'facts' },
  environments: { value: sql`n.environments` },
  groups: { value: sql`n.groups`, sort: naturally(sql`nullif(array_to_string(n.groups, ','), '')`) },
  notes: { value: sql`nullif(n.notes, '')`, sort: naturally(sql`nullif(n.notes, '')`) },
  createdAt: { value: sql`n.created_at` },
  updatedAt: { value: sql`n.updated_at` },
};

/** What a field is sorted by: a choice by its place among all of them, anything else by its value or what stands for it. */
export function sortOf(key: NodeSortKey): RawBuilder<unknown> {
  const { value, sort } = fieldSql[key];
  const field = nodeFields[key];
  return field.kind === 'choice' ? sql`array_position(${[...field.choices]}::text[], ${value})` : (sort ?? value);
}

/** What a label is sorted by. */
export const labelSort = (label: string): RawBuilder<unknown> => naturally(sql`n.labels ->> ${label}`);
