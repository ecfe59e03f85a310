import { type JobShape, shapeKey, shapeOf, type ShapeWorld } from '../fit/job-shape.ts';
import type { RankedJob } from '../fit/place-jobs.ts';
import { type RankedType, rankTypes } from '../fit/type-table.ts';
import type {
  ElasticConfig,
  ElasticPicture,
  Instance,
  InstanceType,
  Job,
  Kept,
  NodeRecord,
  ObservedAt,
  PoolConfig,
  RecentFailure,
} from '../picture/elastic-picture.ts';

/** What was added or is different, and the ids of what is gone. */
export type SetChange<T> = { readonly set: readonly T[]; readonly gone: readonly string[] };

/** What is different from the picture before. What is left out is as it was. */
export type PictureChange = {
  readonly nowMs: number;
  readonly observedAt: ObservedAt;
  readonly instances?: SetChange<Instance>;
  /** By name. */
  readonly records?: SetChange<NodeRecord>;
  readonly jobs?: SetChange<Job>;
  readonly failures?: readonly RecentFailure[];
  readonly kept?: Kept | null;
  readonly types?: readonly InstanceType[];
  readonly config?: ElasticConfig;
};

/**
 * A picture in the order in which it is planned: types by price, jobs by priority with what they have in common looked up, machines and records
 * by id. Of two with the same id the later one counts. It can be changed, and is then what it would be had it been made of the new picture.
 */
export class ElasticIndex {
  nowMs: number;
  observedAt: ObservedAt;
  failures: readonly RecentFailure[];
  kept: Kept | null;
  config: ElasticConfig;
  ranked: readonly RankedType[] = [];
  typeOf: ReadonlyMap<string, RankedType> = new Map();
  pools: ReadonlyMap<string, PoolConfig> = new Map();
  /** In the order in which they are planned. */
  jobs: RankedJob[] = [];
  /** By id. */
  instances: readonly Instance[];
  /** By name. */
  records: readonly NodeRecord[];
  #types: readonly InstanceType[];
  readonly #shapes = new Map<string, { readonly shape: JobShape; users: number }>();

  constructor(picture: ElasticPicture) {
    this.nowMs = picture.nowMs;
    this.observedAt = picture.observedAt;
    this.failures = picture.failures;
    this.kept = picture.kept;
    this.config = picture.config;
    this.#types = picture.types;
    this.instances = merged([], { set: picture.instances, gone: [] }, instanceId, byId);
    this.records = merged([], { set: picture.records, gone: [] }, recordName, byName);
    this.#rank();
    this.#changeJobs({ set: picture.jobs, gone: [] });
  }

  /** Takes in what is different. Costs as much as what is different, and a walk over the rest. */
  change(change: PictureChange): void {
    this.nowMs = change.nowMs;
    this.observedAt = change.observedAt;
    if (change.failures !== undefined) this.failures = change.failures;
    if (change.kept !== undefined) this.kept = change.kept;
    if (change.instances !== undefined) this.instances = merged(this.instances, change.instances, instanceId, byId);
    if (change.records !== undefined) this.records = merged(this.records, change.records, recordName, byName);
    if (change.types !== undefined || change.config !== undefined) {
      this.#types = change.types ?? this.#types;
      this.config = change.config ?? this.config;
      this.#rank();
    }
    if (change.jobs !== undefined) this.#changeJobs(change.jobs);
  }

  /** All that is known of types and pools, and with it what every job fits. */
  #rank(): void {
    this.ranked = rankTypes(this.#types, this.config.memoryFactor);
    this.typeOf = new Map(this.ranked.map((one) => [one.type.name, one]));
    this.pools = new Map(this.config.pools.map((pool) => [pool.name, pool]));
    this.#shapes.clear();
    this.jobs = this.jobs.map(({ job }) => this.#rankedJob(job));
  }

  #changeJobs({ set, gone }: SetChange<Job>): void {
    const without = new Set([...gone, ...set.map(({ id }) => id)]);
    const kept = without.size === 0 || this.jobs.length === 0 ? this.jobs : this.jobs.filter((one) => !this.#leaves(one, without));
    const latest = new Map(set.map((job) => [job.id, job]));
    const added = [...latest.values()].sort(byTurn).map((job) => this.#rankedJob(job));
    this.jobs = mergeSorted(kept, added, (a, b) => byTurn(a.job, b.job));
  }

  #leaves({ job, shape }: RankedJob, without: ReadonlySet<string>): boolean {
    if (!without.has(job.id)) return false;
    const entry = this.#shapes.get(shape.key);
    if (entry !== undefined && (entry.users -= 1) <= 0) this.#shapes.delete(shape.key);
    return true;
  }

  #rankedJob(job: Job): RankedJob {
    const key = shapeKey(job);
    let entry = this.#shapes.get(key);
    if (entry === undefined) this.#shapes.set(key, (entry = { shape: shapeOf(job, this.#world()), users: 0 }));
    entry.users += 1;
    return { job, shape: entry.shape };
  }

  #world(): ShapeWorld {
    return { ranked: this.ranked, config: this.config, pools: this.pools };
  }
}

const instanceId = ({ id }: Instance): string => id;
const recordName = ({ name }: NodeRecord): string => name;
const byId = (a: Instance, b: Instance): number => (a.id < b.id ? -1 : 1);
const byName = (a: NodeRecord, b: NodeRecord): number => (a.name < b.name ? -1 : 1);

/** Higher priority first, then who came first; ids last, so that nothing depends on the order in which a queue lists. */
function byTurn(a: Job, b: Job): number {
  return b.priority - a.priority || a.submittedAtMs - b.submittedAtMs || (a.id < b.id ? -1 : 1);
}

function merged<T>(before: readonly T[], { set, gone }: SetChange<T>, idOf: (one: T) => string, compare: (a: T, b: T) => number): T[] {
  const latest = new Map(set.map((one) => [idOf(one), one]));
  const without = new Set(gone);
  const kept = before.filter((one) => !latest.has(idOf(one)) && !without.has(idOf(one)));
  return mergeSorted(kept, [...latest.values()].sort(compare), compare);
}

function mergeSorted<T>(kept: T[], added: T[], compare: (a: T, b: T) => number): T[] {
  if (added.length === 0 || kept.length === 0) return kept.length === 0 ? added : kept;
  const all: T[] = [];
  let at = 0;
  for (const one of kept) {
    for (let next = added[at]; next !== undefined && compare(next, one) < 0; next = added[at]) {
      all.push(next);
      at += 1;
    }
    all.push(one);
  }
  for (const one of added.slice(at)) all.push(one);
  return all;
}
