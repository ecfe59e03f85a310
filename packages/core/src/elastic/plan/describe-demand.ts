import type { Blocked, NewMachine, PlaceJobs } from '../fit/place-jobs.ts';
import type { RankedType } from '../fit/type-table.ts';
import { reusableRecords } from '../pairing/pair-nodes.ts';
import type { NodeRecord } from '../picture/elastic-picture.ts';
import type { Survey } from '../sight/survey.ts';
import type { ElasticIndex } from './elastic-index.ts';
import type { CreateLine, ElasticPlan, PowerOnLine, ServedLine, WaitingLine, WantedBecause } from './elastic-plan.ts';
import type { PlanDraft } from './plan-draft.ts';
import type { Serving } from './serving.ts';

type Described = Pick<ElasticPlan, 'create' | 'powerOn' | 'served' | 'waiting' | 'unsatisfiable' | 'figures'>;
export type DescribedDemand = {
  readonly seen: Survey;
  readonly serving: Serving;
  readonly placed: PlaceJobs;
  readonly index: ElasticIndex;
};

/** The lines about jobs, and about the machines that are made or powered on for them. What stays off is written down as well. */
export function describeDemand({ seen, serving, placed, index }: DescribedDemand, draft: PlanDraft): Described {
  const { create, powerOn } = madeLines(placed, seen, index);
  const isOn = new Set(powerOn.map(({ instanceId }) => instanceId));
  for (const { sight, role } of seen.nodes) if (role.kind === 'off' && !isOn.has(sight.instance.id)) draft.leave(sight, 'off');
  const served: ServedLine[] = [];
  serving.nodes.forEach(({ sight }, at) => {
    const jobIds = placed.jobsOn(at);
    if (jobIds.length > 0) served.push({ instanceId: sight.instance.id, jobIds });
  });
  const unsatisfiable = placed.unsatisfiable.flatMap(({ jobId, shape }) =>
    shape.unsatisfiable === null ? [] : [{ jobId, ...shape.unsatisfiable }],
  );
  const added = placed.made.reduce((sum, { ranked }) => sum + ranked.type.pricePerHourMicros, 0);
  const { nodes, priceMicros } = seen.all;
  const figures = {
    up: serving.nodes.length,
    total: nodes,
    pricePerHourMicros: priceMicros,
    totalAfter: nodes + placed.made.length,
    pricePerHourMicrosAfter: priceMicros + added,
  };
  return { create, powerOn, served, waiting: waitingLines(placed.blocked), unsatisfiable, figures };
}

/** One line for each machine. Dear types come first and all types in turn, so that what can be made at once only a few at a time is mixed. */
function madeLines(placed: PlaceJobs, seen: Survey, index: ElasticIndex): { create: CreateLine[]; powerOn: PowerOnLine[] } {
  const [create, powerOn]: [CreateLine[], PowerOnLine[]] = [[], []];
  if (placed.made.length === 0) return { create, powerOn };
  const records = reusableRecords(index.records, index.instances, index.nowMs, index.config.nodeStaleAfterMs);
  const off = seen.off.map((sights) => sights.toReversed());
  for (const { ranked, at, because } of inTurn(placed.made)) {
    const jobIds = placed.opened[ranked.rank]?.jobIds[at] ?? [];
    const why = { because, message: wantedMessage(ranked, because, jobIds), jobIds };
    const sight = ranked.type.owned ? off[ranked.rank]?.pop() : undefined;
    if (sight === undefined)
      create.push({ typeName: ranked.type.name, pool: ranked.type.pool, ...why, record: nameOf(records[create.length]) });
    else powerOn.push({ instanceId: sight.instance.id, node: nameOf(sight.record), ...why });
  }
  return { create, powerOn };
}

const nameOf = (record: NodeRecord | null | undefined): string | null => record?.name ?? null;

function inTurn(made: readonly NewMachine[]): NewMachine[] {
  const round = new Map<number, number>();
  const placed = made.map((one) => {
    const turn = round.get(one.ranked.rank) ?? 0;
    round.set(one.ranked.rank, turn + 1);
    return { one, turn };
  });
  return placed.toSorted((a, b) => a.turn - b.turn || b.one.ranked.rank - a.one.ranked.rank).map(({ one }) => one);
}

function wantedMessage({ type }: RankedType, because: WantedBecause, [first, ...others]: readonly string[]): string {
  if (first !== undefined) {
    const jobs = others.length === 0 ? `job ${first}` : `job ${first} and ${others.length} more`;
    return `For ${jobs}: ${type.name} is the cheapest that fits and can be had.`;
  }
  return because === 'minimum' ? `To have as many machines as are always to be up.` : `To have machines ready for jobs that come.`;
}

/** Jobs that wait for the same reason stand in one line. */
function waitingLines(blocked: readonly Blocked[]): WaitingLine[] {
  const lines = new Map<string, WaitingLine>();
  for (const { block, jobIds } of blocked) {
    const key = `${block.because} ${block.message}`;
    const line = lines.get(key);
    lines.set(key, { ...block, jobIds: line === undefined ? jobIds : [...line.jobIds, ...jobIds] });
  }
  return [...lines.values()];
}
