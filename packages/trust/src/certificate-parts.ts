import { createHash, randomBytes } from 'node:crypto';
import { AuthorityKeyIdentifierExtension, SubjectKeyIdentifierExtension, type Extension } from './x509.ts';

/**
 * A serial number: 128 random bits of which the first two are fixed to 01, so that it is positive, never starts with a zero, and is
 * written with the same 32 hexadecimal digits everywhere (RFC 5280 4.1.2.2 allows 20 bytes, a positive number).
 */
export function newSerial(): string {
  const bytes = randomBytes(16);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

/** Bytes of the uncompressed point at the end of a P-256 or P-384 SubjectPublicKeyInfo, by that structure's length. */
const pointBytes = (spkiDer: Uint8Array): number => (spkiDer.length === 91 ? 65 : 97);

/** Key identifier: the first 160 bits of SHA-256 over the key's bits (RFC 7093, method 1), hexadecimal. */
function keyIdentifier(spkiDer: Uint8Array): string {
  return createHash('sha256')
    .update(spkiDer.subarray(-pointBytes(spkiDer)))
    .digest('hex')
    .slice(0, 40);
}

/** The two extensions by which chains are put together: whose key this is, and whose key signed it. */
export function keyIdentifierExtensions(subjectSpkiDer: Uint8Array, issuerSpkiDer: Uint8Array): readonly Extension[] {
  return [
    new SubjectKeyIdentifierExtension(keyIdentifier(subjectSpkiDer)),
    new AuthorityKeyIdentifierExtension(keyIdentifier(issuerSpkiDer)),
  ];
}

/** The extension that says whose key signed, in DER. */
export const authorityKeyIdentifier = (issuerSpkiDer: Uint8Array): Buffer =>
  Buffer.from(new AuthorityKeyIdentifierExtension(keyIdentifier(issuerSpkiDer)).rawData);
