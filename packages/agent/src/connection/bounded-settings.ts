import type { AgentSettings } from '@muster/api/agent';
import { parseServerAddress } from './server-address.ts';

const maxServers = 64;

/** Until the first welcome; the server's own word replaces them. */
export const initialSettings: AgentSettings = { heartbeatSeconds: 10, timeoutSeconds: 30, reportSeconds: 300, servers: [] };

/**
 * Settings within what an agent can carry out. A server in error must neither make the agent spin nor silence it for ever, and
 * a time-out shorter than two heartbeats would take every slow answer for a dead server.
 */
export function boundedSettings(settings: AgentSettings): AgentSettings {
  const heartbeatSeconds = between(settings.heartbeatSeconds, 0.1, 3600);
  const servers = boundedServers(settings.servers);
  return {
    heartbeatSeconds,
    timeoutSeconds: between(settings.timeoutSeconds, Math.min(heartbeatSeconds * 2, 10), 7200),
    reportSeconds: between(settings.reportSeconds, 1, 86_400),
    servers,
    ...boundedProbe(settings, servers.length),
  };
}

/** The servers that can be called at all, no more than an agent can keep in mind. */
export const boundedServers = (servers: readonly string[]): string[] =>
  servers.filter((one) => parseServerAddress(one) !== undefined).slice(0, maxServers);

/** A node with nowhere else to go is not probed: its heartbeats tell. A pong needs some time beyond the ping's interval. */
function boundedProbe({ probeSeconds, probeTimeoutSeconds }: AgentSettings, servers: number): Partial<AgentSettings> {
  if (probeSeconds === undefined || probeTimeoutSeconds === undefined || servers < 2) return {};
  const seconds = between(probeSeconds, 0.1, 600);
  return { probeSeconds: seconds, probeTimeoutSeconds: between(probeTimeoutSeconds, seconds * 1.5, 1200) };
}

const between = (value: number, least: number, most: number): number => Math.min(Math.max(value, least), most);
