import { createHash, type webcrypto } from 'node:crypto';
import { keyIdentifierExtensions, newSerial } from './certificate-parts.ts';
import { keyAlgorithm, signingAlgorithm } from './ecdsa.ts';
import { fingerprintOf } from './pem.ts';
import { leafValidity, type Validity } from './validity.ts';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  Name,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
  type ExtendedKeyUsage,
  type JsonGeneralName,
} from './x509.ts';

/** Who signs, opened and checked. */
export type Issuer = {
  readonly name: Name;
  /** The same, byte by byte as the issuer's certificate has it. */
  readonly nameDer: Buffer;
  readonly certificatePem: string;
  readonly spkiDer: Buffer;
  readonly signingKey: webcrypto.CryptoKey;
  /** The shorter of root and intermediate. */
  readonly validity: Validity;
};

/** A certificate as it was signed. */
export type IssuedCertificate = {
  /** 32 hexadecimal digits, lower case. */
  readonly serial: string;
  readonly certificatePem: string;
  /** The certificate and the intermediate. */
  readonly chainPem: string;
  /** SHA-256 of the certificate in DER, lower-case hexadecimal. */
  readonly fingerprint: string;
  /** SHA-256 of the public key (SubjectPublicKeyInfo in DER), lower-case hexadecimal. */
  readonly spkiSha256: string;
  readonly notBefore: Date;
  readonly notAfter: Date;
  /** True when the authority ends before the lifetime that was asked for: `notAfter` is then the authority's. */
  readonly lifetimeClipped: boolean;
};

/** What goes into a leaf; all of it said by the server but the public key. */
export type LeafContent = {
  readonly commonName: string;
  readonly names: readonly JsonGeneralName[];
  readonly uses: readonly ExtendedKeyUsage[];
  readonly spkiDer: Buffer;
  readonly lifetimeDays: number;
  readonly now: Date;
};

/**
 * Signs a leaf.
 * @throws TrustError `invalid-date`, `invalid-lifetime`, `authority-expired`, `authority-not-yet-valid`
 */
export async function issueLeaf(issuer: Issuer, content: LeafContent): Promise<IssuedCertificate> {
  const { spkiDer } = content;
  const { notBefore, notAfter, clipped } = leafValidity({ now: content.now, lifetimeDays: content.lifetimeDays, issuer: issuer.validity });
  const serial = newSerial();
  const certificate = await X509CertificateGenerator.create({
    serialNumber: serial,
    subject: new Name([{ CN: [{ utf8String: content.commonName }] }]),
    issuer: issuer.name,
    notBefore,
    notAfter,
    publicKey: spkiDer,
    signingKey: issuer.signingKey,
    signingAlgorithm: { ...keyAlgorithm, ...signingAlgorithm },
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([...content.uses]),
      new SubjectAlternativeNameExtension([...content.names]),
      ...keyIdentifierExtensions(spkiDer, issuer.spkiDer),
    ],
  });
  const certificatePem = `${certificate.toString('pem')}\n`;
  return {
    serial,
    certificatePem,
    chainPem: certificatePem + issuer.certificatePem,
    fingerprint: fingerprintOf(certificatePem),
    spkiSha256: createHash('sha256').update(spkiDer).digest('hex'),
    notBefore,
    notAfter,
    lifetimeClipped: clipped,
  };
}
