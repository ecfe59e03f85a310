import { type Grant, problem, type Session } from '@muster/api';
import { grantRefusal } from '@muster/core';

/** Nobody decides about more than he has. @throws ProblemError `not-allowed` */
export function requireMayGive(session: Session, grant: Grant): void {
  const refusal = grantRefusal(session, grant);
  if (refusal !== undefined) throw problem('not-allowed', refusal);
}
