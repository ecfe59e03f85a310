import { CompiledQuery, sql } from 'kysely';
import {
  beginCarrying,
  carryFromJournal,
  mergeCarried,
  type MergedCertificates,
  rootDigest,
  type Run,
} from '../backup/carried-certificates.ts';
import type { JournalledCertificate } from '../backup/journalled-certificate.ts';
import type { Database, Queries } from '../database.ts';
import { certificateRevoked } from './certificate-revocation.ts';
import { appendEvents } from './events.ts';

/** A certificate for the journal, with the number of its issue. */
export type IssuedEntry = JournalledCertificate & { readonly issueNumber: number };

/** For a journal of certificates outside the database, see `JournalledCertificate`. What ended days ago is in none of the answers. */
export type CertificateJournalTable = {
  /** Certificates issued after this number, in the order of their issue, at most `limit`. */
  issuedAfter(issueNumber: number, limit: number): Promise<IssuedEntry[]>;
  /** Those that were revoked within the last seconds. */
  revokedWithin(seconds: number): Promise<JournalledCertificate[]>;
  /**
   * Brings the tables to what a journal knows: after the database went back to an earlier state, what was revoked since is revoked, and what was issued since
   * is known. An event for each that is refused from now on. `read` gives all that the journal knows, in portions, and may be called again after a deadlock.
   * Idempotent.
   */
  merge(read: () => AsyncIterable<readonly JournalledCertificate[]>): Promise<MergedCertificates>;
};

const columns = sql.raw(`
  c.serial, ${rootDigest} as "rootSha256", c.node_id as "nodeId", c.node_name as "nodeName", c.fingerprint, c.spki_sha256 as "spkiSha256",
  c.not_before as "notBefore", c.not_after as "notAfter", c.issued_at as "issuedAt", c.revoked_at as "revokedAt", c.revocation_reason as reason`);
const kept = sql`from certificates c join authorities a on a.generation = c.authority where c.not_after > now() - interval '2 days'`;

async function merge(queries: Queries, entries: AsyncIterable<readonly JournalledCertificate[]>): Promise<MergedCertificates> {
  const run: Run = async <Row>(statement: string, values: readonly unknown[]) =>
    (await queries.executeQuery<Row>(CompiledQuery.raw(statement, [...values]))).rows;
  await beginCarrying(run);
  await carryFromJournal(run, entries);
  const merged = await mergeCarried(run);
  await appendEvents(
    queries,
    merged.revoked.map((one) => certificateRevoked(one, one.reason)),
  );
  return merged;
}

export function certificateJournalTable(database: Database): CertificateJournalTable {
  return {
    issuedAfter: async (issueNumber, limit) => {
      const { rows } = await database.run((queries) =>
        sql<IssuedEntry>`select ${columns}, c.issue_number as "issueNumber" ${kept} and c.issue_number > ${issueNumber}
          order by c.issue_number limit ${limit}`.execute(queries),
      );
      return rows;
    },
    revokedWithin: async (seconds) => {
      const { rows } = await database.run((queries) =>
        sql<JournalledCertificate>`select ${columns} ${kept} and c.revoked_at > now() - make_interval(secs => ${seconds})`.execute(queries),
      );
      return rows;
    },
    merge: (read) => database.transaction((queries) => merge(queries, read())),
  };
}
