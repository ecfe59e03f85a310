import { type ClientRequest, type IncomingMessage, request as plainRequest, type RequestOptions } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { serverIdentity } from '@muster/api';

/** How a server is reached: through the Unix socket on this machine, or over the network. */
export type Way = SocketWay | RemoteWay;
export type SocketWay = { readonly kind: 'socket'; readonly socketPath: string };
export type RemoteWay = {
  readonly kind: 'remote';
  /** Scheme, host and port. */
  readonly url: string;
  /** The certificate of the authority that alone is trusted, PEM; undefined: those that this machine trusts anyway. */
  readonly authorityPem: string | undefined;
  /** Cookie or key: who asks. */
  readonly headers: Readonly<Record<string, string>>;
};

export type Wish = {
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
};

/** Opens a request on a way; nothing is sent to a server whose certificate does not hold. */
export function openRequest(
  way: Way,
  { method, path, headers, signal }: Wish,
  onResponse: (response: IncomingMessage) => void,
): ClientRequest {
  const options: RequestOptions = { method, path, ...(signal === undefined ? {} : { signal }) };
  if (way.kind === 'socket')
    return plainRequest({ ...options, socketPath: way.socketPath, headers: { ...headers, host: 'localhost' } }, onResponse);
  const url = new URL(way.url);
  const remote = { ...options, headers: { ...headers, ...way.headers } };
  return url.protocol === 'http:' ? plainRequest(url, remote, onResponse) : tlsRequest(url, { ...remote, ...trustOf(way) }, onResponse);
}

/**
 * Whose certificates are taken. Every server of a Muster authority is known by one fixed name, whatever address it is reached by: no
 * certificate of a node has it.
 */
export const trustOf = ({ authorityPem }: RemoteWay): { ca?: string; servername?: string } =>
  authorityPem === undefined ? {} : { ca: authorityPem, servername: serverIdentity };

/** Where a way leads, for people. */
export const placeOf = (way: Way): string => (way.kind === 'socket' ? way.socketPath : way.url);
