import { Bins } from '../fit/bins.ts';
import type { Segment } from '../fit/place-jobs.ts';
import { servingTiers, type ServingTier } from '../sight/node-role.ts';
import type { NodeSight } from '../sight/node-sight.ts';
import type { Survey, SurveyedNode } from '../sight/survey.ts';
import type { ElasticIndex } from './elastic-index.ts';
import type { PlanDraft } from './plan-draft.ts';

export type ServingNode = {
  readonly sight: NodeSight;
  readonly tier: ServingTier;
  /** It is drained, and works. */
  readonly undrain: boolean;
  /** Its place among the bins. */
  readonly at: number;
};

/** Machines that can have work, in the order in which they get it. */
export type Serving = {
  readonly nodes: readonly ServingNode[];
  readonly segments: readonly Segment[];
  readonly jobsPerNode: number | null;
};

/**
 * Parts machines that can have work from those whose lot is decided already, and writes these down. Among the first, those that work come
 * before idle ones, these before those that start, and last those that would have to be called back; in each of these the cheapest first.
 */
export function servingOf(seen: Survey, index: ElasticIndex, draft: PlanDraft): Serving {
  const surplus = tooMany(seen, index);
  const buckets: SurveyedNode[][] = [];
  for (const node of seen.nodes) {
    const { sight, role } = node;
    if (role.kind === 'stop') draft.end(sight, role.because);
    else if (role.kind === 'drain') draft.empty(sight, role.because);
    else if (role.kind === 'left') draft.leave(sight, role.because);
    else if (role.kind === 'serves' && surplus.has(sight)) draft.end(sight, 'not-needed');
    else if (role.kind === 'serves') {
      const bucket = servingTiers.indexOf(role.tier) * index.ranked.length + (sight.ranked?.rank ?? 0);
      (buckets[bucket] ??= []).push(node);
    }
  }
  return { ...inRows(buckets, index.ranked.length), jobsPerNode: index.config.jobsPerNode };
}

/** One row for each tier and type. */
function inRows(buckets: readonly (readonly SurveyedNode[])[], types: number): Pick<Serving, 'nodes' | 'segments'> {
  const nodes: ServingNode[] = [];
  const segments: Segment[] = [];
  let next = 0;
  buckets.forEach((bucket, key) => {
    const start = next;
    for (const { sight, role } of bucket) {
      if (role.kind !== 'serves') continue;
      nodes.push({ sight, tier: role.tier, undrain: role.undrain, at: next });
      next += 1;
    }
    segments.push({ rank: key % types, start, end: next });
  });
  return { nodes, segments };
}

/** Of those that were asked for and are not made yet the dearest, where there are more machines than there may be. */
function tooMany({ nodes, all }: Survey, { config }: ElasticIndex): ReadonlySet<NodeSight> {
  const over = all.nodes - config.maxNodes;
  if (over <= 0) return new Set();
  const notMade = nodes.map(({ sight }) => sight).filter(({ state, instance }) => state === 'creating' && instance.cancellable);
  return new Set(notMade.toSorted((a, b) => (b.ranked?.rank ?? 0) - (a.ranked?.rank ?? 0)).slice(0, over));
}

const noCapacity = { cores: 0, memoryBytes: 0, scratchBytes: 0, gpus: 0 };

/** What is free on them before any job that waits is placed. */
export function filledBins({ nodes, jobsPerNode }: Serving, leastCores: number): Bins {
  const bins = new Bins(leastCores, nodes.length);
  for (const { sight, tier } of nodes) {
    const at = bins.add(sight.ranked?.capacity ?? noCapacity, jobsPerNode ?? Infinity);
    const running = sight.record?.running ?? [];
    for (const work of running) bins.occupy(at, work);
    // It works, and the queue does not say on what: nobody knows whether there is room.
    if (tier === 'busy' && running.length === 0) bins.occupy(at, wholeMachine);
  }
  return bins;
}

const wholeMachine = { cores: 0, memoryBytes: 0, scratchBytes: 0, gpus: 0, exclusive: true };
