import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { appendEvents, type NewEvent } from './events.ts';
import { lockNode } from './find-node.ts';

/** A certificate that was just revoked. */
export type Revoked = { readonly serial: string; readonly nodeId: string; readonly nodeName: string };

/** A certificate that an open connection must not use any more, and why, in a word of the store (`superseded`) or `unknown`, `node-removed`. */
export type EndedCertificate = { readonly serial: string; readonly reason: string };

/** One line of a revocation list. */
export type RevokedEntry = { readonly serial: string; readonly revokedAt: Date; readonly reason: string };

/** The event of a revocation. That one certificate follows on another is as it should be; everything else is worth a look. */
export const certificateRevoked = ({ serial, nodeId, nodeName }: Revoked, reason: string): NewEvent => ({
  kind: 'certificate-revoked',
  severity: reason === 'superseded' ? 'info' : 'warning',
  nodeId,
  nodeName,
  message: `The certificate ${serial} of ${nodeName} was revoked (${reason}).`,
  data: { serial, reason },
});

/**
 * A node without any certificate that counts is not registered: only a new token, which is an administrator's yes, brings it back.
 * Tokens made before end. The caller holds the node's lock.
 */
async function requireNewToken(queries: Queries, nodeId: string): Promise<void> {
  const { rows } = await sql`
    update nodes set registered_at = null where id = ${nodeId} and registered_at is not null and not exists (
      select from certificates where node_id = ${nodeId} and revoked_at is null and not_after > now()
    ) returning id`.execute(queries);
  if (rows.length === 0) return;
  await sql`update join_tokens set ended_at = clock_timestamp() where node_id = ${nodeId} and ended_at is null`.execute(queries);
}

export function revoke(database: Database, serial: string, reason: string): Promise<boolean> {
  return database.transaction(async (queries) => {
    const found = await queries.selectFrom('certificates').select('node_id').where('serial', '=', serial).executeTakeFirst();
    if (found === undefined) return false;
    await queries.selectFrom('nodes').select('id').where('id', '=', found.node_id).forUpdate().executeTakeFirst();
    const { rows } = await sql<Revoked>`
      update certificates set revoked_at = now(), revocation_reason = ${reason} where serial = ${serial} and revoked_at is null
      returning serial, node_id as "nodeId", node_name as "nodeName"`.execute(queries);
    const [revoked] = rows;
    if (revoked === undefined) return false;
    await requireNewToken(queries, revoked.nodeId);
    await appendEvents(queries, [certificateRevoked(revoked, reason)]);
    return true;
  });
}

export function revokeAll(database: Database, nodeIdOrName: string, reason: string) {
  return database.transaction(async (queries) => {
    const node = await lockNode(queries, nodeIdOrName);
    const { rows } = await sql<Revoked>`
      update certificates set revoked_at = now(), revocation_reason = ${reason} where node_id = ${node.id} and revoked_at is null
      returning serial, node_id as "nodeId", node_name as "nodeName"`.execute(queries);
    await requireNewToken(queries, node.id);
    await appendEvents(
      queries,
      rows.map((row) => certificateRevoked(row, reason)),
    );
    return { nodeId: node.id, nodeName: node.name, serials: rows.map((row) => row.serial) };
  });
}

export async function endedAmong(queries: Queries, serials: readonly string[]): Promise<EndedCertificate[]> {
  const { rows } = await sql<EndedCertificate>`
    select given.serial,
      case when c.serial is null then 'unknown' when n.id is null then 'node-removed' else coalesce(c.revocation_reason, 'revoked') end as reason
    from unnest(${[...serials]}::text[]) as given (serial)
    left join certificates c on c.serial = given.serial
    left join nodes n on n.id = c.node_id
    where c.serial is null or n.id is null or c.revoked_at is not null`.execute(queries);
  return rows;
}

/** An expired certificate leaves the list a while after its end: clocks differ (RFC 5280, 3.3, asks for one list after the end). */
const listedAfterEndDays = 2;

export async function revokedOf(queries: Queries, authority: number) {
  // The number is drawn in the same statement as the entries are read, so that a higher number never knows less.
  const { rows } = await sql<{ number: number; serial: string | null; revokedAt: string | null; reason: string | null }>`
    with drawn as materialized (select nextval('crl_number') as number)
    select drawn.number, c.serial, c.revoked_at as "revokedAt", c.revocation_reason as reason
    from drawn left join certificates c
      on c.authority = ${authority} and c.revoked_at is not null and c.not_after > now() - make_interval(days => ${listedAfterEndDays})
    order by c.revoked_at, c.serial`.execute(queries);
  const entries = rows.flatMap(({ serial, revokedAt, reason }) =>
    serial === null || revokedAt === null ? [] : [{ serial, revokedAt: new Date(revokedAt), reason: reason ?? '' }],
  );
  return { number: rows[0]?.number ?? 0, entries };
}
