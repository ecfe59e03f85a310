import type { Identity } from '../state/identity.ts';
import type { EndCause } from './session-end.ts';

const enrolAgain = 'ask an administrator for a new join token and run: muster-agent enroll --force --token-file FILE';

/** What a person can do about a connection that ended so; undefined where waiting is enough. */
export function adviceFor(cause: EndCause, detail: string, identity: Identity | undefined, wallMs: number): string | undefined {
  if (identity !== undefined && identity.notAfterMs < wallMs && cause !== 'unreachable') {
    return `this node's certificate expired on ${new Date(identity.notAfterMs).toISOString()} by its own clock; if the clock is right, ${enrolAgain}`;
  }
  if (cause === 'refused') return `the server does not accept this node's certificate (revoked, or the node was removed); ${enrolAgain}`;
  if (cause === 'rejected') return 'the server ended the connection without a word; its log says why it did not accept this node';
  if (cause === 'replaced')
    return 'another agent uses the identity of this node; was its disk cloned? Give each machine a join token of its own';
  if (cause === 'protocol') return 'the server did not understand this agent; are their versions more than one apart?';
  if (/not yet valid|CERT_NOT_YET_VALID|certificate has expired|CERT_HAS_EXPIRED/u.test(detail))
    return 'the clock of this node or of the server is wrong';
  return undefined;
}
