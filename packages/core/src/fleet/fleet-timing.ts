/** Times that follow the size of the fleet. All in seconds. */
export type FleetTiming = {
  /** How often an agent gives a sign of life. */
  readonly heartbeatSeconds: number;
  /** A node not heard for this long is bad. */
  readonly timeoutSeconds: number;
  /** Longest time between two full reports of an agent. */
  readonly reportSeconds: number;
  /** How often an agent pings its connection; absent where there is no other server to go to. */
  readonly probeSeconds?: number;
  /** With nothing heard for so long an agent goes to another server. */
  readonly probeTimeoutSeconds?: number;
};

/** Heartbeats a second that the whole fleet may send to one server before the interval is stretched. */
const heartbeatsPerSecond = 100;
const shortestIntervalSeconds = 5;
const longestIntervalSeconds = 60;
/** Pings a second that one server answers before their interval is stretched; each costs far less than a heartbeat. */
const pingsPerSecond = 500;
const shortestProbeSeconds = 2;
const longestProbeSeconds = 30;
/** What a pong may take beyond the interval of pings. The whole has to stay below the five seconds in which agents are on another server. */
const pongSeconds = 1.5;

/**
 * The interval and time-out for a fleet: short while it is small, stretched so that the number of heartbeats a second stays
 * bounded. Three missed heartbeats make a node bad. A fixed interval in the configuration wins. With several servers agents also ping
 * theirs; how often is reckoned as if one of the servers were lost.
 */
export function fleetTiming(nodeCount: number, fixedHeartbeatSeconds?: number, serverCount = 1): FleetTiming {
  const fitting = Math.ceil(nodeCount / heartbeatsPerSecond);
  const heartbeatSeconds = fixedHeartbeatSeconds ?? Math.min(longestIntervalSeconds, Math.max(shortestIntervalSeconds, fitting));
  const timing = { heartbeatSeconds, timeoutSeconds: heartbeatSeconds * 3, reportSeconds: 300 };
  return serverCount > 1 ? { ...timing, ...probeTiming(nodeCount / (serverCount - 1)) } : timing;
}

function probeTiming(nodesOfServer: number): Required<Pick<FleetTiming, 'probeSeconds' | 'probeTimeoutSeconds'>> {
  const fitting = Math.ceil(nodesOfServer / pingsPerSecond);
  const probeSeconds = Math.min(longestProbeSeconds, Math.max(shortestProbeSeconds, fitting));
  return { probeSeconds, probeTimeoutSeconds: probeSeconds + pongSeconds };
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
