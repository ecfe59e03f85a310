import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import { CliError } from '../cli-error.ts';
import { explainConnection } from '../client/explain-connection.ts';

/** The authority at the end of the chain of certificates that a server shows. */
export type ShownAuthority = {
  readonly pem: string;
  /** SHA-256 of it, lower-case hexadecimal, as `muster status` prints it. */
  readonly fingerprint: string;
  /** Whether this machine trusts the certificate anyway, for this address. */
  readonly isTrusted: boolean;
};

const timeoutMs = 10_000;
const maxChainLength = 8;

/** A fingerprint as people write it: with colons, blanks, or in capitals. @throws CliError */
function fingerprintOf(given: string): string {
  const text = given.replaceAll(/[\s:]|^sha-?256:/giu, '').toLowerCase();
  if (!/^[0-9a-f]{64}$/u.test(text))
    throw new CliError(`"${given}" is not a fingerprint: it has 64 hexadecimal digits, as "muster status" on the server prints it.`, 2);
  return text;
}

/** The authority with this fingerprint, as the server shows it. @throws CliError when it shows another one */
export async function authorityOf(url: string, given: string): Promise<ShownAuthority> {
  const wanted = fingerprintOf(given);
  const shown = await lookAtAuthority(url);
  if (shown.fingerprint === wanted) return shown;
  throw new CliError(
    `${url} shows an authority with the fingerprint ${shown.fingerprint}, not ${wanted}. Nothing was sent to it. Either somebody is in between, or ` +
      'the server has a new authority: compare with "muster status" on the server.',
  );
}

/** Looks which authority a server shows; nothing is sent, and that it has the key is proven only by the next connection. @throws CliError */
export async function lookAtAuthority(url: string): Promise<ShownAuthority> {
  const socket = await handshake(url);
  const { authorized } = socket;
  const root = lastOf(socket.getPeerCertificate(true));
  socket.destroy();
  const certificate = new X509Certificate(root.raw);
  return {
    pem: certificate.toString(),
    fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(),
    isTrusted: authorized,
  };
}

function handshake(url: string): Promise<TLSSocket> {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/gu, '');
  const way = { kind: 'remote', url, authorityPem: undefined, headers: {} } as const;
  return new Promise((resolve, reject) => {
    const name = isIP(host) === 0 ? { servername: host } : {};
    // Not verified on purpose: a person or a fingerprint decides, and nothing is said on this connection.
    const socket = connect({ host, port: Number(port === '' ? 443 : port), ...name, rejectUnauthorized: false });
    const timer = setTimeout(() => socket.destroy(new Error(`no TLS handshake within ${timeoutMs / 1000} s`)), timeoutMs);
    socket.once('close', () => clearTimeout(timer));
    socket.once('error', (error) => reject(explainConnection(error, way)));
    socket.once('secureConnect', () => resolve(socket));
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
