import { problem, type Session } from '@muster/api';

/** The session of a route that only those who are signed in can call. */
export function required(session: Session | undefined): Session {
  if (session === undefined) throw problem('not-signed-in', 'Sign in first.');
  return session;
}
