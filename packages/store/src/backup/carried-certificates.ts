import type { JournalledCertificate } from './journalled-certificate.ts';

/** Runs a statement as part of a transaction. */
export type Run = <Row>(statement: string, values: readonly unknown[]) => Promise<Row[]>;

/**
 * Certificates that are known from elsewhere than the tables: from the database that is being replaced, or from a journal. They are put beside, in
 * a table of this transaction alone, and then merged: what was revoked there is revoked here, and what was issued there is known here.
 */
const make = `
  create temporary table carried_certificates (
    serial text primary key, root_sha256 text not null, node_id uuid not null, node_name text not null, fingerprint text not null,
    spki_sha256 text not null, not_before timestamptz not null, not_after timestamptz not null, issued_at timestamptz not null,
    revoked_at timestamptz, revocation_reason text, proven_at timestamptz, chain_pem text not null default ''
  ) on commit drop`;

/** How an authority is known in another database: by its root, because generations are only counted. */
export const rootDigest = "encode(sha256(convert_to(a.root_pem, 'UTF8')), 'hex')";

const columns = 'serial, node_id, node_name, fingerprint, spki_sha256, not_before, not_after, issued_at, revoked_at, revocation_reason';

const takeFromTables = `
  insert into carried_certificates (root_sha256, proven_at, chain_pem, ${columns})
  select ${rootDigest}, proven_at, chain_pem, ${columns} from certificates c join authorities a on a.generation = c.authority`;

const takeFromJournal = `
  insert into carried_certificates as known (root_sha256, ${columns})
  select distinct on (serial) "rootSha256", serial, "nodeId", "nodeName", fingerprint, "spkiSha256", "notBefore", "notAfter", "issuedAt", "revokedAt", reason
  from jsonb_to_recordset($1::jsonb) as given ("rootSha256" text, serial text, "nodeId" uuid, "nodeName" text, fingerprint text,
    "spkiSha256" text, "notBefore" timestamptz, "notAfter" timestamptz, "issuedAt" timestamptz, "revokedAt" timestamptz, reason text)
  order by serial, "revokedAt" nulls last
  on conflict (serial) do update
  set revoked_at = excluded.revoked_at, revocation_reason = excluded.revocation_reason
  where known.revoked_at is null and excluded.revoked_at is not null`;

const revokeAgain = `
  update certificates c set revoked_at = k.revoked_at, revocation_reason = coalesce(k.revocation_reason, 'unspecified')
  from carried_certificates k join authorities a on ${rootDigest} = k.root_sha256
  where c.serial = k.serial and c.authority = a.generation and c.revoked_at is null and k.revoked_at is not null
  returning c.serial, c.node_id as "nodeId", c.node_name as "nodeName", c.revocation_reason as reason`;

/* One of a node that is not there is good for nothing and must come into the revocation list, as when a node is removed. What ended long ago is in no list. */
const knowAgain = `
  insert into certificates (serial, node_id, node_name, fingerprint, spki_sha256, not_before, not_after, issued_at, proven_at, chain_pem, authority,
    revoked_at, revocation_reason)
  select k.serial, k.node_id, k.node_name, k.fingerprint, k.spki_sha256, k.not_before, k.not_after, k.issued_at, k.proven_at, k.chain_pem, a.generation,
    case when n.id is null then coalesce(k.revoked_at, now()) else k.revoked_at end,
    case when n.id is null then coalesce(k.revocation_reason, 'node-removed') else k.revocation_reason end
  from carried_certificates k join authorities a on ${rootDigest} = k.root_sha256 left join nodes n on n.id = k.node_id
  where k.not_after > now() - interval '2 days'
  order by k.issued_at, k.serial
  on conflict (serial) do nothing
  returning serial, node_id as "nodeId", node_name as "nodeName", revoked_at is not null as revoked`;

const settleNodes = `
  update nodes n set
    registered_at = case when accepted.any_serial is null then null else coalesce(n.registered_at, now()) end,
    certificate_serial = coalesce(accepted.newest_proven, n.certificate_serial)
  from nodes m cross join lateral (
    select max(c.serial) as any_serial,
      (array_agg(c.serial order by c.issued_at desc) filter (where c.proven_at is not null))[1] as newest_proven
    from certificates c where c.node_id = m.id and c.revoked_at is null and c.not_after > now()
  ) accepted
  where n.id = m.id and m.id = any ($1::uuid[]) and (n.registered_at is not null or accepted.any_serial is not null)`;

type Merged = { readonly serial: string; readonly nodeId: string; readonly nodeName: string };

/** What a merge has changed. */
export type MergedCertificates = {
  /** Accepted until now, and not any more. */
  readonly revoked: readonly (Merged & { readonly reason: string })[];
  /** Unknown until now; `revoked`: only known so that they stay refused and are in the revocation lists. */
  readonly known: readonly (Merged & { readonly revoked: boolean })[];
};

/** Makes room for what is carried over. Ends with the transaction. */
export const beginCarrying = async (run: Run): Promise<void> => void (await run(make, []));

/** Takes along what the tables hold now, before they are dropped. */
export const carryFromTables = async (run: Run): Promise<void> => void (await run(takeFromTables, []));

/** Takes along what a journal holds. */
export async function carryFromJournal(run: Run, entries: AsyncIterable<readonly JournalledCertificate[]>): Promise<void> {
  for await (const some of entries) await run(takeFromJournal, [JSON.stringify(some)]);
}

/** Whether something was carried that is about an authority which is here, or no certificate is here that could have been revoked since. */
export async function knowsEnough(run: Run): Promise<boolean> {
  const carried = await run(`select from carried_certificates k join authorities a on ${rootDigest} = k.root_sha256 limit 1`, []);
  if (carried.length > 0) return true;
  const accepted = await run('select from certificates where revoked_at is null and not_after > now() limit 1', []);
  return accepted.length === 0;
}

/**
 * Merges what was carried into the tables. Only what is of an authority that is there counts. A node that is left without any certificate is no longer
 * registered, and one that has a certificate is. Idempotent.
 */
export async function mergeCarried(run: Run): Promise<MergedCertificates> {
  const revoked = await run<MergedCertificates['revoked'][number]>(revokeAgain, []);
  const known = await run<MergedCertificates['known'][number]>(knowAgain, []);
  const touched = new Set([...revoked, ...known].map(({ nodeId }) => nodeId));
  if (touched.size > 0) await run(settleNodes, [[...touched]]);
  return { revoked, known };
}
