import type { Event, EventKind } from '@muster/api';
import { type AskedOfWorld, askedBy } from '../nodes/node-world.ts';
import { expandRange, NodeRangeError, parseRange, type RangeWorld } from '../range/index.ts';

/** A subscription, as far as it decides who is told of what. */
export type NotificationRule = {
  readonly targetId: string;
  readonly kinds: readonly EventKind[];
  readonly severity: Event['severity'];
  readonly groups: readonly string[];
  readonly range: string | null;
};

/** Of a node, what decides whether anybody is told of it. */
export type NotifiedNode = { readonly groups: readonly string[]; readonly inMaintenance: boolean };

export type NotificationPicture = {
  readonly events: readonly Event[];
  readonly rules: readonly NotificationRule[];
  /** The nodes that events are about, by id; a node that was removed meanwhile is not there. */
  readonly nodes: ReadonlyMap<string, NotifiedNode>;
  /** What ranges are read against; asked for only where a rule has one. */
  readonly world: RangeWorld;
};

/** What one target is to be told, in the order of events, each once. */
export type PlannedNotification = { readonly targetId: string; readonly eventIds: readonly number[] };

const ranks: Readonly<Record<Event['severity'], number>> = { info: 0, warning: 1, error: 2 };

/** Whether a severity is as grave as another one at least. */
export const severityIncludes = (severity: Event['severity'], least: Event['severity']): boolean => ranks[severity] >= ranks[least];

/**
 * What a node under maintenance is not silent about: what people did with it, and what may be an attack. How it fares calls nobody.
 */
const heardInMaintenance: ReadonlySet<EventKind> = new Set([
  'node-added',
  'node-changed',
  'node-removed',
  'node-registered',
  'node-reissued',
  'node-maintenance',
  'node-scheduling',
  'certificate-issued',
  'certificate-revoked',
  'join-token-made',
  'connection-refused',
]);

/**
 * Decides who is told of which events. A node that is gone cannot be asked for its groups any more, and a range may name one: in
 * doubt a rule matches, because a message too many is better than one too few.
 */
export function planNotifications({ events, rules, nodes, world }: NotificationPicture): PlannedNotification[] {
  const told = new Map<string, Set<number>>();
  const heard = events.filter((event) => !isQuiet(event, nodes));
  for (const rule of rules) {
    const inRange = rangeTest(rule.range, world);
    for (const event of heard) {
      if (!matches(event, rule, nodes) || !inRange(event)) continue;
      const ids = told.get(rule.targetId) ?? new Set();
      told.set(rule.targetId, ids.add(event.id));
    }
  }
  return [...told].map(([targetId, ids]) => ({ targetId, eventIds: [...ids].toSorted((a, b) => a - b) }));
}

function isQuiet({ kind, nodeId }: Event, nodes: NotificationPicture['nodes']): boolean {
  return nodeId !== null && nodes.get(nodeId)?.inMaintenance === true && !heardInMaintenance.has(kind);
}

function matches(event: Event, rule: NotificationRule, nodes: NotificationPicture['nodes']): boolean {
  return isWanted(event, rule) && (rule.groups.length === 0 || isInGroups(event, rule.groups, nodes));
}

/** Whether a rule is about such an event at all, whatever its node. */
export function isWanted(event: Event, rule: NotificationRule): boolean {
  if (rule.kinds.length > 0 && !rule.kinds.includes(event.kind)) return false;
  if (!severityIncludes(event.severity, rule.severity)) return false;
  // That somebody cannot be told is not told to him: it would go round for ever.
  return event.kind !== 'notification-failed' || event.data['targetId'] !== rule.targetId;
}

function isInGroups({ nodeId }: Event, groups: readonly string[], nodes: NotificationPicture['nodes']): boolean {
  if (nodeId === null) return false;
  const node = nodes.get(nodeId);
  return node === undefined || node.groups.some((group) => groups.includes(group));
}

/** Whether an event is about a node of a range. */
function rangeTest(range: string | null, world: RangeWorld): (event: Event) => boolean {
  if (range === null) return () => true;
  const names = namesOf(range, world);
  const there = new Set(world.names);
  return ({ nodeName }) => nodeName !== null && (names === undefined || names.has(nodeName) || !there.has(nodeName));
}

/** What the ranges of these rules ask of the world, all together; undefined where none has one. */
export function askedByRules(rules: readonly NotificationRule[]): AskedOfWorld | undefined {
  const asked = rules.flatMap(({ range }) => (range === null ? [] : [askedByRange(range)]));
  if (asked.length === 0) return undefined;
  return { fields: [...new Set(asked.flatMap(({ fields }) => fields))], labels: asked.some(({ labels }) => labels) };
}

function askedByRange(range: string): AskedOfWorld {
  try {
    return askedBy(parseRange(range));
  } catch {
    // It cannot be read at all, and so asks for nothing.
    return { fields: [], labels: false };
  }
}

/** Names that a range may have lost before it is given up. */
const mostLost = 1000;

/** The nodes of a range. It may name nodes that were removed since: these are taken for there. Undefined when it cannot be read at all. */
function namesOf(range: string, world: RangeWorld): ReadonlySet<string> | undefined {
  let names = world.names;
  for (let lost = 0; lost < mostLost; lost += 1) {
    try {
      return new Set(expandRange(range, { ...world, names }, { allowEmpty: true }));
    } catch (error) {
      const missing =
        error instanceof NodeRangeError && error.fault === 'unknown-name' ? error.names.filter((name) => !names.includes(name)) : [];
      if (missing.length === 0) return undefined;
      names = [...names, ...missing];
    }
  }
  return undefined;
}
