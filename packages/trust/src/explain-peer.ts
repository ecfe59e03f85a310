import { X509Certificate } from 'node:crypto';
import { nodeIdOfUri } from '@muster/api/agent';
import { describeKey, keyTypeOf } from './key-type.ts';
import { commonNameOf, isHostName } from './names.ts';
import { splitPemChain } from './pem.ts';
import { quoted } from './trust-error.ts';

/** Why a client certificate is refused. `authority-unreadable` is the server's own trouble, all others the peer's. */
export type PeerRefusal =
  | 'authority-unreadable'
  | 'expired'
  | 'malformed'
  | 'name-mismatch'
  | 'not-a-node'
  | 'not-yet-valid'
  | 'self-signed'
  | 'weak-key'
  | 'wrong-authority';

/** Who a peer is, or why it is nobody; the message is a sentence for the log. */
export type PeerVerdict =
  | { readonly ok: true; readonly nodeId: string; readonly nodeName: string; readonly serial: string; readonly notAfter: Date }
  | { readonly ok: false; readonly reason: PeerRefusal; readonly message: string };

/** A client certificate, in DER as TLS gives it or in PEM (the first of a chain counts), and the authority to measure it by. */
export type PeerQuestion = ({ readonly certificateDer: Uint8Array } | { readonly certificatePem: string }) & {
  readonly rootPem: string;
  readonly intermediatePem: string;
  readonly now: Date;
};

type Refused = Extract<PeerVerdict, { readonly ok: false }>;
type Names = { readonly uris: readonly string[]; readonly dnsNames: readonly string[]; readonly strange: boolean };

/** OpenSSL reads more; no certificate of ours has more than a few kilobytes. */
const largestCertificateBytes = 65_536;
const clientAuthOid = '1.3.6.1.5.5.7.3.2';

const refuse = (reason: PeerRefusal, message: string): Refused => ({ ok: false, reason, message });

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

function refuseIssuer(leaf: X509Certificate, intermediate: X509Certificate): Refused | undefined {
  if (signedBy(leaf, intermediate)) return undefined;
  if (leaf.issuer === leaf.subject && leaf.verify(leaf.publicKey))
    return refuse('self-signed', 'the certificate is signed with its own key');
  return refuse('wrong-authority', `the certificate was not signed by this installation's authority but by ${quoted(leaf.issuer)}`);
}

function refuseDates(certificate: X509Certificate, whose: string, now: Date): Refused | undefined {
  // Written so that a time that is not a time refuses.
  if (!(now >= certificate.validFromDate))
    return refuse('not-yet-valid', `${whose} is valid from ${certificate.validFrom}, which is not yet`);
  return now <= certificate.validToDate ? undefined : refuse('expired', `${whose} ended at ${certificate.validTo}`);
}

function refuseKey(leaf: X509Certificate): Refused | undefined {
  const key = leaf.publicKey;
  return keyTypeOf(key) === undefined ? refuse('weak-key', `the key is ${describeKey(key)}; only P-256 and P-384 are accepted`) : undefined;
}

/** Node writes the names as `kind:value`, comma-separated, and puts a value that could be mistaken for several into quotes. */
function namesOf(leaf: X509Certificate): Names {
  const entries = (leaf.subjectAltName ?? '').split(', ');
  const valuesOf = (kind: string): readonly string[] =>
    entries.filter((entry) => entry.startsWith(kind)).map((entry) => entry.slice(kind.length));
  const strange = entries.some((entry) => entry.includes('"') || !/^(?:DNS|URI|IP Address):/u.test(entry));
  return { uris: valuesOf('URI:'), dnsNames: valuesOf('DNS:'), strange };
}

function nodeIdOf(leaf: X509Certificate, names: Names): string | undefined {
  const mayBeClient = leaf.keyUsage?.includes(clientAuthOid) ?? false;
  const [uri, ...otherUris] = names.uris;
  if (leaf.ca || !mayBeClient || names.strange || uri === undefined || otherUris.length > 0) return undefined;
  return nodeIdOfUri(uri);
}

function identify(leaf: X509Certificate): PeerVerdict {
  const names = namesOf(leaf);
  const nodeId = nodeIdOf(leaf, names);
  if (nodeId === undefined) return refuse('not-a-node', 'the certificate is not that of a node (one node id, use as a client)');
  const [nodeName, ...otherNames] = names.dnsNames;
  if (nodeName === undefined || otherNames.length > 0 || !isHostName(nodeName) || leaf.subject !== `CN=${commonNameOf(nodeName)}`) {
    return refuse(
      'name-mismatch',
      `the subject ${quoted(leaf.subject)} and the names ${quoted(names.dnsNames.join(', '))} of node ${nodeId} do not agree`,
    );
  }
  return { ok: true, nodeId, nodeName, serial: leaf.serialNumber.toLowerCase(), notAfter: leaf.validToDate };
}

function judge(leaf: X509Certificate, question: PeerQuestion): PeerVerdict {
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
    refuseKey(leaf) ??
    identify(leaf)
  );
}

/**
 * The gateway's own judgement of a client certificate: signed by our intermediate and that by our root, dates, kind of key, use,
 * exactly one node id, subject and name in agreement. Revocation is not looked at: that is the store's answer for the serial.
 * Never throws, whatever the certificate holds. While one authority replaces another, ask once for each.
 */
export function explainPeer(question: PeerQuestion): PeerVerdict {
  try {
    const leaf = parse('certificateDer' in question ? question.certificateDer : question.certificatePem);
    if (leaf === undefined) return refuse('malformed', 'the certificate cannot be read');
    return judge(leaf, question);
  } catch {
    // OpenSSL reads some parts only when asked, and a damaged part makes it throw then.
    return refuse('malformed', 'a part of the certificate cannot be read');
  }
}
