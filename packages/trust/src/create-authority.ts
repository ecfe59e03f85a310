import type { webcrypto } from 'node:crypto';
import { keyIdentifierExtensions, newSerial } from './certificate-parts.ts';
import { keyAlgorithm, makeKeyPair, privateKeyPem, publicKeyDer, signingAlgorithm } from './ecdsa.ts';
import { TrustError, quoted } from './trust-error.ts';
import { authorityValidity, type Validity } from './validity.ts';
import { BasicConstraintsExtension, KeyUsageFlags, KeyUsagesExtension, Name, X509CertificateGenerator } from './x509.ts';

/** A certificate with its private key. */
export type CertificateAndKey = {
  readonly certificatePem: string;
  /** PKCS#8 PEM, open: seal it before it goes anywhere (`sealKey`). */
  readonly keyPem: string;
};

/** What a new authority consists of. */
export type NewAuthority = { readonly root: CertificateAndKey; readonly intermediate: CertificateAndKey };

const rootYears = 20;
const intermediateYears = 10;
const longestAuthorityName = 40;

type Signer = { readonly name: Name; readonly keys: webcrypto.CryptoKeyPair };

/*
 * The random part keeps a second authority of the same installation apart: while one replaces the other both are trusted, and two
 * issuers of one name make chains that some libraries put together wrongly.
 */
function authorityName(name: string, role: string): Name {
  return new Name([{ CN: [{ utf8String: `${name} ${role} ${newSerial().slice(-8)}` }] }]);
}

function requireAuthorityName(name: string): void {
  if (/^[\p{L}\p{N}]([\p{L}\p{N} ._-]*[\p{L}\p{N}])?$/u.test(name) && name.length <= longestAuthorityName) return;
  throw new TrustError({
    code: 'invalid-name',
    what: `${quoted(name)} cannot be the name of an authority`,
    advice: `Use letters, digits, spaces, dots, underscores and hyphens, at most ${longestAuthorityName} in all, such as "Muster".`,
  });
}

async function certify(subject: Signer, issuer: Signer, validity: Validity, pathLength: number): Promise<CertificateAndKey> {
  const [subjectDer, issuerDer] = await Promise.all([publicKeyDer(subject.keys.publicKey), publicKeyDer(issuer.keys.publicKey)]);
  const certificate = await X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: subject.name,
    issuer: issuer.name,
    notBefore: validity.notBefore,
    notAfter: validity.notAfter,
    publicKey: subject.keys.publicKey,
    signingKey: issuer.keys.privateKey,
    signingAlgorithm: { ...keyAlgorithm, ...signingAlgorithm },
    extensions: [
      new BasicConstraintsExtension(true, pathLength, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      ...keyIdentifierExtensions(subjectDer, issuerDer),
    ],
  });
  return { certificatePem: `${certificate.toString('pem')}\n`, keyPem: await privateKeyPem(subject.keys.privateKey) };
}

/**
 * Makes an authority: a root for 20 years that signs nothing but the intermediate, and the intermediate for 10 years that signs
 * nodes and servers. `name` begins the subject names. Every call makes another authority.
 * @throws TrustError `invalid-name`
 */
export async function createAuthority({ name, now }: { readonly name: string; readonly now: Date }): Promise<NewAuthority> {
  requireAuthorityName(name);
  const root: Signer = { name: authorityName(name, 'root'), keys: await makeKeyPair() };
  const intermediate: Signer = { name: authorityName(name, 'intermediate'), keys: await makeKeyPair() };
  return {
    root: await certify(root, root, authorityValidity(now, rootYears), 1),
    intermediate: await certify(intermediate, root, authorityValidity(now, intermediateYears), 0),
  };
}
