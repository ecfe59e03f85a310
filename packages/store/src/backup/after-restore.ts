import { hostname } from 'node:os';
import type { BackupHead } from '@muster/backup';
import type { Run } from './carried-certificates.ts';

/** What a backup must not bring back to life, and what was done about it. */
export type Settled = {
  readonly sessionsEnded: number;
  readonly joinTokensDropped: number;
  readonly signInLinksDropped: number;
  readonly tasksEnded: number;
  readonly notificationsDropped: number;
  /** Keys of programs that count now; those revoked since the backup are among them, unless they were carried over. */
  readonly apiKeysInForce: number;
};

/** Beyond what any server gave out since the backup: numbers of revocation lists must grow (RFC 5280, 5.2.3), and readers go on from the last event they saw. */
const jump = 1_000_000;

const notBegun = "'The database was restored from a backup, so this was not begun. Ask again if it is still wanted.'";
const notKnown = "'The database was restored from a backup: how this ended is not known.'";

/** A run of that time has been over for long, and nobody told how it went. */
const endRuns = `
  update provision_runs set run = (run - 'now') || ended, summary = (summary - 'now') || ended
  from (select '{"state": "interrupted", "reason": "The database was restored from a backup: how this ended is not known."}'::jsonb as ended) as said
  where summary ->> 'state' = 'running'`;

const endTasks = `
  update tasks set held = false, finished_at = now(), server_id = null,
    state = case when state = 'queued' then 'cancelled' else 'unknown' end, message = case when state = 'queued' then ${notBegun} else ${notKnown} end
  where state in ('queued', 'sent', 'running')`;

/**
 * Signs everybody out and lets nothing that counted once count again: sessions, links, join tokens, and what was asked of nodes at the time of the
 * backup and may have been done since. As part of the restoring transaction.
 */
export async function settleRestored(run: Run): Promise<Settled> {
  const count = async (statement: string): Promise<number> => {
    const rows = await run<{ count: number }>(`with changed as (${statement} returning 1) select count(*) as count from changed`, []);
    return rows[0]?.count ?? 0;
  };
  const settled = {
    sessionsEnded: await count('delete from "session"'),
    joinTokensDropped: await count('delete from join_tokens'),
    signInLinksDropped: await count('delete from sign_in_links'),
    tasksEnded: await count(endTasks),
    notificationsDropped: await count('delete from deliveries'),
  };
  await run('delete from verification', []);
  await run(
    "update operations set cancelled_at = coalesce(cancelled_at, now()), cancelled_by = coalesce(cancelled_by, 'restore') where state = 'running'",
    [],
  );
  for (const table of ['authority_servers', 'members', 'leases', 'console_holds']) await run(`delete from ${table}`, []);
  await run(endRuns, []);
  await run('update node_presence set connected = false', []);
  await run(`select setval('crl_number', last_value + ${jump}) from crl_number`, []);
  await run(`select setval('events_id_seq', last_value + ${jump}) from events_id_seq`, []);
  await run('update notification_cursor set last_event_id = greatest(last_event_id, (select coalesce(max(id), 0) from events))', []);
  const keys = await run<{ count: number }>('select count(*) as count from api_keys where revoked_at is null and expires_at > now()', []);
  return { ...settled, apiKeysInForce: keys[0]?.count ?? 0 };
}

/** Writes down that a backup was restored: an entry of the audit log, and the event `backup-restored`. Call it last. */
export async function recordRestore(run: Run, { madeAt, muster }: BackupHead, by: string): Promise<void> {
  const input = JSON.stringify({ madeAt, muster });
  const [entry] = await run<{ id: number }>(
    `insert into audit (actor_kind, actor_name, address, route, target_kind, target_name, input)
     values ('local', $1, 'local', 'restoreBackup', 'backup', $2, $3::jsonb) returning id`,
    [by, hostname(), input],
  );
  await run('insert into audit_results (audit_id, status) values ($1, 200)', [entry?.id]);
  await run("insert into events (kind, severity, message, data) values ('backup-restored', 'warning', $1, $2::jsonb)", [
    `The backup of ${madeAt} (Muster ${muster}) was restored. What happened since then is not known here.`,
    input,
  ]);
}
