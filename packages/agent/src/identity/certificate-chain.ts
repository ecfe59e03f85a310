import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { nodeIdOfUri } from '@muster/api/agent';
import { AgentError, messageOf } from '../agent-error.ts';

/** Reads every certificate of a PEM text, in order. Throws an `AgentError` for anything that is no certificate. */
export function readCertificates(pem: string): readonly X509Certificate[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/gu) ?? [];
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch (error) {
    throw new AgentError('failed', `A certificate cannot be read: ${messageOf(error)}`, error);
  }
}

/** SHA-256 of a certificate in DER, hexadecimal, as a join token carries it. */
export const fingerprintOf = (der: Uint8Array): string => createHash('sha256').update(der).digest('hex');

/** One root of a bundle. */
export type Root = { readonly pem: string; readonly fingerprint: string };

/** The roots of a PEM text, in order, each once. Throws an `AgentError` for anything that is no certificate authority which signed itself. */
export function readRoots(pem: string): readonly Root[] {
  const roots = readCertificates(pem).map((certificate) => {
    if (!certificate.ca || !certificate.checkIssued(certificate) || !certificate.verify(certificate.publicKey))
      throw new AgentError('failed', 'Among the roots is a certificate that is none');
    return { pem: certificate.toString(), fingerprint: fingerprintOf(certificate.raw) };
  });
  return roots.filter((one, index) => roots.findIndex((other) => other.fingerprint === one.fingerprint) === index);
}

/** The root that a chain leads to. Throws an `AgentError` when it is none of these. */
export function rootOfChain(chainPem: string, roots: readonly Root[]): Root {
  const last = readCertificates(chainPem).at(-1);
  if (last === undefined) throw new AgentError('failed', 'The chain or the root holds no certificate');
  const found = roots.find(({ pem }) => {
    const root = new X509Certificate(pem);
    return last.checkIssued(root) && last.verify(root.publicKey);
  });
  if (found === undefined) throw new AgentError('failed', 'The chain leads to no root that this node trusts');
  return found;
}

/** The node's id in a certificate, or undefined. */
export function nodeIdOf(certificate: X509Certificate): string | undefined {
  const uris = (certificate.subjectAltName ?? '').split(/,\s*/u).flatMap((name) => (name.startsWith('URI:') ? [name.slice(4)] : []));
  return uris.map(nodeIdOfUri).find((id) => id !== undefined);
}

/**
 * Checks that a chain leads from a certificate for exactly this key to exactly this root, and returns that certificate.
 * Throws an `AgentError` that says which part does not fit. Says nothing of the dates: those are the server's to judge.
 */
export function checkChain(parts: { readonly keyPem: string; readonly chainPem: string; readonly rootPem: string }): X509Certificate {
  const chain = readCertificates(parts.chainPem);
  const root = readCertificates(parts.rootPem)[0];
  const leaf = chain[0];
  if (leaf === undefined || root === undefined) throw new AgentError('failed', 'The chain or the root holds no certificate');
  if (!leaf.checkPrivateKey(createPrivateKey(parts.keyPem)))
    throw new AgentError('failed', 'The certificate is for another key than this node made');
  for (const [index, certificate] of chain.entries()) {
    const issuer = chain[index + 1] ?? root;
    if (!certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey)) {
      throw new AgentError('failed', `Certificate ${index + 1} of the chain was not signed by the one after it`);
    }
  }
  return leaf;
}
