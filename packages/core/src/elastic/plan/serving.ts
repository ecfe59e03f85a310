import { Bins } from '../fit/bins.ts';
import type { Row } from '../fit/stock.ts';
import { servingTiers, type ServingTier } from '../sight/node-role.ts';
import { canBeTakenBack, type NodeSight } from '../sight/node-sight.ts';
import type { Survey } from '../sight/survey.ts';
import type { ElasticIndex } from './elastic-index.ts';
import type { PlanDraft } from './plan-draft.ts';

export type ServingNode = {
  readonly sight: NodeSight;
  readonly tier: ServingTier;
  /** It is drained, and works. */
  readonly undrain: boolean;
};

/** Machines that can have work, in the order in which they get it: those that work first. */
export type Serving = { readonly nodes: readonly ServingNode[]; readonly workingRows: readonly Row[]; readonly stockRows: readonly Row[] };

/**
 * Parts machines that can have work from those whose lot is decided already, and writes these down. Among the first, those that work come
 * before idle ones, these before those that would have to be called back, and last those that start; in each of these the cheapest first, but
 * of those that start the ones that were asked for first: the jobs they were made for came first too.
 */
export function servingOf(seen: Survey, index: ElasticIndex, draft: PlanDraft): Serving {
  const surplus = tooMany(seen, index);
  const nodes: ServingNode[] = [];
  for (const { sight, role } of seen.nodes) {
    if (role.kind === 'stop') draft.end(sight, role.because);
    else if (role.kind === 'drain') draft.empty(sight, role.because);
    else if (role.kind === 'left') draft.leave(sight, role.because);
    else if (role.kind === 'serves' && surplus.has(sight)) draft.end(sight, 'not-needed');
    else if (role.kind === 'serves') nodes.push({ sight, tier: role.tier, undrain: role.undrain });
  }
  return inRows(nodes, index.ranked.length);
}

const minuteMs = 60_000;

function inRows(nodes: readonly ServingNode[], types: number): Serving {
  const rows = new Map<number, { node: ServingNode[]; tier: number; minute: number; rank: number }>();
  for (const node of nodes) {
    const [tier, rank] = [servingTiers.indexOf(node.tier), node.sight.ranked?.rank ?? 0];
    // What is asked for by one plan comes within a minute or so; those of one minute are of one plan.
    const minute = node.tier === 'booting' ? Math.floor(node.sight.instance.createdAtMs / minuteMs) : 0;
    const key = (minute * servingTiers.length + tier) * types + rank;
    const row = rows.get(key);
    if (row === undefined) rows.set(key, { node: [node], tier, minute, rank });
    else row.node.push(node);
  }
  const ordered: ServingNode[] = [];
  const [workingRows, stockRows]: [Row[], Row[]] = [[], []];
  for (const row of [...rows.values()].sort((a, b) => a.tier - b.tier || a.minute - b.minute || a.rank - b.rank)) {
    const start = ordered.length;
    for (const one of row.node) ordered.push(one);
    (servingTiers[row.tier] === 'busy' ? workingRows : stockRows).push({ rank: row.rank, start, end: ordered.length });
  }
  return { nodes: ordered, workingRows, stockRows };
}

/** Of those that were asked for and are not made yet the dearest, where there are more machines than there may be. */
function tooMany({ nodes, all }: Survey, { config }: ElasticIndex): ReadonlySet<NodeSight> {
  const over = all.nodes - config.maxNodes;
  if (over <= 0) return new Set();
  const notMade = nodes.map(({ sight }) => sight).filter((sight) => canBeTakenBack(sight) && sight.instance.behaviour !== 'protect');
  return new Set(notMade.toSorted((a, b) => (b.ranked?.rank ?? 0) - (a.ranked?.rank ?? 0)).slice(0, over));
}

const noCapacity = { cores: 0, memoryBytes: 0, scratchBytes: 0, gpus: 0 };

/** What is free on machines that work, before any job that waits is placed. */
export function workingBins({ nodes }: Serving, jobsPerNode: number | null, leastCores: number): Bins {
  const bins = new Bins(leastCores, nodes.length);
  for (const { sight, tier } of nodes) {
    if (tier !== 'busy') break;
    const at = bins.add(sight.ranked?.capacity ?? noCapacity, jobsPerNode ?? Infinity);
    const running = sight.record?.running ?? [];
    for (const work of running) bins.occupy(at, work);
    // It works, and the queue does not say on what: nobody knows whether there is room.
    if (running.length === 0) bins.occupy(at, wholeMachine);
  }
  return bins;
}

const wholeMachine = { ...noCapacity, exclusive: true };
