import type { ElasticConfig, PoolConfig, RecentFailure } from '../picture/elastic-picture.ts';
import type { RankedType } from '../fit/type-table.ts';

/** What tells of a good boot: a machine that came to work, when, and from what it was made. */
export type GoodBoot = { readonly pool: string; readonly revision: string; readonly readyAtMs: number };

/**
 * Pools whose machines do not come up: so many boots of the revision they want have failed since the last one that succeeded. Nothing more is
 * spent there until a boot succeeds, the revision is another one, or somebody takes the failures away.
 */
export function badPools(
  failures: readonly RecentFailure[],
  goodBoots: Iterable<GoodBoot>,
  world: {
    readonly config: ElasticConfig;
    readonly pools: ReadonlyMap<string, PoolConfig>;
    readonly typeOf: ReadonlyMap<string, RankedType>;
  },
): ReadonlyMap<string, number> {
  const boots = failures.filter(({ kind }) => kind === 'boot');
  if (boots.length === 0) return new Map();
  const lastGood = lastGoodOf(goodBoots);
  const failed = new Map<string, Set<string>>();
  for (const { typeName, revision, atMs, instanceId } of boots) {
    const pool = world.typeOf.get(typeName)?.type.pool;
    if (pool === undefined || (world.pools.get(pool)?.revision ?? revision) !== revision) continue;
    if (atMs <= (lastGood.get(`${pool}\n${revision}`) ?? -Infinity)) continue;
    // One that is told of twice has failed once.
    failed.set(pool, (failed.get(pool) ?? new Set()).add(instanceId ?? `${typeName} ${atMs}`));
  }
  return new Map([...failed].flatMap(([pool, ids]) => (ids.size >= world.config.badImageFailures ? [[pool, ids.size]] : [])));
}

function lastGoodOf(goodBoots: Iterable<GoodBoot>): Map<string, number> {
  const last = new Map<string, number>();
  for (const { pool, revision, readyAtMs } of goodBoots) {
    const key = `${pool}\n${revision}`;
    last.set(key, Math.max(last.get(key) ?? -Infinity, readyAtMs));
  }
  return last;
}
