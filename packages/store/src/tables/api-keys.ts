import type { ApiKey, Grant } from '@muster/api';
import { type RawBuilder, sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { isReadOnly } from '../database-error.ts';
import { ApiKeyNotFound } from '../errors.ts';
import { storableText } from '../json-text.ts';
import { appendEvents } from './events.ts';

export type NewKey = {
  readonly keySha256: string;
  readonly prefix: string;
  readonly name: string;
  /** Null for one made on the server itself. */
  readonly ownerId: string | null;
  readonly grant: Grant;
  readonly lifetimeDays: number;
};

/** A key that works now, and what its maker may do now: null where it was made on the server itself. */
export type UsableKey = { readonly key: ApiKey; readonly ownerGrant: Grant | null };

/** Whose keys: of one person, of the server itself, or all. */
export type KeyOwner = { readonly ownerId: string | null } | 'all';

/** Keys for programs. Only their hashes are kept. */
export type ApiKeyTable = {
  make(key: NewKey): Promise<ApiKey>;
  /** Newest first. */
  list(owner: KeyOwner): Promise<ApiKey[]>;
  /** @throws ApiKeyNotFound */
  get(id: string, owner: KeyOwner): Promise<ApiKey>;
  /** The key of this hash as long as it may be used; notes the use, at most once a minute. */
  use(keySha256: string, address: string): Promise<UsableKey | undefined>;
  /** Ends a key at once. Idempotent. @throws ApiKeyNotFound */
  revoke(id: string, owner: KeyOwner): Promise<ApiKey>;
};

type KeyRow = {
  id: string;
  name: string;
  prefix: string;
  owner_id: string | null;
  owner_name: string | null;
  role: ApiKey['role'];
  groups: string[] | null;
  may_exec: boolean;
  created_at: string;
  expires_at: string;
  last_used_at: string | null;
  last_used_from: string | null;
  revoked_at: string | null;
  expired: boolean;
  /** Whether its last use was noted more than a minute ago. */
  noted_long_ago: boolean;
  owner_disabled: boolean;
  owner_role: ApiKey['role'] | null;
  owner_groups: string[] | null;
  owner_may_exec: boolean | null;
};

function stateOf(row: KeyRow): ApiKey['state'] {
  if (row.revoked_at !== null) return 'revoked';
  if (row.expired) return 'expired';
  return row.owner_disabled ? 'unusable' : 'active';
}

const keyOfRow = (row: KeyRow): ApiKey => ({
  id: row.id,
  name: row.name,
  prefix: row.prefix,
  ownerId: row.owner_id,
  ownerName: row.owner_name ?? 'the server itself',
  role: row.role,
  groups: row.groups,
  mayExec: row.may_exec,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  lastUsedAt: row.last_used_at,
  lastUsedFrom: row.last_used_from,
  revokedAt: row.revoked_at,
  state: stateOf(row),
});

async function selectKeys(queries: Queries, where: RawBuilder<unknown>): Promise<KeyRow[]> {
  const { rows } = await sql<KeyRow>`
    select k.id, k.name, k.prefix, k.owner_id, u."email" as owner_name, k.role, k.groups, k.may_exec, k.created_at, k.expires_at,
      k.last_used_at, k.last_used_from, k.revoked_at, k.expires_at <= clock_timestamp() as expired,
      coalesce(k.last_used_at < clock_timestamp() - interval '1 minute', true) as noted_long_ago,
      p.disabled_at is not null as owner_disabled, p.role as owner_role, p.groups as owner_groups, p.may_exec as owner_may_exec
    from api_keys k left join people p on p.user_id = k.owner_id left join "user" u on u."id" = k.owner_id
    where ${where}
    order by k.created_at desc, k.id`.execute(queries);
  return rows;
}

const isOf = (owner: KeyOwner): RawBuilder<unknown> =>
  owner === 'all' ? sql`true` : sql`k.owner_id is not distinct from ${owner.ownerId}`;

async function readKey(queries: Queries, id: string, owner: KeyOwner): Promise<ApiKey> {
  const [row] = await selectKeys(queries, sql`k.id = ${id}::uuid and ${isOf(owner)}`);
  if (row === undefined) throw new ApiKeyNotFound(id);
  return keyOfRow(row);
}

async function useKey(queries: Queries, keySha256: string, address: string): Promise<UsableKey | undefined> {
  const [row] = await selectKeys(queries, sql`k.key_sha256 = ${keySha256}`);
  if (row === undefined || stateOf(row) !== 'active') return undefined;
  if (row.noted_long_ago) await noteUse(queries, row.id, address);
  const { owner_role: role, owner_groups: groups, owner_may_exec: mayExec } = row;
  return { key: keyOfRow(row), ownerGrant: role === null ? null : { role, groups, mayExec: mayExec === true } };
}

/** Not while it is read from a copy: a key goes on to work for reading then, and its use is noted the next time. */
async function noteUse(queries: Queries, id: string, address: string): Promise<void> {
  const noted = sql`update api_keys set last_used_at = clock_timestamp(), last_used_from = ${address} where id = ${id}`.execute(queries);
  await noted.catch((error: unknown) => {
    if (!isReadOnly(error)) throw error;
  });
}

export function apiKeyTable(database: Database): ApiKeyTable {
  return {
    make: ({ keySha256, prefix, name, ownerId, grant, lifetimeDays }) =>
      database.transaction(async (queries) => {
        const { rows } = await sql<{ id: string }>`
          insert into api_keys (key_sha256, prefix, name, owner_id, role, groups, may_exec, expires_at)
          values (${keySha256}, ${prefix}, ${storableText(name)}, ${ownerId}, ${grant.role}, ${grant.groups}::text[], ${grant.mayExec},
            clock_timestamp() + make_interval(days => ${lifetimeDays}::integer))
          returning id`.execute(queries);
        return readKey(queries, rows[0]?.id ?? '', 'all');
      }),
    list: (owner) => database.run(async (queries) => (await selectKeys(queries, isOf(owner))).map(keyOfRow)),
    get: (id, owner) => database.run((queries) => readKey(queries, id, owner)),
    use: (keySha256, address) => database.run((queries) => useKey(queries, keySha256, address)),
    revoke: (id, owner) =>
      database.transaction(async (queries) => {
        await readKey(queries, id, owner);
        await sql`update api_keys set revoked_at = coalesce(revoked_at, clock_timestamp()) where id = ${id}::uuid`.execute(queries);
        const key = await readKey(queries, id, owner);
        const message = `The key ${key.name} of ${key.ownerName} was revoked.`;
        const data = { personId: key.ownerId, keyId: key.id, change: 'key-revoked' };
        await appendEvents(queries, [{ kind: 'person-changed', severity: 'info', nodeId: null, nodeName: null, message, data }]);
        return key;
      }),
  };
}
