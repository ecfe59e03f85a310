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
  const isWanted = (pool: string, revision: string): boolean => (world.pools.get(pool)?.revision ?? revision) === revision;
  const isSince = (pool: string, { revision, atMs }: RecentFailure): boolean => atMs > (lastGood.get(`${pool}\n${revision}`) ?? -Infinity);
  for (const boot of boots) {
    const pool = world.typeOf.get(boot.typeName)?.type.pool;
    if (pool === undefined || !isWanted(pool, boot.revision) || !isSince(pool, boot)) continue;
    // One that is told of twice has failed once.
    failed.set(pool, (failed.get(pool) ?? new Set()).add(boot.instanceId ?? `${boot.typeName} ${boot.atMs}`));
  }
  return new Map(
    [...failed]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([pool, ids]) => (ids.size >= world.config.badImageFailures ? [[pool, ids.size]] : [])),
  );
}

function lastGoodOf(goodBoots: Iterable<GoodBoot>): Map<string, number> {
  const last = new Map<string, number>();
  for (const { pool, revision, readyAtMs } of goodBoots) {
    const key = `${pool}\n${revision}`;
    last.set(key, Math.max(last.get(key) ?? -Infinity, readyAtMs));
  }
  return last;
}
