import { JobQueue, mergeSorted } from '../fit/job-queue.ts';
import type { ShapeWorld } from '../fit/job-shape.ts';
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
  readonly jobs: JobQueue;
  /** By id. */
  instances: readonly Instance[];
  /** By name. */
  records: readonly NodeRecord[];
  #types: readonly InstanceType[];

  constructor(picture: ElasticPicture) {
    this.nowMs = picture.nowMs;
    this.observedAt = picture.observedAt;
    this.failures = picture.failures;
    this.kept = picture.kept;
    this.config = picture.config;
    this.#types = picture.types;
    this.instances = merged([], { set: picture.instances, gone: [] }, instanceId, byId);
    this.records = merged([], { set: picture.records, gone: [] }, recordName, byName);
    this.jobs = new JobQueue(picture.jobs, this.#rank());
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
      this.jobs.reshape(this.#rank());
    }
    if (change.jobs !== undefined) this.jobs.change(change.jobs.set, change.jobs.gone);
  }

  /** All that is known of types and pools, and with it what every job fits. */
  #rank(): ShapeWorld {
    this.ranked = rankTypes(this.#types, this.config.memoryFactor);
    this.typeOf = new Map(this.ranked.map((one) => [one.type.name, one]));
    this.pools = new Map(this.config.pools.map((pool) => [pool.name, pool]));
    return { ranked: this.ranked, config: this.config, pools: this.pools };
  }
}

const instanceId = ({ id }: Instance): string => id;
const recordName = ({ name }: NodeRecord): string => name;
const byId = (a: Instance, b: Instance): number => (a.id < b.id ? -1 : 1);
const byName = (a: NodeRecord, b: NodeRecord): number => (a.name < b.name ? -1 : 1);

function merged<T>(before: readonly T[], { set, gone }: SetChange<T>, idOf: (one: T) => string, compare: (a: T, b: T) => number): T[] {
  const latest = new Map(set.map((one) => [idOf(one), one]));
  const without = new Set(gone);
  const kept = before.filter((one) => !latest.has(idOf(one)) && !without.has(idOf(one)));
  const added = [...latest.values()].sort(compare);
  return kept.length === 0 ? added : mergeSorted(kept, added, compare);
}
