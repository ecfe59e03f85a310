/** A certificate of a node as a journal outside the database keeps it, so that no restore can forget that it was issued or revoked. */
export type JournalledCertificate = {
  /** Hexadecimal, as the certificate carries it. */
  readonly serial: string;
  /** SHA-256 of the root of its authority, in PEM as it is kept; hexadecimal. */
  readonly rootSha256: string;
  readonly nodeId: string;
  readonly nodeName: string;
  /** SHA-256 of the certificate in DER, hexadecimal. */
  readonly fingerprint: string;
  readonly spkiSha256: string;
  /** ISO 8601, as are the others. */
  readonly notBefore: string;
  readonly notAfter: string;
  readonly issuedAt: string;
  readonly revokedAt: string | null;
  readonly reason: string | null;
};
