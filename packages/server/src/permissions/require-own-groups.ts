import { problem, type Session } from '@muster/api';

/**
 * An account whose rights are bound to groups puts nodes into these alone, and takes them out of no other: else it could hand its nodes to
 * whom it likes, or keep others from theirs. @throws ProblemError `not-allowed`
 */
export function requireOwnGroups(session: Session | undefined, groups: readonly string[]): void {
  const own = session?.groups ?? null;
  if (own === null) return;
  const foreign = groups.filter((group) => !own.includes(group));
  if (foreign.length === 0) return;
  throw problem(
    'not-allowed',
    `${session?.name ?? ''} may not change who is in ${foreign.join(', ')}: this account is bound to the groups ${own.join(', ') || '(none)'}. Nothing was done.`,
  );
}
