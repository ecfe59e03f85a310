import { closeCodes } from '@muster/api/agent';
import { messageOf, systemCodeOf } from '../agent-error.ts';

/**
 * Why a connection ended:
 * - `unreachable`: it never came to a TLS connection, or the server cannot take anyone now.
 * - `rejected`: the server took the TLS connection and ended it without a word; an unwanted certificate looks like this.
 * - `refused`: the server said that it does not want this identity.
 * - `replaced`: another connection of this node took over.
 * - `protocol`: the server did not understand a message.
 * - `going-away`: the server stops in good order.
 * - `lost`: it worked, and broke.
 * - `silent`: it worked, and nothing was heard any more.
 * - `closed`: this agent ended it.
 */
export type EndCause = 'unreachable' | 'rejected' | 'refused' | 'replaced' | 'protocol' | 'going-away' | 'lost' | 'silent' | 'closed';

export type SessionEnd = {
  readonly cause: EndCause;
  /** In words, for the log. */
  readonly detail: string;
  /** How long it lasted after its welcome, milliseconds; undefined when it was never welcome. */
  readonly lastedMs: number | undefined;
};

/** What is known when a socket has closed. */
export type SocketClose = {
  readonly code: number;
  readonly reason: string;
  readonly error?: unknown;
  /** HTTP status where the server answered with one instead of a WebSocket. */
  readonly http?: { readonly status: number; readonly body: string };
  readonly wasSecured: boolean;
  readonly wasWelcome: boolean;
  /** This agent ended it because it heard nothing. */
  readonly wasSilent: boolean;
};

const causesByCode: ReadonlyMap<number, EndCause> = new Map<number, EndCause>([
  [closeCodes.refused, 'refused'],
  [closeCodes.replaced, 'replaced'],
  [closeCodes.protocol, 'protocol'],
  [closeCodes.goingAway, 'going-away'],
]);

/** TLS alerts by which a peer says that it does not like our certificate (RFC 8446, 6.2), as OpenSSL names them. */
const certificateAlert = /ALERT_(?:BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_\w+|UNKNOWN_CA|ACCESS_DENIED)/u;

/** The cause of an end that this agent did not bring about. */
export function causeOf(close: SocketClose): EndCause {
  const said = causesByCode.get(close.code) ?? causeOfStatus(close.http?.status ?? 0);
  if (said !== undefined) return said;
  if (certificateAlert.test(systemCodeOf(close.error) ?? '')) return 'refused';
  if (close.wasWelcome) return close.wasSilent ? 'silent' : 'lost';
  return close.wasSecured ? 'rejected' : 'unreachable';
}

function causeOfStatus(status: number): EndCause | undefined {
  if (status === 401 || status === 403) return 'refused';
  return status >= 500 || status === 429 ? 'unreachable' : undefined;
}

/** The same in words. The server's reason is foreign text and is bounded. */
export function detailOf(close: SocketClose): string {
  if (close.http !== undefined) return `HTTP status ${close.http.status}: ${messageOf(messageIn(close.http.body)).slice(0, 200)}`;
  if (close.error !== undefined) return messageOf(close.error).slice(0, 200);
  return close.reason === '' ? `close code ${close.code}` : `close code ${close.code}: ${messageOf(close.reason).slice(0, 150)}`;
}

/** The `message` of a JSON body, or the body as it is. */
function messageIn(body: string): string {
  try {
    const value: unknown = JSON.parse(body);
    if (typeof value === 'object' && value !== null && 'message' in value && typeof value.message === 'string') return value.message;
  } catch {
    // Any proxy between may answer in its own form.
  }
  return body;
}
