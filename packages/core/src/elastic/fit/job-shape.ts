import type { ElasticConfig, InstanceType, Job, PoolConfig } from '../picture/elastic-picture.ts';
import type { UnsatisfiableBecause } from '../plan/elastic-plan.ts';
import { readableBytes, readableMoney } from '../plan/words.ts';
import type { RankedType } from './type-table.ts';

/** What jobs that ask for the same have in common: they are looked up once. */
export type JobShape = {
  /** A number of its own among the shapes there are. */
  readonly slot: number;
  /** One of them. */
  readonly job: Job;
  readonly nodes: number;
  /** Types it may be given, cheapest first. */
  readonly candidates: readonly RankedType[];
  /** By rank: whether it may run on a machine of the type that is there. */
  readonly allowed: readonly boolean[];
  /** Why it can never run; null where it can. */
  readonly unsatisfiable: { readonly because: UnsatisfiableBecause; readonly message: string } | null;
};

export type ShapeWorld = {
  readonly ranked: readonly RankedType[];
  readonly config: ElasticConfig;
  readonly pools: ReadonlyMap<string, PoolConfig>;
};

/** Machines at once, as asked for, or 1 where that is no number to go by. */
export const nodesOf = ({ nodes }: Job): number => (Number.isFinite(nodes) && nodes >= 1 ? Math.floor(nodes) : 1);

/** Finds once for all jobs of a shape where they may run. */
export function shapeOf(job: Job, slot: number, world: ShapeWorld): JobShape {
  const fitting = world.ranked.filter((one) => misfitOf(job, one) === null);
  const nodes = nodesOf(job);
  const shape = { slot, job, nodes };
  const none = { candidates: [], allowed: world.ranked.map(() => false) };
  if (fitting.length === 0) return { ...shape, ...none, unsatisfiable: { because: 'no-type-fits', message: whyNoneFits(job, world) } };
  const limited = fitting.map((one) => ({ one, refusal: overLimit(one.type, nodes, world) }));
  const within = limited.filter(({ refusal }) => refusal === null).map(({ one }) => one);
  const [cheapest] = within;
  if (cheapest === undefined) return { ...shape, ...none, unsatisfiable: limited[0]?.refusal ?? null };
  const dearest = cheapest.type.pricePerHourMicros * (world.config.maximumPriceFactor ?? Infinity);
  // A free cheapest type times infinity is no number: then nothing is too dear.
  const candidates = within.filter(({ type }) => Number.isNaN(dearest) || type.pricePerHourMicros <= dearest);
  const ranks = new Set(candidates.map(({ rank }) => rank));
  return { ...shape, candidates, allowed: world.ranked.map(({ rank }) => ranks.has(rank)), unsatisfiable: null };
}

/** What keeps a job from a type, in words; null where it fits. */
function misfitOf(job: Job, one: RankedType): string | null {
  return ruleMisfit(job, one) ?? amountMisfit(job, one);
}

function ruleMisfit(job: Job, { type }: RankedType): string | null {
  if (job.types.length > 0 && !job.types.includes(type.name)) return 'the type it asks for';
  if (job.pools.length > 0 && !job.pools.includes(type.pool)) return 'the pool it asks for';
  if (!job.spotAllowed && type.spot) return 'machines that cannot be taken away';
  const missing = job.features.find((feature) => !type.features.includes(feature));
  return missing === undefined ? null : `the feature ${missing}`;
}

function amountMisfit(job: Job, { capacity }: RankedType): string | null {
  if (job.gpus > capacity.gpus) return `${job.gpus} GPUs`;
  if (job.cores > capacity.cores) return `${job.cores} cores`;
  if (job.memoryBytes > capacity.memoryBytes) return `${readableBytes(job.memoryBytes)} of memory`;
  return job.scratchBytes > capacity.scratchBytes ? `${readableBytes(job.scratchBytes)} of scratch space` : null;
}

function whyNoneFits(job: Job, { ranked }: ShapeWorld): string {
  const misfits = [...new Set(ranked.map((one) => misfitOf(job, one) ?? ''))];
  if (misfits.length === 0) return 'No type of machine is configured.';
  return misfits.length === 1 ? `No type of machine has ${misfits[0]}.` : `No type of machine has all of it: ${misfits.join(', ')}.`;
}

type Refusal = { readonly because: UnsatisfiableBecause; readonly message: string };

/** Whether a job would be over a limit even if it had the cluster for itself. */
function overLimit(type: InstanceType, nodes: number, { config, pools }: ShapeWorld): Refusal | null {
  const pool = pools.get(type.pool);
  const maxNodes = Math.min(config.maxNodes, pool?.maxNodes ?? Infinity);
  if (nodes > maxNodes)
    return { because: 'more-than-max-nodes', message: `It needs ${nodes} machines at once; at most ${maxNodes} may be up.` };
  const cap = Math.min(config.maxPricePerHourMicros ?? Infinity, pool?.maxPricePerHourMicros ?? Infinity);
  const price = nodes * type.pricePerHourMicros;
  if (price <= cap) return null;
  const message = `${nodes} of ${type.name}, the cheapest that fits, cost ${readableMoney(price)} an hour; the cap is ${readableMoney(cap)}.`;
  return { because: 'dearer-than-cap', message };
}
