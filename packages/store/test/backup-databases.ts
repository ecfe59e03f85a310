import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { CheckedRecords } from '@muster/backup';
import { reachableFolder, runSql } from '@muster/testkit';
import { vi } from 'vitest';
import { createDatabase } from '../src/create-database.ts';
import type { StoreConnection } from '../src/connection.ts';
import { type Restored, type RestoreOptions, restoreSnapshot } from '../src/backup/restore-snapshot.ts';
import { type SnapshotOptions, takeSnapshot } from '../src/backup/take-snapshot.ts';
import { silentLog } from './builders.ts';

export type TestConnection = { readonly host: string; readonly user: string; readonly database: string };

/** Who may run a PostgreSQL, which refuses to be run by root. */
function postgresUser(): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const idOf = (option: string) => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8' }));
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/** A server of another version than the embedded one, of those that the machine has. */
export async function startOtherPostgres(binaries: string): Promise<{ fresh(): Promise<TestConnection>; stop(): Promise<void> }> {
  const folder = await reachableFolder();
  const user = postgresUser();
  if (user.uid !== undefined) await chown(folder, user.uid, user.gid ?? 0);
  const data = join(folder, 'data');
  const made = ['--pgdata', data, '--username', 'muster', '--auth', 'trust', '--encoding', 'UTF8', '--locale', 'C.UTF-8'];
  execFileSync(join(binaries, 'bin', 'initdb'), made, { ...user, cwd: folder, stdio: 'ignore' });
  const child = spawn(join(binaries, 'bin', 'postgres'), ['-D', data, '-k', folder, '-c', 'listen_addresses='], {
    ...user,
    cwd: folder,
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  const admin = { host: folder, user: 'muster', database: 'postgres' };
  await vi.waitFor(() => runSql(admin, 'select 1'), { timeout: 20_000, interval: 100 });
  let count = 0;
  return {
    fresh: async () => {
      count += 1;
      await createDatabase(admin, `other_${count}`, 'template0');
      return { ...admin, database: `other_${count}` };
    },
    stop: async () => {
      child.kill('SIGINT');
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A snapshot, held in memory. */
export async function snapshotOf(
  connection: StoreConnection,
  options: Partial<Omit<SnapshotOptions, 'connection'>> = {},
): Promise<Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for await (const piece of takeSnapshot({ connection, version: '0.1.0', files: [], ...options })) pieces.push(piece);
  return pieces;
}

export async function* piecesOf(snapshot: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* snapshot;
}

async function* nothing(): AsyncGenerator<never> {}

export const restore = (
  connection: StoreConnection,
  snapshot: readonly Uint8Array[],
  options: Partial<RestoreOptions> = {},
): Promise<Restored> =>
  restoreSnapshot({
    connection,
    log: silentLog,
    version: '0.1.0',
    records: new CheckedRecords(piecesOf(snapshot)).read(),
    replace: false,
    journal: nothing(),
    withoutJournal: true,
    by: 'tester',
    beforeCommit: async () => undefined,
    ...options,
  });

/** Every row of every table, as text. */
export async function contentOf(connection: TestConnection): Promise<Record<string, string[]>> {
  const tables = await runSql(
    connection,
    "select relname as name from pg_class where relkind = 'r' and relnamespace = 'public'::regnamespace order by 1",
  );
  const content: Record<string, string[]> = {};
  for (const { name } of tables) {
    if (name === 'schema_migrations') continue;
    const rows = await runSql(connection, `select t::text as row from "${String(name)}" t order by 1`);
    content[String(name)] = rows.map(({ row }) => String(row));
  }
  return content;
}

/** A database with something in every corner: texts that COPY has to escape, numbers at their ends, and what refers to what. */
export const fillSql = String.raw`
  insert into nodes (name, private_ip, public_ip, labels, groups, notes, registered_at, certificate_serial) values
    ('web1', '10.0.0.1', '2001:db8::1', '{"a": "tab\there \\ \"quoted\""}', array['g{1', 'h,2', ''], E'line\nbreak \\. \t tab \\N' || E'\r', now(), 's1'),
    ('web2', null, null, '{}', '{}', E'\\.', null, null), ('ünï-☃', null, null, '{}', '{}', '', null, null);
  insert into node_facts (node_id, facts) select id, '{"cores": 8, "memoryBytes": 34359738368, "gpus": [], "hostname": "host9", "os": {"name": "Debian"}}' from nodes;
  insert into node_presence (node_id, last_heartbeat_at, connected, server_id, clock_skew_ms) select id, now(), true, 'gone', -0.1::float8 + 1e-17 from nodes;
  insert into authorities (generation, root_pem, root_key, intermediate_pem, intermediate_key) values (1, 'root 1', '\x00ff0a5c', 'intermediate 1', '\x01');
  insert into certificates (serial, node_id, node_name, fingerprint, spki_sha256, not_before, not_after, chain_pem, authority, proven_at, revoked_at, revocation_reason)
    select s, n.id, n.name, 'f-' || s, 'k-' || s, now() - interval '1 day', now() + interval '90 days', E'chain\n', 1, now(),
      case when s = 's0' then now() end, case when s = 's0' then 'superseded' end
    from nodes n, unnest(array['s0', 's1']) as s where n.name = 'web1';
  insert into join_tokens (secret_sha256, node_id, expires_at) select 'token-' || name, id, now() + interval '1 hour' from nodes;
  insert into "user" ("id", "name", "email", "emailVerified") values ('u1', 'Ada', 'ada@example.org', true), ('u2', 'Bob', 'bob@example.org', true);
  insert into "session" ("id", "expiresAt", "token", "updatedAt", "userId") values ('x', now() + interval '1 day', 'secret', now(), 'u1');
  insert into people (user_id, role) values ('u1', 'administrator'), ('u2', 'operator');
  insert into sign_in_links (secret_sha256, user_id, expires_at) values ('l', 'u1', now() + interval '1 hour');
  insert into api_keys (key_sha256, name, prefix, owner_id, role, may_exec, expires_at) select 'k' || n, 'key ' || n, 'p' || n, 'u1', 'viewer', false, now() + interval '1 year' from generate_series(1, 2) n;
  insert into audit (actor_kind, actor_name, address, route, input) values ('local', 'root', 'local', 'addNode', '{"name": "web1"}');
  insert into audit_results (audit_id, status) select id, 200 from audit;
  insert into events (kind, severity, message) values ('node-added', 'info', E'tab\t and \\ and \u2603');
  insert into operations (spec, title, range, requested_by, expires_at, total) values ('{"kind": "exec"}', 'exec', 'all', 'ada', now() + interval '1 hour', 3);
  insert into tasks (operation_id, node_id, node_name, kind, lane, done_by, work, timeout_seconds, state, output, expires_at)
    select o.id, n.id, n.name, 'exec', 'control', 'agent', '{}', 60,
      case n.name when 'web1' then 'queued' when 'web2' then 'running' else 'succeeded' end, repeat(E'x\n', 1000), now() + interval '1 hour' from operations o, nodes n;
  insert into artifacts (sha256, name, size_bytes, added_by) values (repeat('a', 64), 'ml.tar.gz', 5000000000, 'ada');
  insert into notification_targets (id, kind, name, address, sealed_secret, created_by) values ('00000000-0000-4000-8000-000000000001', 'webhook', 'w', 'https://example.org', 's', 'ada');
  insert into deliveries (target_id, next_attempt_at) values ('00000000-0000-4000-8000-000000000001', now());
  insert into fleet_samples (resolution, at, good, degraded, bad, unknown, heartbeat_age_p50) values (60, now(), 1/3::float8, 1e300, 5e-324, 0, null);
  select nextval('crl_number'), nextval('crl_number')`;
