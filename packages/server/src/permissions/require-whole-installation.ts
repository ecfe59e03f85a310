import { problem, type Session } from '@muster/api';

/** What is everybody's, as the authority, is not for those who may act on some groups alone. @throws ProblemError `not-allowed` */
export function requireWholeInstallation(session: Session | undefined): void {
  if (session?.groups === null) return;
  throw problem('not-allowed', 'This concerns every node, and this account may act on some groups only.');
}
