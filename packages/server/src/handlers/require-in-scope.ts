import { problem, type Session } from '@muster/api';

/** Nobody puts a node where he may not act on it: neither into the groups of others nor out of his own. @throws ProblemError `not-allowed` */
export function requireInScope(session: Session | undefined, node: string, groups: readonly string[]): void {
  const own = session?.groups ?? null;
  if (own === null || groups.some((group) => own.includes(group))) return;
  const named = own.join(', ') || '(none)';
  throw problem('not-allowed', `${session?.name} acts on the groups ${named} only: ${node} must be in one of them.`);
}
