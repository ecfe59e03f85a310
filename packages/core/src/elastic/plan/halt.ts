import type { Kept } from '../picture/elastic-picture.ts';
import type { Survey } from '../sight/survey.ts';
import type { ElasticIndex } from './elastic-index.ts';
import type { Alert, ElasticPlan, HaltBecause } from './elastic-plan.ts';
import { PlanDraft } from './plan-draft.ts';
import { readableMinutes } from './words.ts';

export type Halt = { readonly because: HaltBecause; readonly message: string };

/** Why nothing may be done at all now; null where it may. */
export function haltOf(seen: Survey, index: ElasticIndex): Halt | null {
  return staleness(index) ?? brake(seen, index);
}

/** An observation of a time to come says as little as an old one: some clock is wrong. */
function staleness({ nowMs, observedAt, config }: ElasticIndex): Halt | null {
  const observations = { providers: observedAt.instancesMs, nodes: observedAt.recordsMs, 'waiting jobs': observedAt.jobsMs };
  const stale = Object.entries(observations).filter(([, atMs]) => !(Math.abs(nowMs - atMs) <= config.staleAfterMs));
  if (stale.length === 0) return null;
  const told = stale.map(([what, atMs]) => `${what} (${readableMinutes(nowMs - atMs)})`).join(', ');
  return { because: 'stale-observation', message: `Nothing is made or stopped on old news. Not seen for too long: ${told}.` };
}

/** Only nodes that have worked are looked at: machines that never came up are told by their boots. */
function brake({ nodes }: Survey, { config }: ElasticIndex): Halt | null {
  let [watched, ill] = [0, 0];
  for (const { sight } of nodes) {
    const { state, everReady, instance } = sight;
    if (!everReady || instance.state !== 'running') continue;
    watched += 1;
    if (state === 'down' || state === 'failed' || state === 'stale') ill += 1;
  }
  if (ill <= config.brakeNodes || ill <= config.brakeShare * watched) return null;
  const message = `${ill} of ${watched} nodes look ill at once. Nothing is made or stopped until most are well: look at the queue and the network first.`;
  return { because: 'brake', message };
}

/** The plan that does nothing, and says so of everything. */
export function haltedPlan(halt: Halt, seen: Survey, more: { index: ElasticIndex; alerts: readonly Alert[]; kept: Kept }): ElasticPlan {
  const { index, alerts, kept } = more;
  const draft = new PlanDraft(index.nowMs);
  for (const { sight, role } of seen.nodes) draft.leave(sight, role.kind === 'off' ? 'off' : 'halted');
  const { nodes, priceMicros } = seen.all;
  const up = seen.nodes.filter(({ role }) => role.kind === 'serves').length;
  const jobIds = [...index.jobs.ids];
  const code = halt.because;
  return {
    halted: halt,
    create: [],
    cancelCreate: [],
    drain: [],
    undrain: [],
    stop: [],
    powerOn: [],
    powerOff: [],
    served: [],
    waiting: jobIds.length === 0 ? [] : [{ because: 'halted', message: halt.message, jobIds }],
    unsatisfiable: [],
    left: draft.left,
    alerts: [...alerts, { code, about: '', message: halt.message }],
    figures: { up, total: nodes, pricePerHourMicros: priceMicros, totalAfter: nodes, pricePerHourMicrosAfter: priceMicros },
    kept,
  };
}
