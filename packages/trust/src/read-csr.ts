import { createHash } from 'node:crypto';
import { judgeKey, type KeyType } from './key-type.ts';
import { readPem, type PemBlock } from './pem.ts';
import { TrustError, quoted } from './trust-error.ts';
import { Pkcs10CertificateRequest } from './x509.ts';

/** A certificate request whose own signature is right: whoever sent it holds the key. What it asks for is not yet judged. */
export type VerifiedCsr = {
  readonly request: Pkcs10CertificateRequest;
  /** The public key, SubjectPublicKeyInfo in DER. */
  readonly spkiDer: Buffer;
  readonly spkiSha256: string;
  readonly keyType: KeyType;
};

/** What a certificate request says. */
export type CsrFacts = {
  /** SHA-256 of the public key (SubjectPublicKeyInfo in DER), lower-case hexadecimal. */
  readonly spkiSha256: string;
  /** The subject's common name; undefined when there is none or more than one. Chosen by the sender: treat as hostile text. */
  readonly commonName: string | undefined;
  readonly keyType: KeyType;
};

/** The enrolment door takes no more either (`EnrolmentRequest` of the api). */
const largestCsrCharacters = 8192;
const acceptedHashes: ReadonlySet<string> = new Set(['SHA-256', 'SHA-384', 'SHA-512']);

function malformed(what: string, cause?: unknown): TrustError {
  return new TrustError({ code: 'csr-malformed', what, advice: 'Send one PKCS#10 request in PEM, as muster-agent makes it.', cause });
}

function requestDer(csrPem: string): Buffer {
  if (csrPem.length > largestCsrCharacters) {
    throw new TrustError({
      code: 'csr-too-large',
      what: `the certificate request has ${csrPem.length} characters, at most ${largestCsrCharacters} are read`,
      advice: 'Ask for one name with a key on P-256 or P-384; such a request has less than 1000 characters.',
    });
  }
  let blocks: readonly PemBlock[];
  try {
    blocks = readPem(csrPem);
  } catch (error) {
    throw malformed('the certificate request is not PEM', error);
  }
  const only = blocks[0];
  if (only === undefined || blocks.length !== 1 || only.label !== 'CERTIFICATE REQUEST')
    throw malformed('there is not exactly one certificate request in this text');
  return only.der;
}

function requireAcceptedKey(spkiDer: Buffer): KeyType {
  const verdict = judgeKey(spkiDer);
  if (verdict.ok) return verdict.keyType;
  throw new TrustError({
    code: 'csr-weak-key',
    what: `the key of the certificate request ${verdict.why}`,
    advice: 'Make a key on the curve P-256 or P-384; other kinds are not accepted.',
  });
}

function requireAcceptedHash(request: Pkcs10CertificateRequest): void {
  // The library leaves the hash out for algorithms that have none.
  const { name, hash } = request.signatureAlgorithm as { readonly name?: string; readonly hash?: { readonly name?: string } };
  const hashName = hash?.name ?? 'no hash';
  if (name === 'ECDSA' && acceptedHashes.has(hashName)) return;
  throw malformed(
    `the certificate request is signed with ${quoted(`${name ?? 'an unknown algorithm'}, ${hashName}`)}, not with ECDSA and SHA-256 or better`,
  );
}

async function signatureIsRight(request: Pkcs10CertificateRequest): Promise<boolean> {
  try {
    return await request.verify();
  } catch {
    // A signature that cannot even be taken apart is as wrong as one that does not fit.
    return false;
  }
}

/** Runs what may trip over hostile DER, and says so in this room's own terms. */
function reading<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw error instanceof TrustError ? error : malformed('the certificate request cannot be read', error);
  }
}

/**
 * Reads a certificate request and checks its size, the kind of its key and its own signature.
 * @throws TrustError `csr-too-large`, `csr-malformed`, `csr-weak-key`, `csr-signature-wrong`; nothing else, whatever the text.
 */
export async function readCsr(csrPem: string): Promise<VerifiedCsr> {
  const der = requestDer(csrPem);
  const { request, spkiDer } = reading(() => {
    const parsed = new Pkcs10CertificateRequest(der);
    return { request: parsed, spkiDer: Buffer.from(parsed.publicKey.rawData) };
  });
  const keyType = requireAcceptedKey(spkiDer);
  reading(() => requireAcceptedHash(request));
  if (!(await signatureIsRight(request))) {
    throw new TrustError({
      code: 'csr-signature-wrong',
      what: 'the certificate request is not signed with the key it carries',
      advice: 'It was changed on its way or its sender does not hold the key: let the agent make a new one.',
    });
  }
  return { request, spkiDer, keyType, spkiSha256: createHash('sha256').update(spkiDer).digest('hex') };
}

/**
 * The facts of a certificate request, after its own signature was checked.
 * @throws TrustError as {@link readCsr}.
 */
export async function csrFacts(csrPem: string): Promise<CsrFacts> {
  const { request, spkiSha256, keyType } = await readCsr(csrPem);
  const commonNames = reading(() => request.subjectName.getField('CN'));
  return { spkiSha256, keyType, commonName: commonNames.length === 1 ? commonNames[0] : undefined };
}
