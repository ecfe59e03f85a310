import { X509Certificate } from 'node:crypto';
import { describeKey, keyTypeOf } from './key-type.ts';
import { splitPemChain } from './pem.ts';
import { quoted } from './trust-error.ts';

/** Why a certificate that a client shows is refused. `authority-unreadable` is the server's own trouble, all others the peer's. */
export type LeafRefusal =
  | 'authority-unreadable'
  | 'expired'
  | 'malformed'
  | 'name-mismatch'
  | 'not-a-node'
  | 'not-a-server'
  | 'not-yet-valid'
  | 'self-signed'
  | 'weak-key'
  | 'wrong-authority';

/** Why a certificate is refused; the message is a sentence for the log. */
export type RefusedLeaf = { readonly ok: false; readonly reason: LeafRefusal; readonly message: string };

/** A client certificate, in DER as TLS gives it or in PEM (the first of a chain counts), and the authority to measure it by. */
export type LeafQuestion = ({ readonly certificateDer: Uint8Array } | { readonly certificatePem: string }) & {
  readonly rootPem: string;
  readonly intermediatePem: string;
  readonly now: Date;
};

/** The alternative names of a certificate. `strange`: there are others than names, addresses and URIs, or such that could be mistaken for several. */
export type LeafNames = { readonly uris: readonly string[]; readonly dnsNames: readonly string[]; readonly strange: boolean };

/** OpenSSL reads more; no certificate of ours has more than a few kilobytes. */
const largestCertificateBytes = 65_536;

/** A refusal, as a verdict. */
export const refuse = (reason: LeafRefusal, message: string): RefusedLeaf => ({ ok: false, reason, message });

function parse(certificate: string | Uint8Array): X509Certificate | undefined {
  if (certificate.length > largestCertificateBytes) return undefined;
  try {
    return new X509Certificate(typeof certificate === 'string' ? (splitPemChain(certificate)[0] ?? '') : certificate);
  } catch {
    return undefined;
  }
}

const signedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);

function refuseIssuer(leaf: X509Certificate, intermediate: X509Certificate): RefusedLeaf | undefined {
  if (signedBy(leaf, intermediate)) return undefined;
  if (leaf.issuer === leaf.subject && leaf.verify(leaf.publicKey))
    return refuse('self-signed', 'the certificate is signed with its own key');
  return refuse('wrong-authority', `the certificate was not signed by this installation's authority but by ${quoted(leaf.issuer)}`);
}

function refuseDates(certificate: X509Certificate, whose: string, now: Date): RefusedLeaf | undefined {
  // Written so that a time that is not a time refuses.
  if (!(now >= certificate.validFromDate))
    return refuse('not-yet-valid', `${whose} is valid from ${certificate.validFrom}, which is not yet`);
  return now <= certificate.validToDate ? undefined : refuse('expired', `${whose} ended at ${certificate.validTo}`);
}

function refuseKey(leaf: X509Certificate): RefusedLeaf | undefined {
  const key = leaf.publicKey;
  return keyTypeOf(key) === undefined ? refuse('weak-key', `the key is ${describeKey(key)}; only P-256 and P-384 are accepted`) : undefined;
}

/** Node writes the names as `kind:value`, comma-separated, and puts a value that could be mistaken for several into quotes. */
function namesOf(leaf: X509Certificate): LeafNames {
  const entries = (leaf.subjectAltName ?? '').split(', ');
  const valuesOf = (kind: string): readonly string[] =>
    entries.filter((entry) => entry.startsWith(kind)).map((entry) => entry.slice(kind.length));
  const strange = entries.some((entry) => entry.includes('"') || !/^(?:DNS|URI|IP Address):/u.test(entry));
  return { uris: valuesOf('URI:'), dnsNames: valuesOf('DNS:'), strange };
}

function refuseChain(leaf: X509Certificate, question: LeafQuestion): RefusedLeaf | undefined {
  const root = parse(question.rootPem);
  const intermediate = parse(question.intermediatePem);
  if (root === undefined || intermediate === undefined)
    return refuse('authority-unreadable', 'the certificates of the authority cannot be read; restore them');
  if (!signedBy(intermediate, root)) return refuse('authority-unreadable', 'the intermediate was not signed by the root; restore them');
  return (
    refuseIssuer(leaf, intermediate) ??
    refuseDates(leaf, 'the certificate', question.now) ??
    refuseDates(intermediate, 'the intermediate of the authority', question.now) ??
    refuseDates(root, 'the root of the authority', question.now) ??
    refuseKey(leaf)
  );
}

/**
 * Judges a certificate by its authority, its dates and its key, and then by who it says it is (`identify`). Never throws, whatever the
 * certificate holds.
 */
export function judgeLeaf<T>(
  question: LeafQuestion,
  identify: (leaf: X509Certificate, names: LeafNames) => T | RefusedLeaf,
): T | RefusedLeaf {
  try {
    const leaf = parse('certificateDer' in question ? question.certificateDer : question.certificatePem);
    if (leaf === undefined) return refuse('malformed', 'the certificate cannot be read');
    return refuseChain(leaf, question) ?? identify(leaf, namesOf(leaf));
  } catch {
    // OpenSSL reads some parts only when asked, and a damaged part makes it throw then.
    return refuse('malformed', 'a part of the certificate cannot be read');
  }
}
