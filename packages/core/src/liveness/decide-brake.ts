import { livenessLimits } from './liveness-times.ts';

/** How many of the nodes that could be restarted are unheard. */
export type BrakeCount = {
  readonly watched: number;
  /** Silent for so long that they are likely lost. */
  readonly suspects: number;
  /** Silent beyond the threshold: due to be restarted. */
  readonly due: number;
};

/** What becomes of the brake, and why. */
export type BrakeVerdict =
  | { readonly action: 'stay-off' }
  | { readonly action: 'hold'; readonly message: string; readonly unheard: number; readonly watched: number }
  | { readonly action: 'release'; readonly message: string };

/**
 * Decides whether agents may be restarted at all. When many are unheard at once, the network or the server itself is the likely cause, and
 * restarting them would make it worse. It is put on only when something is due, so a late heartbeat or two do nothing. Pure.
 */
export function decideBrake(isOn: boolean, count: BrakeCount): BrakeVerdict {
  const { watched, suspects, due } = count;
  const tooMany = suspects > livenessLimits.brakeNodes && suspects > livenessLimits.brakeShare * watched;
  if (tooMany && (isOn || due > 0)) {
    const message =
      `${suspects} of ${watched} nodes are unheard at once. No agent is restarted until most are heard again: look at the network ` +
      `and at this server first. Nodes that are down on purpose can be put in maintenance.`;
    return { action: 'hold', message, unheard: suspects, watched };
  }
  if (!isOn) return { action: 'stay-off' };
  return {
    action: 'release',
    message: `${watched - suspects} of ${watched} nodes are heard again. Every agent has its full time from now on.`,
  };
}
