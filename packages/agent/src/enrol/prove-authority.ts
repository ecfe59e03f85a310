import { connect, type DetailedPeerCertificate } from 'node:tls';
import { X509Certificate } from 'node:crypto';
import { authorityHint } from '@muster/api/agent';
import { AgentError, messageOf } from '../agent-error.ts';
import type { ServerAddress } from '../connection/server-address.ts';
import { fingerprintOf } from '../identity/certificate-chain.ts';

const timeoutMs = 10_000;
const maxChainLength = 8;

/**
 * Looks at the certificates a server presents and gives back its root as PEM when that is the one with this fingerprint.
 * Sends nothing beyond the TLS handshake. That the server holds a key certified by this root is proven only by a second,
 * verified connection. Throws an `AgentError`: `unreachable`, or `untrusted` when another authority answers.
 */
export async function proveAuthority(server: ServerAddress, caFingerprint: string): Promise<string> {
  const root = lastOf(await presentedChain(server, caFingerprint));
  if (fingerprintOf(root.raw) === caFingerprint) return new X509Certificate(root.raw).toString();
  throw new AgentError(
    'untrusted',
    `${server.host}:${server.port} shows another authority than the join token names. Nothing was sent to it. ` +
      'Check that the address is that of your management server, and make a new token if its authority was renewed.',
  );
}

function presentedChain(server: ServerAddress, caFingerprint: string): Promise<DetailedPeerCertificate> {
  return new Promise((resolve, reject) => {
    // Not verified on purpose: the fingerprint decides, and nothing is said on this connection.
    const socket = connect({ ...server, servername: authorityHint(caFingerprint), rejectUnauthorized: false });
    const fail = (why: string, cause?: unknown): void => {
      socket.destroy();
      reject(new AgentError('unreachable', `${server.host}:${server.port} does not answer: ${why}`, cause));
    };
    // By a clock and not by silence: a server that trickles bytes must not hold the agent.
    const timer = setTimeout(() => fail(`no TLS handshake within ${timeoutMs / 1000} s`), timeoutMs);
    socket.once('close', () => clearTimeout(timer));
    socket.once('error', (error) => fail(messageOf(error), error));
    socket.once('secureConnect', () => {
      const certificate = socket.getPeerCertificate(true);
      socket.destroy();
      resolve(certificate);
    });
  });
}

function lastOf(certificate: DetailedPeerCertificate): DetailedPeerCertificate {
  let last = certificate;
  for (let depth = 0; depth < maxChainLength; depth += 1) {
    const issuer = last.issuerCertificate as DetailedPeerCertificate | undefined;
    if (issuer === undefined || issuer.fingerprint256 === last.fingerprint256) break;
    last = issuer;
  }
  return last;
}
