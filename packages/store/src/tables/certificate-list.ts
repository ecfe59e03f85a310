import type { Certificate, CertificateState } from '@muster/api';
import { type RawBuilder, sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { appendEvents } from './events.ts';

export type CertificateListQuery = {
  /** Only of these nodes. */
  readonly nodeIds?: readonly string[];
  /** Only those that stand so; without it those that are accepted now. */
  readonly state?: CertificateState;
  readonly limit: number;
  readonly offset: number;
};

export type CertificatePage = { readonly items: Certificate[]; readonly total: number };

const state = sql<CertificateState>`case
  when c.revoked_at is not null then 'revoked'
  when c.not_after <= now() then 'expired'
  when c.retire_at is not null then 'retiring'
  when c.proven_at is not null then 'in-use'
  else 'new' end`;

/** What is left of the life of a certificate, 1 to 0. */
const lifeLeft = sql<number>`greatest(0, least(1,
  extract(epoch from c.not_after - now()) / greatest(1, extract(epoch from c.not_after - c.not_before))))::double precision`;

const columns = sql`
  c.serial, c.node_id as "nodeId", coalesce(n.name, c.node_name) as "nodeName", c.fingerprint, c.not_before as "notBefore",
  c.not_after as "notAfter", c.issued_at as "issuedAt", c.revoked_at as "revokedAt", c.revocation_reason as "revocationReason",
  c.proven_at as "provenAt", case when c.revoked_at is null then c.retire_at end as "retiresAt", c.authority,
  ${state} as state, ${lifeLeft} as "lifeLeft"`;

export async function listCertificates(
  queries: Queries,
  { nodeIds, state: wanted, limit, offset }: CertificateListQuery,
): Promise<CertificatePage> {
  const conditions: RawBuilder<unknown>[] = [
    wanted === undefined ? sql`c.revoked_at is null and c.not_after > now()` : sql`${state} = ${wanted}`,
    ...(nodeIds === undefined ? [] : [sql`c.node_id = any (${[...nodeIds]}::uuid[])`]),
  ];
  const { rows } = await sql<Certificate & { total: number }>`
    with matching as materialized (
      select ${columns}, c.issue_number, coalesce(n.name_sort_key, natural_sort_key(c.node_name)) as name_key
      from certificates c left join nodes n on n.id = c.node_id
      where ${sql.join(conditions, sql` and `)}
    ),
    page as (
      select *, row_number() over (order by name_key, "nodeName", issue_number desc) as position from matching
      order by position limit ${limit} offset ${offset}
    )
    select counted.total, page.serial, page."nodeId", page."nodeName", page.fingerprint, page."notBefore", page."notAfter", page."issuedAt",
      page."revokedAt", page."revocationReason", page."provenAt", page."retiresAt", page.authority, page.state, page."lifeLeft"
    from (select count(*) as total from matching) counted left join page on true
    order by page.position`.execute(queries);
  const items = rows.filter((row) => row.serial !== null).map(({ total: _total, ...row }) => row);
  return { items, total: rows[0]?.total ?? 0 };
}

type NearEnd = { serial: string; nodeId: string; nodeName: string; notAfter: string };

export function announceNearEnd(database: Database, share: number): Promise<string[]> {
  return database.transaction(async (queries) => {
    const { rows } = await sql<NearEnd>`
      with near as (
        select c.serial, n.name from certificates c join nodes n on n.certificate_serial = c.serial
        where c.revoked_at is null and c.near_end_at is null
          and now() > c.not_after - (c.not_after - c.not_before) * ${share}::double precision
        order by c.serial limit 1000 for update of c skip locked
      )
      update certificates c set near_end_at = now() from near where c.serial = near.serial
      returning c.serial, c.node_id as "nodeId", near.name as "nodeName", c.not_after as "notAfter"`.execute(queries);
    await appendEvents(
      queries,
      rows.map(({ serial, nodeId, nodeName, notAfter }) => ({
        kind: 'certificate-near-end',
        severity: 'warning',
        nodeId,
        nodeName,
        message: `The certificate of ${nodeName} ends at ${notAfter}: its renewal, due long before, has not taken place.`,
        data: { serial, notAfter },
      })),
    );
    return rows.map((row) => row.serial);
  });
}
