import type { EndCause, SessionEnd } from './session-end.ts';

/** What the plan remembers between two connections. */
export type ReconnectState = {
  /** Failures since the last connection that held. */
  readonly attempt: number;
  /** Identities that were turned down since the last welcome. */
  readonly turnedDown: number;
  /** Times in a row that another connection of this node took over. */
  readonly replacements: number;
};

export const freshState: ReconnectState = { attempt: 0, turnedDown: 0, replacements: 0 };

export type ReconnectSituation = {
  readonly cause: Exclude<EndCause, 'closed'>;
  /** See `SessionEnd`. */
  readonly lastedMs: number | undefined;
  /** How many identities the node has to offer. */
  readonly identities: number;
  readonly heartbeatSeconds: number;
  readonly random: () => number;
};

export type ReconnectPlan = { readonly state: ReconnectState; readonly delayMs: number; readonly useNextIdentity: boolean };

const baseMs = 1000;
const capMs = 60_000;
const slowMs = 300_000;
/** A welcome counts only when the connection then held this long: else a server that falls over after each welcome would be stormed. */
const heldMs = 5000;
/** Only a connection of this length shows that nobody competes for this identity any more. */
const undisputedMs = 300_000;

/**
 * When to come back, after a connection ended. Exponential with full jitter (M. Brooker, "Exponential Backoff And Jitter",
 * AWS Architecture Blog, 2015) for everything that time mends; slowly for what only a person mends.
 */
export function planReconnect(before: ReconnectState, situation: ReconnectSituation): ReconnectPlan {
  const { cause, lastedMs = 0, random } = situation;
  const state: ReconnectState = {
    attempt: lastedMs >= heldMs ? 0 : before.attempt,
    turnedDown: situation.lastedMs !== undefined ? 0 : before.turnedDown,
    replacements: lastedMs >= undisputedMs ? 0 : before.replacements,
  };
  if (cause === 'refused' || cause === 'rejected') return afterTurnDown(state, situation);
  const stay = { useNextIdentity: false };
  if (cause === 'replaced') {
    const delayMs = Math.min(30_000 * 2 ** state.replacements, slowMs) * (0.5 + random());
    return { ...stay, state: { ...state, replacements: Math.min(state.replacements + 1, 10) }, delayMs };
  }
  if (cause === 'protocol') return { ...stay, state: afterFailure(state), delayMs: capMs * (0.5 + random()) };
  if (cause === 'going-away')
    return { ...stay, state: afterFailure(state), delayMs: Math.max(baseMs, situation.heartbeatSeconds * 500) * random() };
  return { ...stay, state: afterFailure(state), delayMs: fullJitter(state.attempt, random) };
}

/** Another identity is tried soon. When all were turned down in words, coming back often is of no use. */
function afterTurnDown(state: ReconnectState, { cause, identities, random }: ReconnectSituation): ReconnectPlan {
  const turnedDown = state.turnedDown + 1;
  const useNextIdentity = identities > 1;
  const next = { ...afterFailure(state), turnedDown };
  const slowly = cause === 'refused' && turnedDown >= identities;
  return { state: next, useNextIdentity, delayMs: slowly ? slowMs * (0.8 + 0.4 * random()) : fullJitter(state.attempt, random) };
}

const afterFailure = (state: ReconnectState): ReconnectState => ({ ...state, attempt: Math.min(state.attempt + 1, 30) });

/** Anything between nothing and the exponentially grown limit, milliseconds. */
export const fullJitter = (attempt: number, random: () => number): number =>
  random() * Math.min(capMs, baseMs * 2 ** Math.min(attempt, 30));

/** Agents that lose their server in the same moment come to the next one within this time. */
const togetherMs = 1000;
/** Silence is noticed by each agent at a moment of its own: little has to be added. */
const apartMs = 250;

/**
 * How long to wait before another server is tried, milliseconds, after a connection that worked came to an end; undefined where another
 * server is no way out, or where the connection did not hold: going round among servers that fall over would storm all of them.
 */
export function goOnAfterMs({ cause, lastedMs = 0 }: Pick<SessionEnd, 'cause' | 'lastedMs'>, random: () => number): number | undefined {
  if (lastedMs < heldMs) return undefined;
  if (cause === 'lost' || cause === 'going-away') return togetherMs * random();
  return cause === 'silent' ? apartMs * random() : undefined;
}
