import type { Grant, Role } from '@muster/api';

/** Roles, the least first, with what each may do. */
export const roleTexts: Readonly<Record<Role, { readonly text: string; readonly meaning: string }>> = {
  viewer: { text: 'Viewer', meaning: 'Sees everything, changes nothing' },
  operator: { text: 'Operator', meaning: 'Also acts on nodes: rotate, restart, drain, maintenance' },
  administrator: { text: 'Administrator', meaning: 'Also adds and removes nodes, and decides who may what' },
};
export const roles = Object.keys(roleTexts) as Role[];

/** On which nodes somebody may act, and whether he may run commands, in words. */
export function grantText({ role, groups, mayExec }: Grant): string {
  const where =
    role === 'viewer' ? '' : groups === null ? 'on all nodes' : groups.length === 0 ? 'on no node' : `on nodes of ${groups.join(', ')}`;
  return [where, mayExec ? 'may run commands' : ''].filter((part) => part !== '').join('; ');
}
