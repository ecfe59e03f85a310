import type { LeftBecause, StopBecause } from '../plan/elastic-plan.ts';
import type { NodeSight } from './node-sight.ts';
import { stopEligibility } from './stop-eligibility.ts';

/**
 * In which order machines that are there get work. `busy`: they have some, and room; `idle`; `leaving`: idle, and could be stopped now;
 * `drained`: by the planner, and can go back to work at once; `booting`. What was asked for last stands last, so that what one plan makes for a
 * job is still there for it in the next.
 */
export const servingTiers = ['busy', 'idle', 'leaving', 'drained', 'booting'] as const;
export type ServingTier = (typeof servingTiers)[number];

/** What a machine is there for in this plan, before anybody's need is looked at. */
export type NodeRole =
  | { readonly kind: 'serves'; readonly tier: ServingTier; /** It is drained, and works. */ readonly undrain: boolean }
  | { readonly kind: 'drain' | 'stop'; readonly because: StopBecause }
  | { readonly kind: 'left'; readonly because: LeftBecause }
  | { readonly kind: 'off' };

export type RoleRules = {
  readonly nowMs: number;
  readonly idleLooks: number;
  readonly stopStuckAfterMs: number;
  /** Whether its pool wants machines of another revision. */
  readonly isDrifted: (sight: NodeSight) => boolean;
  /** Whether one more may be drained for that; asked only where it would be. */
  readonly mayDisrupt: (sight: NodeSight) => boolean;
};

const left = (because: LeftBecause): NodeRole => ({ kind: 'left', because });
const goes = (kind: 'drain' | 'stop', because: StopBecause): NodeRole => ({ kind, because });
const serves = (tier: ServingTier, undrain = false): NodeRole => ({ kind: 'serves', tier, undrain });

/** What people have said of a machine goes first, then what is wrong with it, then what it does. */
export function roleOf(sight: NodeSight, rules: RoleRules): NodeRole {
  const { state } = sight;
  if (state === 'off') return { kind: 'off' };
  if (state === 'stopping') return isStuck(sight, rules) ? goes('stop', 'stuck') : left('stopping');
  return saidByPeople(sight) ?? (state === 'idle' || state === 'busy' ? working(sight, rules) : notWorking(sight, rules));
}

/** A type that is not configured any more is a word of people too. */
function saidByPeople(sight: NodeSight): NodeRole | null {
  const { instance, record, ranked } = sight;
  if (instance.behaviour === 'hold') return left('held');
  if (instance.behaviour === 'drain') return emptied(sight, 'asked-for');
  if (record?.drain === 'person') return left('drained-by-person');
  if (ranked !== null) return null;
  return instance.behaviour === 'protect' ? left('protected') : emptied(sight, 'invalid-type');
}

function isStuck({ instance: { stopAskedAtMs } }: NodeSight, { nowMs, stopStuckAfterMs }: RoleRules): boolean {
  return stopAskedAtMs !== null && nowMs - stopAskedAtMs > stopStuckAfterMs;
}

/** A machine that is to go as soon as nothing runs on it: drained first, so that nothing begins in between. */
function emptied({ state, record }: NodeSight, because: StopBecause): NodeRole {
  const takesWork = record !== null && record.drain === null && (record.state === 'idle' || record.state === 'busy');
  if (takesWork) return goes('drain', because);
  return state === 'busy' ? left('draining') : goes('stop', because);
}

function notWorking(sight: NodeSight, { idleLooks }: RoleRules): NodeRole {
  const isProtected = sight.instance.behaviour === 'protect';
  const eligibility = stopEligibility({
    state: sight.state,
    windowOpen: sight.window.open,
    bootExceeded: sight.bootExceeded,
    everReady: sight.everReady,
    idleEnough: sight.idleLooks >= idleLooks,
  });
  if (eligibility.eligible) return isProtected ? left('protected') : goes('stop', eligibility.because);
  return eligibility.because === 'booting' ? serves('booting') : left(eligibility.because);
}

function working(sight: NodeSight, rules: RoleRules): NodeRole {
  const { state, record, window, idleLooks, heard } = sight;
  const isDrained = record?.drain === 'planner';
  const replaced = replacedRole(sight, isDrained, rules);
  if (replaced !== null) return replaced;
  // A node that has not been heard for long gets no more work, whatever the queue says it does.
  if (state === 'busy') return heard ? serves('busy', isDrained) : left('busy');
  if (isDrained) return serves('drained');
  return serves(window.open && idleLooks >= rules.idleLooks ? 'leaving' : 'idle');
}

/** A machine of another revision than its pool wants; null where it goes on for now. */
function replacedRole(sight: NodeSight, isDrained: boolean, rules: RoleRules): NodeRole | null {
  if (sight.instance.behaviour !== 'run' || !rules.isDrifted(sight)) return null;
  if (isDrained) return sight.state === 'busy' ? left('draining') : goes('stop', 'other-revision');
  return sight.window.open && rules.mayDisrupt(sight) ? goes('drain', 'other-revision') : null;
}
