import { X509Certificate, createPrivateKey, webcrypto } from 'node:crypto';
import { keyAlgorithm } from './ecdsa.ts';
import { issueLeaf, type IssuedCertificate, type Issuer } from './issue-leaf.ts';
import { memberLeaf, type MemberRequest, nodeLeaf, serverLeaf, type NodeRequest, type ServerRequest } from './leaf-requests.ts';
import { fingerprintOf, splitPemChain, writePem } from './pem.ts';
import { type Crl, type CrlContent, signCrl } from './sign-crl.ts';
import { TrustError } from './trust-error.ts';
import type { Validity } from './validity.ts';
import { AsnCertificate } from './x509.ts';

/** An authority's parts as they are kept, keys already unsealed. The root's key is not needed to sign nodes and is not taken. */
export type AuthorityParts = {
  readonly root: { readonly certificatePem: string };
  readonly intermediate: { readonly certificatePem: string; readonly keyPem: string };
};

/** An opened authority: it signs nodes and servers with the intermediate's key, which it does not give out. */
export type Authority = {
  readonly rootPem: string;
  readonly intermediatePem: string;
  /** SHA-256 of the root in DER, lower-case hexadecimal: what join tokens carry. */
  readonly fingerprint: string;
  /**
   * Signs a node's certificate: subject its name; alternative names its id as a URI, its name, and the addresses the server knows.
   * @throws TrustError when the request is damaged, weak or asks for more than the name, or an argument is wrong.
   */
  readonly signNode: (request: NodeRequest) => Promise<IssuedCertificate>;
  /**
   * Signs a management server's certificate; `serverIdentity` is always among its names. The request is made by
   * `makeKeyAndCsr({ nodeName: serverIdentity })`.
   * @throws TrustError as `signNode`.
   */
  readonly signServer: (request: ServerRequest) => Promise<IssuedCertificate>;
  /**
   * Signs the certificate of a machine of a pool. Of a pool's own authority, never of the installation's.
   * @throws TrustError as `signNode`.
   */
  readonly signMember: (request: MemberRequest) => Promise<IssuedCertificate>;
  /** Signs a revocation list of nodes and servers. */
  readonly signCrl: (content: CrlContent) => Promise<Crl>;
};

function damaged(what: string, cause?: unknown): TrustError {
  return new TrustError({
    code: 'authority-damaged',
    what,
    advice: 'Restore the authority (certificates and sealed keys) from a backup; nothing was signed.',
    cause,
  });
}

function readCertificate(pem: string, role: string): X509Certificate {
  try {
    const [only, ...others] = splitPemChain(pem);
    if (only !== undefined && others.length === 0) return new X509Certificate(only);
  } catch (error) {
    throw damaged(`the ${role} certificate cannot be read`, error);
  }
  throw damaged(`there is more than one ${role} certificate`);
}

const certificatePem = (certificate: X509Certificate): string => writePem('CERTIFICATE', certificate.raw);

function requireFit(root: X509Certificate, intermediate: X509Certificate): void {
  if (!root.ca || !root.checkIssued(root) || !root.verify(root.publicKey))
    throw damaged('the root is not a certificate authority that signed itself');
  if (!intermediate.ca || !intermediate.checkIssued(root) || !intermediate.verify(root.publicKey))
    throw damaged('the intermediate was not signed by this root');
}

function privateKeyDer(keyPem: string, certificate: X509Certificate, role: string): Buffer {
  try {
    const key = createPrivateKey(keyPem);
    if (certificate.checkPrivateKey(key)) return key.export({ format: 'der', type: 'pkcs8' });
  } catch (error) {
    throw damaged(`the private key of the ${role} cannot be read`, error);
  }
  throw damaged(`the private key does not belong to the ${role}`);
}

async function openIssuer(certificate: X509Certificate, keyPem: string, role: string): Promise<Omit<Issuer, 'validity'>> {
  const keyDer = privateKeyDer(keyPem, certificate, role);
  const name = new AsnCertificate(certificate.raw).subjectName;
  return {
    name,
    nameDer: Buffer.from(name.toArrayBuffer()),
    certificatePem: certificatePem(certificate),
    spkiDer: certificate.publicKey.export({ format: 'der', type: 'spki' }),
    signingKey: await webcrypto.subtle.importKey('pkcs8', keyDer, keyAlgorithm, false, ['sign']),
  };
}

/** The shorter of root and intermediate. */
function commonValidity(root: X509Certificate, intermediate: X509Certificate): Validity {
  const later = (a: Date, b: Date): Date => (a > b ? a : b);
  const earlier = (a: Date, b: Date): Date => (a < b ? a : b);
  return {
    notBefore: later(root.validFromDate, intermediate.validFromDate),
    notAfter: earlier(root.validToDate, intermediate.validToDate),
  };
}

/**
 * Checks that the parts belong together and makes them ready to sign. Dates are checked at each signing, not here: a server whose
 * authority has ended must still start.
 * @throws TrustError `authority-damaged`
 */
export async function openAuthority({ root, intermediate }: AuthorityParts): Promise<Authority> {
  const rootCertificate = readCertificate(root.certificatePem, 'root');
  const intermediateCertificate = readCertificate(intermediate.certificatePem, 'intermediate');
  requireFit(rootCertificate, intermediateCertificate);
  const validity = commonValidity(rootCertificate, intermediateCertificate);
  const issuer = { ...(await openIssuer(intermediateCertificate, intermediate.keyPem, 'intermediate')), validity };
  const rootPem = certificatePem(rootCertificate);
  return {
    rootPem,
    intermediatePem: issuer.certificatePem,
    fingerprint: fingerprintOf(rootPem),
    signNode: async (request) => await issueLeaf(issuer, await nodeLeaf(request)),
    signServer: async (request) => await issueLeaf(issuer, await serverLeaf(request)),
    signMember: async (request) => await issueLeaf(issuer, await memberLeaf(request)),
    signCrl: (content) => signCrl(issuer, content),
  };
}

/**
 * The revocation list of a root: for as long as the root lives it says that the intermediate is not revoked, because some programs accept no
 * certificate without a list for each authority above it. The key is used for this alone and not kept.
 * @throws TrustError `authority-damaged`
 */
export async function signRootCrl({ certificatePem, keyPem }: { readonly certificatePem: string; readonly keyPem: string }): Promise<Crl> {
  const root = readCertificate(certificatePem, 'root');
  const { validFromDate: notBefore, validToDate: notAfter } = root;
  const issuer = { ...(await openIssuer(root, keyPem, 'root')), validity: { notBefore, notAfter } };
  return await signCrl(issuer, { number: 1, entries: [], thisUpdate: notBefore, nextUpdate: notAfter });
}
