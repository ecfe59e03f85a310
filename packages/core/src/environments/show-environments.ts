import type { EnvironmentCounts, EnvironmentWork, NodeEnvironment, NodeSync } from '@muster/api';
import { compareNode, type Comparison, differencesInWords, type SelectedEnvironment, syncOfNode } from './compare-node.ts';
import { selectedEnvironments, workByPlace } from './decide-environments.ts';
import type { EnvironmentPicture, PicturedNode, PicturedWork } from './picture.ts';

/** Environments and nodes as people look at them, all made from one picture. */
export type ShownEnvironments = {
  /** Each node with its environments, in the order of their names. */
  readonly nodes: readonly { readonly node: NodeSync; readonly items: readonly NodeEnvironment[] }[];
  /** Of an environment by its id: why its selector cannot be read, and how it fares on all nodes. */
  readonly environments: ReadonlyMap<string, { readonly selectorProblem: string | null; readonly counts: EnvironmentCounts }>;
};

/** Pure. */
export function showEnvironments(picture: EnvironmentPicture): ShownEnvironments {
  const environments = selectedEnvironments(picture);
  const workOf = workByPlace(picture.work);
  const counts = new Map(environments.map(({ id }) => [id, noCounts()]));
  const nodes = picture.nodes.map((node) => {
    const comparisons = compareNode(node, environments);
    const items = comparisons.map((one) => itemOf(node, one, one.environment && workOf(node.id, one.environment.id)));
    const gone = goneItems(node, environments, comparisons, workOf);
    for (const [index, { environment }] of comparisons.entries()) count(counts.get(environment?.id ?? ''), items[index]);
    const all = [...items, ...gone].toSorted((a, b) => (a.environment < b.environment ? -1 : 1));
    return { node: nodeSync(node, comparisons, all), items: all };
  });
  const shown = environments.map(({ id, selection }) => {
    const selectorProblem = 'problem' in selection ? selection.problem : null;
    return [id, { selectorProblem, counts: counts.get(id) ?? noCounts() }] as const;
  });
  return { nodes, environments: new Map(shown) };
}

/** What a node neither has nor should have any more, while something is still to be said about it. */
function goneItems(
  node: PicturedNode,
  environments: readonly SelectedEnvironment[],
  comparisons: readonly Comparison[],
  workOf: ReturnType<typeof workByPlace>,
): NodeEnvironment[] {
  const seen = new Set(comparisons.map(({ name }) => name));
  return environments.flatMap((environment) => {
    const work = workOf(node.id, environment.id);
    if (seen.has(environment.name) || work === undefined || work.state === 'passed-over') return [];
    const sync = syncOfNode(node, []);
    return [
      itemOf(node, { name: environment.name, environment, wantedVersion: null, observedVersion: null, sync, difference: null }, work),
    ];
  });
}

const itemOf = (node: PicturedNode, one: Comparison, work: PicturedWork | undefined): NodeEnvironment => ({
  nodeId: node.id,
  nodeName: node.name,
  environment: one.name,
  wantedVersion: one.wantedVersion,
  observedVersion: one.observedVersion,
  sync: one.sync,
  difference: one.difference,
  work: work === undefined || work.state === 'passed-over' ? null : shownWork(work, work.state, node),
});

function shownWork(work: PicturedWork, state: EnvironmentWork['state'], node: PicturedNode): EnvironmentWork {
  const { action, version, attempts, retryAt, taskId, changedAt } = work;
  const waits: Partial<Record<typeof state, string>> = node.connected
    ? {}
    : { new: `Waits for ${node.name} to connect.`, ongoing: `Waits for ${node.name} to connect again, and to tell how it went.` };
  return {
    action,
    version,
    state,
    message: waits[state] ?? work.message,
    attempts,
    retryAt: state === 'failed' ? retryAt : null,
    taskId,
    changedAt,
  };
}

const nodeSync = (node: PicturedNode, comparisons: readonly Comparison[], items: readonly NodeEnvironment[]): NodeSync => ({
  nodeId: node.id,
  nodeName: node.name,
  environments: node.environments,
  sync: syncOfNode(node, comparisons),
  summary: node.report?.available === false ? `The node cannot say what it has: ${node.report.reason}` : differencesInWords(comparisons),
  differing: comparisons.filter(({ difference }) => difference !== null).length,
  working: items.filter(({ work }) => work?.state === 'new' || work?.state === 'ongoing').length,
  failed: items.filter(({ work }) => work?.state === 'failed').length,
  reportedAt: node.reportedAt,
});

const noCounts = (): EnvironmentCounts => ({
  nodes: 0,
  sync: { inSync: 0, outOfSync: 0, off: 0, unknown: 0 },
  work: { new: 0, ongoing: 0, success: 0, failed: 0 },
});

const syncKeys = { 'in-sync': 'inSync', 'out-of-sync': 'outOfSync', off: 'off', unknown: 'unknown' } as const;

function count(counts: EnvironmentCounts | undefined, item: NodeEnvironment | undefined): void {
  if (counts === undefined || item === undefined) return;
  if (item.wantedVersion !== null) counts.nodes += 1;
  counts.sync[syncKeys[item.sync]] += 1;
  if (item.work !== null) counts.work[item.work.state] += 1;
}
