import { CliError } from '../cli-error.ts';
import { placeOf, type Way } from './way.ts';

/** What TLS says when a certificate is not of the authority that is trusted (Node.js, `tls` errors). */
const untrusted =
  /^(?:SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_VERIFY_LEAF_SIGNATURE|UNABLE_TO_GET_ISSUER_CERT|UNABLE_TO_GET_ISSUER_CERT_LOCALLY|CERT_SIGNATURE_FAILURE|CERT_UNTRUSTED|ERR_TLS_CERT_ALTNAME_INVALID|INVALID_CA|CERT_CHAIN_TOO_LONG)$/u;

/** Why a server was not reached, in words of what to do. */
export function explainConnection(cause: unknown, way: Way): CliError {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const said = cause instanceof Error ? cause.message : String(cause);
  return new CliError(way.kind === 'socket' ? onSocket(code, said, placeOf(way)) : onNetwork(code, said, way.url), 1, { cause });
}

function onSocket(code: string, said: string, path: string): string {
  if (code === 'EACCES') return `You may not open ${path}: its permissions say who may. Use sudo, or join the group that owns it.`;
  if (code === 'ENOENT' || code === 'ECONNREFUSED')
    return `No Muster server answers on ${path}. Start it with "muster up" (or "systemctl start muster").`;
  return `The server on ${path} broke off: ${said}.`;
}

function onNetwork(code: string, said: string, url: string): string {
  if (untrusted.test(code))
    return (
      `${url} shows a certificate that is not of the authority trusted for it, so nothing was sent. Either somebody is in between, or the ` +
      'server has a new authority. Compare with "muster status" on the server; if it is new, run "muster login" again.'
    );
  if (code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID')
    return `The certificate of ${url} is not valid at this time (${said}): look at the clocks of both machines. Nothing was sent.`;
  if (code === 'EPROTO' || code === 'ERR_SSL_WRONG_VERSION_NUMBER')
    return `${url} does not speak TLS: is this the address of the panel, with https or http as there? (${said})`;
  return `${url} does not answer: ${said}.`;
}
