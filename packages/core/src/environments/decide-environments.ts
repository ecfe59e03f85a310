import { compareNode, type Comparison, type SelectedEnvironment, wants } from './compare-node.ts';
import type { EnvironmentPicture, PicturedNode, PicturedWork } from './picture.ts';
import { selectedNodes } from './selected-nodes.ts';
import type { WorkChange } from './work-change.ts';

export type EnvironmentSettings = {
  /** Nodes that work on environments at the same time. */
  readonly nodesAtOnce: number;
  /** Whether every difference is mended, also one that nobody asked to be. */
  readonly autoSync: boolean;
};

/** What is to be written, and which work is to begin now. */
export type EnvironmentDecision = { readonly changes: readonly WorkChange[]; readonly starts: readonly PicturedWork[] };

/** The environments with their nodes. */
export const selectedEnvironments = ({ environments, nodes }: EnvironmentPicture): SelectedEnvironment[] =>
  environments.map((one) => ({ ...one, selection: selectedNodes(one.selector, nodes) }));

/** The work by node and environment. */
export function workByPlace(work: readonly PicturedWork[]): (nodeId: string, environmentId: string) => PicturedWork | undefined {
  const byPlace = new Map(work.map((one) => [`${one.nodeId} ${one.environmentId}`, one]));
  return (nodeId, environmentId) => byPlace.get(`${nodeId} ${environmentId}`);
}

/**
 * Decides what is offered to which node, and what begins now. Each version of an environment is offered once to each node that is to have it:
 * so a new node gets everything by itself, and what was passed over while environments were off waits for someone to ask, unless `autoSync`
 * says otherwise. Pure.
 */
export function decideEnvironments(picture: EnvironmentPicture, settings: EnvironmentSettings): EnvironmentDecision {
  const environments = selectedEnvironments(picture);
  const workOf = workByPlace(picture.work);
  const changes = picture.nodes.flatMap((node) => {
    const compared = new Map(compareNode(node, environments).map((one) => [one.name, one]));
    return environments.flatMap((environment) => {
      const place = { node, environment, seen: compared.get(environment.name), work: workOf(node.id, environment.id) };
      const change = decidePlace(place, settings);
      return change === undefined ? [] : [change];
    });
  });
  return { changes, starts: startsOf(picture, changes, settings) };
}

/** One environment on one node. */
type Place = {
  readonly node: PicturedNode;
  readonly environment: SelectedEnvironment;
  readonly seen: Comparison | undefined;
  readonly work: PicturedWork | undefined;
};

function decidePlace(place: Place, settings: EnvironmentSettings): WorkChange | undefined {
  const { environment, node, work } = place;
  const wanted = wants(environment, node.id);
  // What is under way ends first; and where nobody can say what is wanted, nothing is done.
  if (wanted === undefined || work?.state === 'ongoing') return undefined;
  if (!wanted && isOver(place)) return work === undefined ? undefined : changeTo(place, 'forget');
  const version = wanted ? environment.version : null;
  if (work === undefined || work.version !== version) return offer(place, version);
  return offerAgain(place, work, settings);
}

/** What was offered already: again where it is due, and passed over where environments were turned off since. */
function offerAgain(place: Place, work: PicturedWork, settings: EnvironmentSettings): WorkChange | undefined {
  if (place.node.environments === 'off') return work.state === 'new' ? offer(place, work.version) : undefined;
  const isDue = work.state === 'failed' ? work.retryDue : settings.autoSync && mayMend(place, work);
  return isDue ? offer(place, work.version, work.attempts) : undefined;
}

/**
 * Whether nothing is left to be removed: it is not there by the node's own word, said since the work about it changed. A node that never
 * said anything, and was never given it, has nothing either.
 */
function isOver({ node, seen, work }: Place): boolean {
  const isThere = seen !== undefined;
  if (work === undefined) return !isThere;
  if (isThere) return false;
  const wasGiven = work.state === 'success' || work.state === 'failed' || work.action === 'remove';
  return wasGiven ? node.report?.available === true && work.reportedSince : true;
}

/** Offers a version, or its removal: noted only, where environments are off. */
function offer(place: Place, version: number | null, attempts = 0): WorkChange {
  const { node, work, seen } = place;
  const has = seen?.observedVersion !== null && seen?.observedVersion !== undefined;
  const isOff = node.environments === 'off';
  return changeTo(place, {
    action: version === null ? 'remove' : has || (work !== undefined && work.action !== 'remove') ? 'update' : 'create',
    version,
    state: isOff ? 'passed-over' : 'new',
    message: isOff ? 'Environments were off.' : '',
    attempts,
    taskId: null,
    retryInSeconds: null,
  });
}

/** Whether `autoSync` mends a difference: one that the node reported after the last work had time to settle, or that was passed over. */
const mayMend = ({ seen }: Place, work: PicturedWork): boolean =>
  seen?.difference != null && (work.state === 'passed-over' || (work.state === 'success' && work.reportedSince && work.retryDue));

const changeTo = ({ node, environment, work }: Place, to: WorkChange['to']): WorkChange => ({
  nodeId: node.id,
  environmentId: environment.id,
  from: work,
  to,
});

/** The oldest work of each node that is there and does nothing yet, as many as may be at once. */
function startsOf(
  { nodes, work }: EnvironmentPicture,
  changes: readonly WorkChange[],
  { nodesAtOnce }: EnvironmentSettings,
): PicturedWork[] {
  const changed = new Set(changes.map(({ from }) => from));
  const ready = new Map(
    nodes.filter((node) => node.connected && node.registered && node.environments === 'on').map((node) => [node.id, node]),
  );
  const busy = new Set(work.filter(({ state }) => state === 'ongoing').map(({ nodeId }) => nodeId));
  // A node that went away keeps its place no longer than it is there.
  const room = nodesAtOnce - [...busy].filter((id) => nodes.some((node) => node.id === id && node.connected)).length;
  const waiting = work
    .filter((one) => one.state === 'new' && !changed.has(one) && ready.has(one.nodeId) && !busy.has(one.nodeId))
    .toSorted((a, b) => (a.changedAt < b.changedAt ? -1 : a.changedAt > b.changedAt ? 1 : 0));
  const starts = new Map<string, PicturedWork>();
  for (const one of waiting) if (!starts.has(one.nodeId)) starts.set(one.nodeId, one);
  return [...starts.values()].slice(0, Math.max(0, room));
}
