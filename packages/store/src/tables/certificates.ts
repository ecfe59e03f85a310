import type { NodeCertificate } from '@muster/api';
import { sql } from 'kysely';
import type { Database, Queries } from '../database.ts';
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
  readonly nodeExists: boolean;
};

/** Certificates of nodes; they outlive their node. Serials are hexadecimal as the certificates carry them. */
export type CertificateTable = {
  /** Newest first. */
  byNode(nodeId: string): Promise<NodeCertificate[]>;
  /** What the agents' door asks on every connection; undefined for a serial that was never issued here. */
  status(serial: string): Promise<CertificateStatus | undefined>;
  /** Keeps a renewed certificate; event `certificate-issued`. @throws NodeNotFound for a node removed meanwhile */
  record(certificate: SignedCertificate & { readonly nodeId: string; readonly nodeName: string }): Promise<void>;
  /**
   * The node was heard with this certificate: it is the one in use from now on, and those issued to the node before it are revoked
   * as superseded. Idempotent. Returns the revoked serials. A revoked or unknown certificate proves nothing.
   */
  prove(serial: string): Promise<string[]>;
  /** Revokes; event `certificate-revoked`. Returns whether it was valid until now. Idempotent. */
  revoke(serial: string, reason: string): Promise<boolean>;
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

/** Keeps a signed certificate. The caller holds the node's lock. */
export async function insertCertificate(queries: Queries, certificate: SignedCertificate, nodeId: string, nodeName: string): Promise<void> {
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
    })
    .execute();
}

function prove(database: Database, serial: string): Promise<string[]> {
  return database.transaction(async (queries) => {
    const found = await queries.selectFrom('certificates').select(['node_id', 'proven_at']).where('serial', '=', serial).executeTakeFirst();
    // Nearly every heartbeat's answer: nothing to lock.
    if (found === undefined || found.proven_at !== null) return [];
    const node = await queries.selectFrom('nodes').select('id').where('id', '=', found.node_id).forUpdate().executeTakeFirst();
    if (node === undefined) return [];
    const proven = await queries
      .updateTable('certificates')
      .set({ proven_at: sql<string>`now()` })
      .where('serial', '=', serial)
      .where('proven_at', 'is', null)
      .where('revoked_at', 'is', null)
      .returning('issue_number')
      .executeTakeFirst();
    if (proven === undefined) return [];
    await queries.updateTable('nodes').set({ certificate_serial: serial }).where('id', '=', node.id).execute();
    const superseded = await queries
      .updateTable('certificates')
      .set({ revoked_at: sql<string>`now()`, revocation_reason: 'superseded' })
      .where('node_id', '=', node.id)
      .where('issue_number', '<', proven.issue_number)
      .where('revoked_at', 'is', null)
      .returning('serial')
      .execute();
    return superseded.map((row) => row.serial);
  });
}

function revoke(database: Database, serial: string, reason: string): Promise<boolean> {
  return database.transaction(async (queries) => {
    const revoked = await queries
      .updateTable('certificates')
      .set({ revoked_at: sql<string>`now()`, revocation_reason: reason })
      .where('serial', '=', serial)
      .where('revoked_at', 'is', null)
      .returning(['node_id', 'node_name'])
      .executeTakeFirst();
    if (revoked === undefined) return false;
    const { node_id: nodeId, node_name: nodeName } = revoked;
    const message = `The certificate ${serial} of ${nodeName} was revoked (${reason}).`;
    await appendEvents(queries, [
      { kind: 'certificate-revoked', severity: 'warning', nodeId, nodeName, message, data: { serial, reason } },
    ]);
    return true;
  });
}

async function readStatus(queries: Queries, serial: string): Promise<CertificateStatus | undefined> {
  const { rows } = await sql<CertificateStatus>`
    select c.serial, c.node_id as "nodeId", coalesce(n.name, c.node_name) as "nodeName", c.revoked_at is not null as revoked,
      c.revocation_reason as reason, c.not_after as "notAfter", n.id is not null as "nodeExists"
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
    prove: (serial) => prove(database, serial),
    revoke: (serial, reason) => revoke(database, serial, reason),
  };
}
