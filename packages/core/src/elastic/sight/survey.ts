import type { ProviderCount } from '../limits/quota.ts';
import { claimsOf, recordOf } from '../pairing/pair-nodes.ts';
import { badPools } from '../limits/bad-image.ts';
import type { NodeRecord, RecentFailure } from '../picture/elastic-picture.ts';
import type { ElasticIndex } from '../plan/elastic-index.ts';
import { type NodeRole, roleOf, type RoleRules } from './node-role.ts';
import { hasWork, type NodeSight, sightOf, type SightWorld } from './node-sight.ts';

/** A machine with what it is and what it is there for. */
export type SurveyedNode = { readonly sight: NodeSight; readonly role: NodeRole };

type Sum = { nodes: number; priceMicros: number };

/** All machines, and their sums. Those that are powered off count toward nothing. */
export type Survey = {
  readonly nodes: readonly SurveyedNode[];
  readonly all: Readonly<Sum>;
  readonly pools: ReadonlyMap<string, Readonly<Sum>>;
  readonly providers: ReadonlyMap<string, ProviderCount>;
  /** By rank of type: owned machines that are off. */
  readonly off: readonly (readonly NodeSight[])[];
  /** Pools whose machines do not come up, with how many did not. */
  readonly badPools: ReadonlyMap<string, number>;
  /** Records whose machine is not there, or off. */
  readonly withoutInstance: readonly NodeRecord[];
};

/** Looks at every machine once. */
export function survey(index: ElasticIndex): Survey {
  const claims = claimsOf(index.records);
  const world: SightWorld = { ...index, nowMs: index.nowMs, recordsAtMs: index.observedAt.recordsMs };
  const paired = new Set<NodeRecord>();
  const sights = index.instances.map((instance) => {
    const record = recordOf(instance, claims);
    if (record !== null && instance.state !== 'off') paired.add(record);
    return sightOf(instance, record, world);
  });
  const bad = badPoolsOf(index, sights);
  const rules = rulesOf(index, sights, bad);
  return {
    badPools: bad,
    nodes: sights.map((sight) => ({ sight, role: roleOf(sight, rules) })),
    ...sumsOf(sights),
    off: offOf(sights, index.ranked.length),
    withoutInstance: index.records.filter((record) => !paired.has(record)),
  };
}

/** Boots that failed are those that were told of, and those that can be seen to have failed. */
function badPoolsOf(index: ElasticIndex, sights: readonly NodeSight[]): Survey['badPools'] {
  const seen = sights.filter(isFailedBoot).map(({ instance }): RecentFailure => {
    const { id, typeName, revision, createdAtMs } = instance;
    const atMs = createdAtMs + index.config.bootFailAfterMs;
    return { kind: 'boot', atMs, typeName, revision, instanceId: id, scope: 'type', instancesThen: 0, retryAfterMs: null };
  });
  const good = sights.flatMap(({ ranked, instance, record, everReady }) => {
    const readyAtMs = everReady ? (record?.readyAtMs ?? null) : null;
    return ranked === null || readyAtMs === null ? [] : [{ pool: ranked.type.pool, revision: instance.revision, readyAtMs }];
  });
  return badPools([...index.failures, ...seen], good, index);
}

const poolOf = ({ ranked }: NodeSight): string => ranked?.type.pool ?? '';

/** Whether its pool wants machines of another revision. */
export function isDrifted(sight: NodeSight, { pools }: ElasticIndex): boolean {
  const wanted = pools.get(poolOf(sight))?.revision ?? null;
  return wanted !== null && wanted !== sight.instance.revision;
}

/** A machine that should be a working node by now, and never was one. */
const isFailedBoot = ({ state, bootExceeded, everReady }: NodeSight): boolean =>
  bootExceeded && !everReady && (state === 'creating' || state === 'unpaired' || state === 'down');

function rulesOf(index: ElasticIndex, sights: readonly NodeSight[], bad: Survey['badPools']): RoleRules {
  const { config, pools, nowMs } = index;
  const isOther = (sight: NodeSight): boolean => isDrifted(sight, index);
  const disrupted = new Map<string, number>();
  const note = (pool: string): unknown => disrupted.set(pool, (disrupted.get(pool) ?? 0) + 1);
  for (const sight of sights) {
    if ((sight.record?.drain === 'planner' || sight.state === 'stopping') && isOther(sight)) note(poolOf(sight));
  }
  const mayDisrupt = (sight: NodeSight): boolean => {
    const pool = poolOf(sight);
    // Machines that work are not given up for a revision that does not boot.
    if (bad.has(pool) || (disrupted.get(pool) ?? 0) >= (pools.get(pool)?.disruptedAtOnce ?? 0)) return false;
    note(pool);
    return true;
  };
  return { nowMs, idleLooks: config.idleLooks, stopStuckAfterMs: config.stopStuckAfterMs, isDrifted: isOther, mayDisrupt };
}

function sumsOf(sights: readonly NodeSight[]): Pick<Survey, 'all' | 'pools' | 'providers'> {
  const all: Sum = { nodes: 0, priceMicros: 0 };
  const pools = new Map<string, Sum>();
  const providers = new Map<string, Mutable<ProviderCount>>();
  for (const sight of sights) {
    const { ranked, state } = sight;
    if (state === 'off') continue;
    all.nodes += 1;
    if (ranked === null) continue;
    const { pool, provider, pricePerHourMicros } = ranked.type;
    all.priceMicros += pricePerHourMicros;
    const sum = pools.get(pool) ?? { nodes: 0, priceMicros: 0 };
    if (sum.nodes === 0) pools.set(pool, sum);
    sum.nodes += 1;
    sum.priceMicros += pricePerHourMicros;
    const count = providers.get(provider) ?? { instances: 0, newestAtMs: -Infinity, creating: 0 };
    if (count.instances === 0) providers.set(provider, count);
    countAt(count, sight);
  }
  return { all, pools, providers };
}

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

function countAt(count: Mutable<ProviderCount>, { instance }: NodeSight): void {
  count.instances += 1;
  if (instance.state === 'creating') count.creating += 1;
  else count.newestAtMs = Math.max(count.newestAtMs, instance.createdAtMs);
}

function offOf(sights: readonly NodeSight[], types: number): NodeSight[][] {
  const off: NodeSight[][] = Array.from({ length: types }, () => []);
  for (const sight of sights) {
    if (sight.state === 'off' && sight.ranked?.type.owned === true && canBePoweredOn(sight)) off[sight.ranked.rank]?.push(sight);
  }
  return off;
}

/** One whose node works, as the queue says, is left alone: somebody is wrong. */
function canBePoweredOn({ instance, record }: NodeSight): boolean {
  const isWanted = instance.behaviour === 'run' || instance.behaviour === 'protect';
  return isWanted && !instance.broken && (record === null || !hasWork(record));
}
