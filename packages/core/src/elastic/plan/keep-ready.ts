import type { PlaceJobs } from '../fit/place-jobs.ts';
import type { RankedType } from '../fit/type-table.ts';
import { readyNodes } from '../windows/ready-nodes.ts';
import type { ElasticIndex } from './elastic-index.ts';
import type { FreedPlaces } from './freed-places.ts';
import type { Serving } from './serving.ts';

/** How many machines without work may go, of each pool and in all. */
export type Ready = { readonly mayGo: (pool: string) => number; readonly allMayGo: number };

type Count = { needed: number; idle: number; made: number };

/** Makes what is missing of machines to be kept ready, and tells how many there are too many. */
export function keepReady(serving: Serving, placed: PlaceJobs, places: FreedPlaces, index: ElasticIndex): Ready {
  // A place that a job waits for is not taken by a machine that no job waits for.
  const free = index.ranked.filter(({ type }) => !places.wants(type));
  const { all, pools } = countsOf(serving, placed);
  const mayGo = new Map<string, number>();
  for (const pool of [...index.pools.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const count = pools.get(pool.name) ?? { needed: 0, idle: 0, made: 0 };
    const { spare, total } = readyNodes(pool.ready, index.nowMs);
    const short = Math.max(total, pool.minNodes) - count.needed - count.made;
    const keep = Math.max(0, spare, short);
    const types = free.filter(({ type }) => type.pool === pool.name);
    all.made += makeReady(placed, types, keep - count.idle, short > spare ? 'minimum' : 'spare');
    mayGo.set(pool.name, Math.max(0, count.idle - keep));
  }
  const short = index.config.minNodes - all.needed - all.made;
  makeReady(placed, free, short - all.idle, 'minimum');
  const allMayGo = Math.max(0, all.idle - Math.max(0, short));
  return { mayGo: (pool) => mayGo.get(pool) ?? Infinity, allMayGo };
}

function countsOf({ nodes }: Serving, placed: PlaceJobs): { all: Count; pools: Map<string, Count> } {
  const all: Count = { needed: 0, idle: 0, made: 0 };
  const pools = new Map<string, Count>();
  const count = (pool: string, kind: keyof Count): void => {
    let own = pools.get(pool);
    if (own === undefined) pools.set(pool, (own = { needed: 0, idle: 0, made: 0 }));
    own[kind] += 1;
    all[kind] += 1;
  };
  nodes.forEach(({ sight, tier }, at) => {
    count(sight.ranked?.type.pool ?? '', tier === 'busy' || placed.jobsOn(at).length > 0 ? 'needed' : 'idle');
  });
  for (const { ranked } of placed.made) count(ranked.type.pool, 'made');
  return { all, pools };
}

/** Of the cheapest that can be had; tells how many were. */
function makeReady(placed: PlaceJobs, types: readonly RankedType[], count: number, because: 'minimum' | 'spare'): number {
  let made = 0;
  for (const one of types) while (made < count && placed.make(one, because)) made += 1;
  return made;
}
