import type { Node, Session } from '@muster/api';

/** What somebody may want to do with a node. */
export type NodeAction =
  | 'change'
  | 'remove'
  | 'join'
  | 'reissue'
  | 'rotate'
  | 'service'
  | 'exec'
  | 'start-agent'
  | 'stop-agent'
  | 'restart-agent'
  | 'cordon'
  | 'uncordon'
  | 'drain'
  | 'begin-maintenance'
  | 'end-maintenance'
  | 'read-journal'
  | 'console'
  | 'sync-environments';

/** Of a node, what decides about the actions. */
export type ActedNode = Pick<
  Node,
  'name' | 'groups' | 'registration' | 'certificateSerial' | 'maintenance' | 'scheduling' | 'agent' | 'environments'
>;
/** Of a session, what decides about the actions. */
export type Actor = Pick<Session, 'name' | 'role' | 'groups' | 'mayExec'>;

/** The least role, and why the node's state stands in the way: a sentence, or nothing. */
type Rule = { readonly role: 'operator' | 'administrator'; readonly stateRefuses: (node: ActedNode) => string | undefined };

const unregistered = (node: ActedNode): string | undefined =>
  node.registration === 'registered' ? undefined : `${node.name} has not enrolled yet.`;
const always = (): undefined => undefined;

/**
 * Which action asks for which role, and which state of a node forbids it. One table for server, command line and panel: the panel shows the
 * sentence on the disabled button, the server refuses with the same one.
 */
const rules: Readonly<Record<NodeAction, Rule>> = {
  change: { role: 'operator', stateRefuses: always },
  remove: { role: 'administrator', stateRefuses: always },
  join: {
    role: 'administrator',
    // A certificate that no heartbeat ever proved protects nobody: an enrolment that broke off begins anew.
    stateRefuses: ({ name, registration, certificateSerial }) =>
      registration === 'registered' && certificateSerial !== null
        ? `${name} is registered. If its machine was re-imaged, say "muster node reissue ${name}": that revokes the old certificate and makes a new token.`
        : undefined,
  },
  reissue: { role: 'administrator', stateRefuses: unregistered },
  rotate: { role: 'operator', stateRefuses: unregistered },
  service: { role: 'operator', stateRefuses: unregistered },
  exec: { role: 'operator', stateRefuses: unregistered },
  'start-agent': { role: 'operator', stateRefuses: unregistered },
  'stop-agent': { role: 'operator', stateRefuses: unregistered },
  'restart-agent': { role: 'operator', stateRefuses: unregistered },
  cordon: {
    role: 'operator',
    stateRefuses: ({ name, scheduling }) => (scheduling.state === 'open' ? undefined : `${name} is ${scheduling.state} already.`),
  },
  uncordon: {
    role: 'operator',
    stateRefuses: ({ name, scheduling }) => (scheduling.state === 'open' ? `${name} is not cordoned.` : undefined),
  },
  drain: {
    role: 'operator',
    stateRefuses: ({ name, scheduling: { state } }) =>
      state === 'draining' || state === 'drained' ? `${name} is ${state} already.` : undefined,
  },
  'begin-maintenance': {
    role: 'operator',
    stateRefuses: ({ name, maintenance }) => (maintenance === null ? undefined : `${name} is in maintenance already.`),
  },
  'end-maintenance': {
    role: 'operator',
    stateRefuses: ({ name, maintenance }) => (maintenance === null ? `${name} is not in maintenance.` : undefined),
  },
  // What services write down may be meant for few eyes.
  'read-journal': { role: 'operator', stateRefuses: unregistered },
  // A console is for nodes that have not enrolled, above all. Whoever sits at it runs commands.
  console: { role: 'operator', stateRefuses: always },
  'sync-environments': {
    role: 'operator',
    stateRefuses: (node) =>
      unregistered(node) ?? (node.environments === 'off' ? `Environments are off on ${node.name}: turn them on first.` : undefined),
  },
};

/** All actions, in the order in which they are shown. */
export const nodeActions: readonly NodeAction[] = Object.keys(rules) as NodeAction[];

/** Why somebody may not do something with a node, in a sentence; undefined when he may. Pure. */
export const refusalOf = (actor: Actor, action: NodeAction, node: ActedNode): string | undefined =>
  permissionRefusalOf(actor, action, node) ?? stateRefusalOf(action, node);

/** The part of it that is about who asks: his role, his permissions, his groups. Pure. */
export const permissionRefusalOf = (actor: Actor, action: NodeAction, node: ActedNode): string | undefined =>
  roleRefusal(actor, rules[action].role, action) ?? scopeRefusal(actor, node);

/** The part of it that is about the node, whoever asks. Pure. */
export const stateRefusalOf = (action: NodeAction, node: ActedNode): string | undefined => rules[action].stateRefuses(node);

const ranks: Readonly<Record<Session['role'], number>> = { viewer: 0, operator: 1, administrator: 2 };

/** Whether a role may do what another one may. */
export const roleIncludes = (role: Session['role'], least: Session['role']): boolean => ranks[role] >= ranks[least];

function roleRefusal(actor: Actor, least: Rule['role'], action: NodeAction): string | undefined {
  if (!roleIncludes(actor.role, least))
    return `${actor.name} may not do this: it takes the role ${least}, and this account has the role ${actor.role}.`;
  return (action === 'exec' || action === 'console') && !actor.mayExec
    ? `${actor.name} may not run commands on nodes: the permission exec is missing.`
    : undefined;
}

function scopeRefusal({ name, groups }: Actor, node: ActedNode): string | undefined {
  if (groups === null || node.groups.some((group) => groups.includes(group))) return undefined;
  return `${name} may not act on ${node.name}: it is in none of the groups ${groups.join(', ') || '(none)'} of this account.`;
}
