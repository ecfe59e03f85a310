/** How the liveness monitor goes about it. */
export const livenessLimits = {
  /** Restarts after which a node is left to a person. */
  attempts: 5,
  /** Restarts that one server has under way at the same time. */
  atOnce: 10,
  /** The longest time between two restarts of one agent, before chance adds to it. */
  longestDelayMs: 900_000,
  /** More of the watched nodes than this share, and more than this number, unheard at once: the cause is not their agents. */
  brakeShare: 0.3,
  brakeNodes: 2,
  /** An agent that is heard so long after it was stopped on purpose was started by somebody. A stop over SSH takes less. */
  stopSettlesMs: 60_000,
} as const;

/** From when on an agent counts as missing, milliseconds. */
export type LivenessTimes = {
  /** In force: the greater of the configured threshold and three heartbeat intervals. */
  readonly thresholdMs: number;
  /** What the brake counts by. Nodes that fell silent in one moment pass the threshold one after the other, up to an interval apart. */
  readonly suspectMs: number;
};

/** The times that follow from the configured threshold and the interval in force. Pure. */
export function livenessTimes(configuredMs: number, heartbeatSeconds: number): LivenessTimes {
  const heartbeatMs = heartbeatSeconds * 1000;
  const thresholdMs = Math.max(configuredMs, 3 * heartbeatMs);
  return { thresholdMs, suspectMs: thresholdMs - 1.5 * heartbeatMs };
}

/**
 * How long after a restart the next one may be tried: at least one threshold, in which the agent can be heard, then twice that each
 * time, and up to half of it more by chance, so that nodes that were lost together do not come together. `chance` is from 0 to 1.
 */
export function restartDelayMs(attempt: number, thresholdMs: number, chance: number): number {
  const longest = Math.max(thresholdMs, livenessLimits.longestDelayMs);
  return Math.min(thresholdMs * 2 ** (attempt - 1), longest) * (1 + chance / 2);
}
