import type { Grant } from '@muster/api';
import { roleIncludes } from './node-actions.ts';

/** Who gives; of a session what decides about it. */
export type Giver = Grant & { readonly name: string };

/**
 * Why somebody may not give this much, or change somebody who has this much, in a sentence; undefined when he may. Nobody gives more
 * than he has: not the role, not the groups, not the permission exec. Pure.
 */
export function grantRefusal(giver: Giver, grant: Grant): string | undefined {
  if (!roleIncludes(giver.role, grant.role))
    return `${giver.name} has the role ${giver.role} and cannot decide about the role ${grant.role}.`;
  if (grant.mayExec && !giver.mayExec) return `${giver.name} may not run commands on nodes, and so cannot decide about who may.`;
  if (giver.groups === null) return undefined;
  const own = giver.groups.join(', ') || '(none)';
  if (grant.groups === null) return `${giver.name} acts on the groups ${own} only, and cannot decide about all nodes.`;
  const others = grant.groups.filter((group) => giver.groups?.includes(group) === false);
  return others.length === 0 ? undefined : `${giver.name} acts on the groups ${own} only, and cannot decide about ${others.join(', ')}.`;
}

/** What two grants allow together: of a key and of whoever made it, as he is now. Pure. */
export function lesserGrant(one: Grant, other: Grant): Grant {
  return {
    role: roleIncludes(one.role, other.role) ? other.role : one.role,
    groups: commonGroups(one.groups, other.groups),
    mayExec: one.mayExec && other.mayExec,
  };
}

function commonGroups(one: Grant['groups'], other: Grant['groups']): Grant['groups'] {
  if (one === null) return other;
  return other === null ? one : one.filter((group) => other.includes(group));
}
