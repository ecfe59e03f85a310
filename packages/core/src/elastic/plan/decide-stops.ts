import type { PlaceJobs } from '../fit/place-jobs.ts';
import { canBeTakenBack } from '../sight/node-sight.ts';
import { isDrifted, type Survey } from '../sight/survey.ts';
import type { ElasticIndex } from './elastic-index.ts';
import type { FreedPlaces } from './freed-places.ts';
import type { Ready } from './keep-ready.ts';
import type { PlanDraft } from './plan-draft.ts';
import type { Serving, ServingNode } from './serving.ts';

export type StopQuestion = {
  readonly seen: Survey;
  readonly serving: Serving;
  readonly placed: PlaceJobs;
  readonly places: FreedPlaces;
  readonly ready: Ready;
  readonly index: ElasticIndex;
};

/** Decides what becomes of each machine that can have work: those that a job fits stay, and of the others as many go as may. */
export function decideStops(question: StopQuestion, draft: PlanDraft): void {
  const idle: ServingNode[] = [];
  question.serving.nodes.forEach((node, at) => {
    if (node.tier !== 'busy' && question.placed.jobsOn(at).length === 0) idle.push(node);
    else keep(node, draft);
  });
  const goes = new Going(question, draft);
  for (const node of idle.toSorted(byWhoGoesFirst(question.index))) goes.decide(node);
}

function keep({ sight, tier, undrain }: ServingNode, draft: PlanDraft): void {
  if (tier === 'drained') draft.resume(sight, 'needed-again');
  else if (undrain) draft.resume(sight, 'busy');
  else draft.leave(sight, tier === 'busy' ? 'busy' : 'needed');
}

const goingFirst: Readonly<Record<ServingNode['tier'], number>> = { booting: 0, drained: 1, leaving: 2, idle: 3, busy: 4 };

/** What costs nothing to take back, then what is drained, so that nobody is called back for another to go; drifted and dear ones before others. */
function byWhoGoesFirst(index: ElasticIndex): (a: ServingNode, b: ServingNode) => number {
  const drift = ({ sight }: ServingNode): number => (isDrifted(sight, index) ? 0 : 1);
  const rank = ({ sight }: ServingNode): number => sight.ranked?.rank ?? 0;
  return (a, b) =>
    goingFirst[a.tier] - goingFirst[b.tier] ||
    drift(a) - drift(b) ||
    rank(b) - rank(a) ||
    (a.sight.instance.id < b.sight.instance.id ? -1 : 1);
}

/** Lets machines go one after the other, as long as there are more than are to be kept ready. */
class Going {
  readonly #draft: PlanDraft;
  readonly #places: FreedPlaces;
  readonly #question: StopQuestion;
  readonly #gone = new Map<string, number>();
  #allGone = 0;

  constructor(question: StopQuestion, draft: PlanDraft) {
    this.#question = question;
    this.#draft = draft;
    this.#places = question.places;
    for (const { sight, role } of question.seen.nodes) {
      if (role.kind === 'stop' || (role.kind === 'left' && role.because === 'stopping')) this.#places.give(sight.ranked?.type ?? null);
    }
  }

  decide(node: ServingNode): void {
    const { sight, tier } = node;
    if (sight.instance.behaviour === 'protect') this.#stay(node, 'protected');
    else if (tier === 'booting' && !canBeTakenBack(sight)) this.#draft.leave(sight, 'booting');
    else if (this.#mayGo(node)) this.#go(node);
    else this.#goForPlace(node);
  }

  /** Whether it may be stopped, and more are up than are to be kept. */
  #mayGo({ sight, tier }: ServingNode): boolean {
    const pool = sight.ranked?.type.pool ?? '';
    const { ready } = this.#question;
    const isEligible = tier === 'booting' || tier === 'leaving' || (tier === 'drained' && sight.window.open);
    return isEligible && this.#allGone < ready.allMayGo && (this.#gone.get(pool) ?? 0) < ready.mayGo(pool);
  }

  #go(node: ServingNode): void {
    const { sight } = node;
    const pool = sight.ranked?.type.pool ?? '';
    this.#gone.set(pool, (this.#gone.get(pool) ?? 0) + 1);
    this.#allGone += 1;
    this.#places.give(sight.ranked?.type ?? null);
    this.#send(node, 'not-needed');
  }

  /** What is kept ready, or paid for, gives its place to a job that waits for one. */
  #goForPlace(node: ServingNode): void {
    const { sight, tier } = node;
    const hasRested = tier !== 'idle' || sight.idleLooks >= this.#question.index.config.idleLooks;
    if (hasRested && this.#places.give(sight.ranked?.type ?? null)) this.#send(node, 'frees-place');
    else this.#stay(node, null);
  }

  #send({ sight, tier }: ServingNode, because: 'not-needed' | 'frees-place'): void {
    if (tier === 'booting' || tier === 'drained') this.#draft.end(sight, because);
    else this.#draft.empty(sight, because);
  }

  #stay({ sight, tier }: ServingNode, because: 'protected' | null): void {
    if (tier === 'drained') this.#draft.resume(sight, 'not-eligible');
    else if (because !== null) this.#draft.leave(sight, because);
    else if (tier !== 'idle') this.#draft.leave(sight, 'kept-ready');
    else this.#draft.leave(sight, sight.window.open ? 'idle-looks' : 'window-closed');
  }
}
