import type { NodeCertificate } from '@muster/api';
import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
import { AuthorityRetired } from '../errors.ts';
import { isSettled, prove, type Overlap, retireDue, take, type TakenHook } from './certificate-life.ts';
import { announceNearEnd, type CertificateListQuery, type CertificatePage, listCertificates } from './certificate-list.ts';
import {
  type EndedCertificate,
  endedAmong,
  revoke,
  revokeAll,
  type Revoked,
  type RevokedEntry,
  revokedOf,
} from './certificate-revocation.ts';
import { appendEvents, type NewEvent } from './events.ts';
import { lockNode } from './find-node.ts';

/** A certificate that was just signed. */
export type SignedCertificate = {
  readonly serial: string;
  /** SHA-256 of the certificate in DER, hexadecimal. */
  readonly fingerprint: string;
  /** SHA-256 of the public key (SubjectPublicKeyInfo) in DER, hexadecimal. */
  readonly spkiSha256: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** Leaf and intermediate, PEM. */
  readonly chainPem: string;
  /** The authority that signed it, counted from 1. */
  readonly authority: number;
};

export type CertificateStatus = {
  readonly serial: string;
  readonly nodeId: string;
  /** The node's present name, or its last one when it was removed. */
  readonly nodeName: string;
  readonly revoked: boolean;
  /** Why it is revoked. */
  readonly reason: string | null;
  readonly notAfter: string;
  readonly authority: number;
  readonly nodeExists: boolean;
};

/** Certificates of nodes; they outlive their node. Serials are hexadecimal as the certificates carry them. */
export type CertificateTable = {
  /** Newest first. */
  byNode(nodeId: string): Promise<NodeCertificate[]>;
  /** What the agents' door asks on every connection; undefined for a serial that was never issued here. */
  status(serial: string): Promise<CertificateStatus | undefined>;
  /**
   * Keeps a renewed certificate; event `certificate-issued`. @throws NodeNotFound for a node removed meanwhile, AuthorityRetired for an
   * authority that was dropped meanwhile
   */
  record(certificate: SignedCertificate & { readonly nodeId: string; readonly nodeName: string }): Promise<void>;
  /**
   * The node was heard with this certificate: it is the one in use from now on, and those issued to the node before it retire, at the
   * latest after `overlap.longestSeconds`, and after `overlap.seconds` once the services of the host were told. Idempotent. Returns whether
   * it was this call that proved it. A revoked or unknown certificate proves nothing.
   */
  prove(serial: string, overlap: Overlap): Promise<boolean>;
  /**
   * The services of the host were told of this certificate: those before it retire after so many seconds, once it is proven. Event
   * `certificate-taken` when that is new. Idempotent.
   */
  take(serial: string, hooks: readonly TakenHook[], overlapSeconds: number): Promise<void>;
  /** Whether this certificate is proven and no older one of its node is accepted any more. */
  isSettled(serial: string): Promise<boolean>;
  /** Ends those whose time to retire has come, as superseded; one event `certificate-revoked` each. Of two servers that ask, one does it. */
  retireDue(): Promise<Revoked[]>;
  /** Revokes; event `certificate-revoked`. Returns whether it was valid until now. Idempotent. */
  revoke(serial: string, reason: string): Promise<boolean>;
  /**
   * Revokes every certificate of a node and ends its unused join tokens; an event each. The node is then no longer registered: only a new
   * token brings it back. Idempotent. @throws NodeNotFound
   */
  revokeAll(nodeIdOrName: string, reason: string): Promise<{ nodeId: string; nodeName: string; serials: string[] }>;
  /** Which of these serials are not to be accepted any more, for connections that are open. */
  endedAmong(serials: readonly string[]): Promise<EndedCertificate[]>;
  /** What belongs into the revocation list of an authority now, with the list's number: each call gives a higher one. */
  revokedOf(authority: number): Promise<{ readonly number: number; readonly entries: readonly RevokedEntry[] }>;
  /** A page of the certificates of all nodes, by node and the newest first, and the number of all that match. */
  list(query: CertificateListQuery): Promise<CertificatePage>;
  /** Announces each certificate in use of which less than this share of its life is left, once; event `certificate-near-end`. */
  announceNearEnd(share: number): Promise<string[]>;
};

/** The event of a certificate's issue. */
export const certificateIssued = (certificate: SignedCertificate, nodeId: string, nodeName: string): NewEvent => ({
  kind: 'certificate-issued',
  severity: 'info',
  nodeId,
  nodeName,
  message: `A certificate was issued to ${nodeName}, valid until ${certificate.notAfter.toISOString()}.`,
  data: { serial: certificate.serial, notAfter: certificate.notAfter.toISOString() },
});

/**
 * Keeps a signed certificate. The caller holds the node's lock. @throws AuthorityRetired for one that was dropped: what it signed would be
 * accepted nowhere
 */
export async function insertCertificate(queries: Queries, certificate: SignedCertificate, nodeId: string, nodeName: string): Promise<void> {
  const { authority } = certificate;
  // Locked until the commit: an authority is not dropped while it signs.
  const { rows } = await sql<{ retired: boolean }>`
    select retired_at is not null as retired from authorities where generation = ${authority} for share`.execute(queries);
  if (rows[0]?.retired === true) throw new AuthorityRetired(authority);
  await queries
    .insertInto('certificates')
    .values({
      serial: certificate.serial,
      node_id: nodeId,
      node_name: nodeName,
      fingerprint: certificate.fingerprint,
      spki_sha256: certificate.spkiSha256,
      not_before: certificate.notBefore.toISOString(),
      not_after: certificate.notAfter.toISOString(),
      chain_pem: certificate.chainPem,
      authority,
    })
    .execute();
}

async function readStatus(queries: Queries, serial: string): Promise<CertificateStatus | undefined> {
  const { rows } = await sql<CertificateStatus>`
    select c.serial, c.node_id as "nodeId", coalesce(n.name, c.node_name) as "nodeName", c.revoked_at is not null as revoked,
      c.revocation_reason as reason, c.not_after as "notAfter", c.authority, n.id is not null as "nodeExists"
    from certificates c left join nodes n on n.id = c.node_id where c.serial = ${serial}`.execute(queries);
  return rows[0];
}

async function readByNode(queries: Queries, nodeId: string): Promise<NodeCertificate[]> {
  const { rows } = await sql<NodeCertificate>`
    select serial, node_id as "nodeId", fingerprint, not_before as "notBefore", not_after as "notAfter", issued_at as "issuedAt",
      revoked_at as "revokedAt", revocation_reason as "revocationReason"
    from certificates where node_id = ${nodeId} order by issue_number desc`.execute(queries);
  return rows;
}

export function certificateTable(database: Database): CertificateTable {
  return {
    byNode: (nodeId) => database.run((queries) => readByNode(queries, nodeId)),
    status: (serial) => database.run((queries) => readStatus(queries, serial)),
    record: (certificate) =>
      database.transaction(async (queries) => {
        const node = await lockNode(queries, certificate.nodeId);
        await insertCertificate(queries, certificate, node.id, node.name);
        await appendEvents(queries, [certificateIssued(certificate, node.id, node.name)]);
      }),
    prove: (serial, overlap) => prove(database, serial, overlap),
    take: (serial, hooks, overlapSeconds) => take(database, serial, hooks, overlapSeconds),
    isSettled: (serial) => database.run((queries) => isSettled(queries, serial)),
    retireDue: () => retireDue(database),
    revoke: (serial, reason) => revoke(database, serial, reason),
    revokeAll: (nodeIdOrName, reason) => revokeAll(database, nodeIdOrName, reason),
    endedAmong: async (serials) => (serials.length === 0 ? [] : database.run((queries) => endedAmong(queries, serials))),
    revokedOf: (authority) => database.run((queries) => revokedOf(queries, authority)),
    list: (query) => database.run((queries) => listCertificates(queries, query)),
    announceNearEnd: (share) => announceNearEnd(database, share),
  };
}
