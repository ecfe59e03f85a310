import { PlaceJobs } from '../fit/place-jobs.ts';
import { type Left, Room, type RoomInput } from '../limits/room.ts';
import { quotaOf } from '../limits/quota.ts';
import { type Suspension, suspensionsOf } from '../limits/suspensions.ts';
import { pairingAlerts } from './pairing-alerts.ts';
import type { ElasticPicture, Kept } from '../picture/elastic-picture.ts';
import { type Survey, survey } from '../sight/survey.ts';
import { decideStops } from './decide-stops.ts';
import { ElasticIndex } from './elastic-index.ts';
import type { ElasticPlan } from './elastic-plan.ts';
import { FreedPlaces } from './freed-places.ts';
import { haltOf, haltedPlan } from './halt.ts';
import { keepReady } from './keep-ready.ts';
import { PlanDraft } from './plan-draft.ts';
import { describeDemand } from './describe-demand.ts';
import { type Serving, servingOf, workingBins } from './serving.ts';
import { sharesOfCap } from './shares-of-cap.ts';
import { machines } from './words.ts';

/**
 * Decides which machines are made, powered on, drained and stopped for the work that waits. Pure and deterministic: neither the order of what is
 * given nor anything it was asked before decides. Idle looks and the age of disagreements may be handed in from the plan before; without them
 * stops and alerts come later, and nothing is lost or made twice.
 */
export function decidePlan(picture: ElasticPicture): ElasticPlan {
  return planOf(new ElasticIndex(picture));
}

/** The same for a picture that is in its order already. */
export function planOf(index: ElasticIndex): ElasticPlan {
  const seen = survey(index);
  const { alerts, withoutInstanceSinceMs } = pairingAlerts(seen.withoutInstance, index);
  const kept: Kept = { idle: idleOf(seen, index.observedAt.recordsMs), withoutInstanceSinceMs };
  const halt = haltOf(seen, index);
  if (halt !== null) return haltedPlan(halt, seen, { index, alerts, kept });
  const draft = new PlanDraft(index.nowMs);
  draft.alerts.push(...alerts, ...badImageAlerts(seen), ...stuckAlerts(seen));
  const serving = servingOf(seen, index, draft);
  const input = roomInput(seen, index);
  const placed = placeJobs(serving, input, index);
  const places = new FreedPlaces(index.config.freeAtLimit ? placed.blocked : []);
  const ready = keepReady(serving, placed, places, index);
  decideStops({ seen, serving, placed, places, ready, index }, draft);
  return { halted: null, ...describeDemand({ seen, serving, placed, index }, draft), ...linesOf(draft), kept };
}

const linesOf = ({
  cancelCreate,
  drain,
  undrain,
  stop,
  powerOff,
  left,
  alerts,
}: PlanDraft): Pick<ElasticPlan, 'cancelCreate' | 'drain' | 'undrain' | 'stop' | 'powerOff' | 'left' | 'alerts'> => ({
  cancelCreate,
  drain,
  undrain,
  stop,
  powerOff,
  left,
  alerts,
});

/** Where the jobs went. Under a price cap that is shared out by type they are placed a second time, within these shares. */
function placeJobs(serving: Serving, input: RoomInput, index: ElasticIndex): PlaceJobs {
  const { config, jobs, ranked } = index;
  const leastCores = jobs.leastCores();
  const place = (room: Room): PlaceJobs => {
    const working = workingBins(serving, config.jobsPerNode, leastCores);
    const placed = new PlaceJobs({ ...serving, ranked, working, leastCores, jobsPerNode: config.jobsPerNode }, room);
    placed.placeAll(jobs.ids, jobs.shapes);
    return placed;
  };
  if (config.priceCapOrder === 'queue' || config.maxPricePerHourMicros === null) return place(new Room(input));
  const uncapped = place(new Room({ ...input, all: { ...input.all, priceMicros: Infinity } }));
  return place(new Room(input, sharesOfCap(uncapped.made, ranked, input.all.priceMicros)));
}

function roomInput(seen: Survey, index: ElasticIndex): RoomInput {
  const { config, pools, ranked, failures, nowMs } = index;
  const left = (sum: { nodes: number; priceMicros: number } | undefined, maxNodes: number | null, cap: number | null): Left => ({
    maxNodes: maxNodes ?? Infinity,
    capMicros: cap ?? Infinity,
    nodes: (maxNodes ?? Infinity) - (sum?.nodes ?? 0),
    priceMicros: (cap ?? Infinity) - (sum?.priceMicros ?? 0),
  });
  return {
    ranked,
    all: left(seen.all, config.maxNodes, config.maxPricePerHourMicros),
    pools: new Map(
      [...pools.values()].map((pool) => [pool.name, left(seen.pools.get(pool.name), pool.maxNodes, pool.maxPricePerHourMicros)]),
    ),
    quota: quotasOf(seen, index),
    off: seen.off.map((sights) => sights.length),
    suspensions: suspensionsOf(ranked, failures, config, nowMs).map((one, rank) => badImage(seen, ranked[rank]?.type.pool) ?? one),
  };
}

function quotasOf(seen: Survey, { ranked, failures, config, nowMs, typeOf }: ElasticIndex): Map<string, number> {
  const providers = new Set(ranked.map(({ type }) => type.provider));
  return new Map(
    [...providers].map((provider) => {
      const refusals = failures.filter(({ kind, typeName }) => kind === 'quota' && typeOf.get(typeName)?.type.provider === provider);
      const count = seen.providers.get(provider) ?? { instances: 0, creating: 0, newestAtMs: -Infinity };
      return [provider, quotaOf(refusals, count, config, nowMs) - count.instances];
    }),
  );
}

function badImage({ badPools }: Survey, pool = ''): Suspension | null {
  const failed = badPools.get(pool);
  if (failed === undefined) return null;
  return {
    because: 'bad-image',
    untilMs: null,
    message: `${machines(failed)} of ${pool} in a row did not start: nothing more is spent there.`,
  };
}

function badImageAlerts({ badPools }: Survey): ElasticPlan['alerts'] {
  return [...badPools].map(([pool, failed]) => ({
    code: 'bad-image',
    about: pool,
    message: `${machines(failed)} of ${pool} in a row did not become nodes. Nothing more is made there until its revision is another one or its failures are cleared: look at the console of the last one.`,
  }));
}

function stuckAlerts({ nodes }: Survey): ElasticPlan['alerts'] {
  return nodes.flatMap(({ sight: { instance }, role }) =>
    role.kind === 'stop' && role.because === 'stuck'
      ? [{ code: 'stop-stuck', about: instance.id, message: `${instance.id} has not gone since it was stopped. It may still cost money.` }]
      : [],
  );
}

function idleOf({ nodes }: Survey, seenAtMs: number): Kept['idle'] {
  const idle = new Map<string, { looks: number; seenAtMs: number }>();
  for (const { sight } of nodes) if (sight.state === 'idle') idle.set(sight.instance.id, { looks: sight.idleLooks, seenAtMs });
  return idle;
}
