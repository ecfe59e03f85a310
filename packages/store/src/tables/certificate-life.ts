import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { jsonText } from '../json-text.ts';
import { certificateRevoked, type Revoked } from './certificate-revocation.ts';
import { appendEvents, type NewEvent } from './events.ts';

/** How long an older certificate of a node stays good beside the one in use. */
export type Overlap = {
  /** Once the services of the host were told of the newer one. */
  readonly seconds: number;
  /** Where nobody ever says that they were. */
  readonly longestSeconds: number;
};

/** What became of one of the programs that tell a host's services of a new certificate. */
export type TakenHook = { readonly name: string; readonly ok: boolean; readonly message: string };

type ProvenRow = { issue_number: number; taken: boolean };

/** Those before it that are still good retire after so many seconds, unless they were to go earlier. The caller holds the node's lock. */
async function retireBefore(queries: Queries, nodeId: string, issueNumber: number, afterSeconds: number): Promise<void> {
  await sql`
    update certificates
    set retire_at = least(retire_at, now() + make_interval(secs => ${afterSeconds}::double precision))
    where node_id = ${nodeId} and issue_number < ${issueNumber} and revoked_at is null`.execute(queries);
}

export function prove(database: Database, serial: string, overlap: Overlap): Promise<boolean> {
  return database.transaction(async (queries) => {
    const found = await queries.selectFrom('certificates').select(['node_id', 'proven_at']).where('serial', '=', serial).executeTakeFirst();
    // Nearly every heartbeat's answer: nothing to lock.
    if (found === undefined || found.proven_at !== null) return false;
    const node = await queries.selectFrom('nodes').select('id').where('id', '=', found.node_id).forUpdate().executeTakeFirst();
    if (node === undefined) return false;
    const { rows } = await sql<ProvenRow>`
      update certificates set proven_at = now() where serial = ${serial} and proven_at is null and revoked_at is null
      returning issue_number, taken_at is not null as taken`.execute(queries);
    const [proven] = rows;
    if (proven === undefined) return false;
    await sql`
      update nodes set certificate_serial = ${serial} where id = ${node.id} and not exists (
        select from certificates c where c.serial = nodes.certificate_serial and c.issue_number > ${proven.issue_number} and c.revoked_at is null
      )`.execute(queries);
    await retireBefore(queries, node.id, proven.issue_number, proven.taken ? overlap.seconds : overlap.longestSeconds);
    return true;
  });
}

type TakenRow = { issue_number: number; proven: boolean; isNew: boolean; node_name: string };

export function take(database: Database, serial: string, hooks: readonly TakenHook[], overlapSeconds: number): Promise<void> {
  return database.transaction(async (queries) => {
    const found = await queries.selectFrom('certificates').select('node_id').where('serial', '=', serial).executeTakeFirst();
    if (found === undefined) return;
    const node = await queries.selectFrom('nodes').select(['id', 'name']).where('id', '=', found.node_id).forUpdate().executeTakeFirst();
    if (node === undefined) return;
    const { rows } = await sql<TakenRow>`
      with before as (select taken_at, hooks from certificates where serial = ${serial})
      update certificates c set taken_at = coalesce(c.taken_at, now()), hooks = ${jsonText(hooks)}::jsonb
      from before where c.serial = ${serial} and c.revoked_at is null
      returning c.issue_number, c.proven_at is not null as proven,
        before.taken_at is null or before.hooks is distinct from c.hooks as "isNew"`.execute(queries);
    const [taken] = rows;
    if (taken === undefined) return;
    if (taken.proven) await retireBefore(queries, node.id, taken.issue_number, overlapSeconds);
    if (taken.isNew) await appendEvents(queries, [certificateTaken(serial, node, hooks)]);
  });
}

function certificateTaken(serial: string, node: { id: string; name: string }, hooks: readonly TakenHook[]): NewEvent {
  const failed = hooks.filter((hook) => !hook.ok);
  const ran = hooks.length === 0 ? 'no hooks are installed' : `${hooks.length} hooks ran`;
  const message =
    failed.length === 0
      ? `The certificate of ${node.name} lies ready for the services of its host; ${ran}.`
      : `Services of ${node.name} may still use their old certificate: ${failed.map((hook) => `${hook.name}: ${hook.message}`).join('; ')}`;
  const severity = failed.length === 0 ? 'info' : 'warning';
  return { kind: 'certificate-taken', severity, nodeId: node.id, nodeName: node.name, message, data: { serial, hooks } };
}

export async function isSettled(queries: Queries, serial: string): Promise<boolean> {
  const { rows } = await sql<{ settled: boolean }>`
    select c.proven_at is not null and c.revoked_at is null and not exists (
      select from certificates older
      where older.node_id = c.node_id and older.issue_number < c.issue_number and older.revoked_at is null
    ) as settled
    from certificates c where c.serial = ${serial}`.execute(queries);
  return rows[0]?.settled ?? false;
}

export function retireDue(database: Database): Promise<Revoked[]> {
  return database.transaction(async (queries) => {
    // Rows that another server is just ending are left to it.
    const { rows } = await sql<Revoked>`
      with due as (
        select serial from certificates where revoked_at is null and retire_at <= now() order by serial limit 1000 for update skip locked
      )
      update certificates c set revoked_at = now(), revocation_reason = 'superseded' from due where c.serial = due.serial
      returning c.serial, c.node_id as "nodeId", c.node_name as "nodeName"`.execute(queries);
    await appendEvents(
      queries,
      rows.map((row) => certificateRevoked(row, 'superseded')),
    );
    return rows;
  });
}
