import type { IncomingHttpHeaders } from 'node:http';
import { Session } from '@muster/api';

/** Who asks a member through another one: the person or key, and the address that the request came from there. */
export type Asker = { readonly session: Session; readonly from: string };

const header = 'muster-session';

/** The headers by which a server says to another one for whom it asks. */
export const headersFor = ({ session, from }: Asker): Record<string, string> => ({
  [header]: Buffer.from(JSON.stringify(session)).toString('base64url'),
  'x-forwarded-for': from,
});

/** For whom another server asks. Only to be believed of one whose certificate was checked; undefined where it does not say. */
export function carriedSession(headers: IncomingHttpHeaders): Session | undefined {
  const value = headers[header];
  if (typeof value !== 'string') return undefined;
  try {
    return Session.parse(JSON.parse(Buffer.from(value, 'base64url').toString('utf8')));
  } catch {
    return undefined;
  }
}
