/** Times that follow the size of the fleet. All in seconds. */
export type FleetTiming = {
  /** How often an agent gives a sign of life. */
  readonly heartbeatSeconds: number;
  /** A node not heard for this long is bad. */
  readonly timeoutSeconds: number;
  /** Longest time between two full reports of an agent. */
  readonly reportSeconds: number;
};

/** Heartbeats a second that the whole fleet may send to one server before the interval is stretched. */
const heartbeatsPerSecond = 100;
const shortestIntervalSeconds = 5;
const longestIntervalSeconds = 60;

/**
 * The interval and time-out for a fleet: short while it is small, stretched so that the number of heartbeats a second stays
 * bounded. Three missed heartbeats make a node bad. A fixed interval in the configuration wins.
 */
export function fleetTiming(nodeCount: number, fixedHeartbeatSeconds?: number): FleetTiming {
  const fitting = Math.ceil(nodeCount / heartbeatsPerSecond);
  const heartbeatSeconds = fixedHeartbeatSeconds ?? Math.min(longestIntervalSeconds, Math.max(shortestIntervalSeconds, fitting));
  return { heartbeatSeconds, timeoutSeconds: heartbeatSeconds * 3, reportSeconds: 300 };
}

/** The longest an agent waits between two attempts to connect, seconds. Source: the agent's own backoff. */
export const longestReconnectSeconds = 60;

/**
 * How long after its own start a server declares no node bad: as long as an agent may wait before it tries again, and then
 * one time-out more.
 */
export function restartGraceSeconds(timing: FleetTiming): number {
  return longestReconnectSeconds + timing.timeoutSeconds;
}
