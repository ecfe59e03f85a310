import { webcrypto } from 'node:crypto';
import { authorityKeyIdentifier } from './certificate-parts.ts';
import { bitString, enumerated, explicit, integer, objectIdentifier, octetString, sequence, time, unsignedInteger } from './der.ts';
import { signingAlgorithm } from './ecdsa.ts';
import type { Issuer } from './issue-leaf.ts';
import { writePem } from './pem.ts';

/** A certificate that is not to be accepted any more. */
export type CrlEntry = {
  /** Hexadecimal, as the certificate carries it. */
  readonly serial: string;
  readonly revokedAt: Date;
  /** A word; those of RFC 5280, 5.3.1, and the store's own have a code, any other is not told. */
  readonly reason: string;
};

/** What a revocation list says. */
export type CrlContent = {
  /** Greater than that of every list before. */
  readonly number: number;
  readonly entries: readonly CrlEntry[];
  readonly thisUpdate: Date;
  /** Before then there is a newer list. */
  readonly nextUpdate: Date;
};

/** A signed revocation list (RFC 5280, version 2). */
export type Crl = { readonly pem: string; readonly der: Buffer };

const reasonCodes: ReadonlyMap<string, number> = new Map([
  ['key-compromise', 1],
  ['superseded', 4],
  ['cessation-of-operation', 5],
  ['node-removed', 5],
]);

const oids = { ecdsaWithSha256: '1.2.840.10045.4.3.2', crlReason: '2.5.29.21', crlNumber: '2.5.29.20' } as const;

const extension = (oid: string, value: Uint8Array): Buffer => sequence(objectIdentifier(oid), octetString(value));

/* Made once for each kind of entry: a list may have tens of thousands. */
const reasonExtensions: ReadonlyMap<string, Buffer> = new Map(
  [...reasonCodes].map(([word, code]) => [word, sequence(extension(oids.crlReason, enumerated(code)))]),
);
const algorithm = sequence(objectIdentifier(oids.ecdsaWithSha256));

function entryDer({ serial, revokedAt, reason }: CrlEntry): Buffer {
  const number = unsignedInteger(Buffer.from(serial.padStart(serial.length + (serial.length % 2), '0'), 'hex'));
  const reasonExtension = reasonExtensions.get(reason);
  return sequence(number, time(revokedAt), ...(reasonExtension === undefined ? [] : [reasonExtension]));
}

/** WebCrypto gives the two halves of a signature one after the other; X.509 has them as two integers (RFC 3279, 2.2.3). */
function signatureDer(halves: Buffer): Buffer {
  const middle = halves.length / 2;
  return sequence(unsignedInteger(halves.subarray(0, middle)), unsignedInteger(halves.subarray(middle)));
}

/** Signs a revocation list. */
export async function signCrl(issuer: Issuer, { number, entries, thisUpdate, nextUpdate }: CrlContent): Promise<Crl> {
  const toSign = sequence(
    integer(1),
    algorithm,
    issuer.nameDer,
    time(thisUpdate),
    time(nextUpdate),
    // An empty list must be left out (RFC 5280, 5.1.2.6).
    ...(entries.length === 0 ? [] : [sequence(...entries.map(entryDer))]),
    explicit(0, sequence(authorityKeyIdentifier(issuer.spkiDer), extension(oids.crlNumber, integer(number)))),
  );
  const halves = Buffer.from(await webcrypto.subtle.sign(signingAlgorithm, issuer.signingKey, toSign));
  const der = sequence(toSign, algorithm, bitString(signatureDer(halves)));
  return { der, pem: writePem('X509 CRL', der) };
}
