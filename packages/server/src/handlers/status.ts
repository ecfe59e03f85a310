import type { AgentLiveness, ServerStatus } from '@muster/api';
import { type FleetTiming, livenessTimes } from '@muster/core';
import type { Store } from '@muster/store';
import type { Handlers } from '../http/handlers.ts';

export type StatusParts = {
  readonly store: Store;
  readonly version: string;
  readonly startedAt: Date;
  readonly now: () => Date;
  readonly caFingerprint: () => string;
  readonly agentAddresses: () => readonly string[];
  readonly timing: () => FleetTiming;
  readonly graceLeftMs: () => number;
  /** The configured threshold of the liveness monitor. */
  readonly liveness: { readonly enabled: boolean; readonly thresholdSeconds: number };
};

export function statusHandlers(parts: StatusParts): Pick<Handlers, 'getStatus' | 'live' | 'ready'> {
  return {
    getStatus: () => status(parts),
    live: async () => ({ status: 'live' as const }),
    ready: async () => {
      await parts.store.ready();
      return { status: 'ready' as const };
    },
  };
}

async function status(parts: StatusParts): Promise<ServerStatus> {
  const { heartbeatSeconds, timeoutSeconds } = parts.timing();
  const nodes = await parts.store.nodes.countByHealth();
  const agentLiveness = await livenessStatus(parts);
  const now = parts.now();
  const graceMs = parts.graceLeftMs();
  return {
    version: parts.version,
    startedAt: parts.startedAt.toISOString(),
    now: now.toISOString(),
    agentAddresses: [...parts.agentAddresses()],
    caFingerprint: parts.caFingerprint(),
    heartbeatIntervalSeconds: heartbeatSeconds,
    heartbeatTimeoutSeconds: timeoutSeconds,
    graceUntil: graceMs > 0 ? new Date(now.getTime() + graceMs).toISOString() : null,
    agentLiveness,
    nodes,
  };
}

async function livenessStatus({ store, timing, liveness }: StatusParts): Promise<AgentLiveness> {
  const [brake, counts] = await Promise.all([store.brake.read(), store.agents.countByState()]);
  const { onSince, message, unheard, watched } = brake;
  return {
    ...liveness,
    effectiveThresholdSeconds: livenessTimes(liveness.thresholdSeconds * 1000, timing().heartbeatSeconds).thresholdMs / 1000,
    brake: onSince === null ? null : { since: onSince, message, unheard, watched },
    restarting: counts.restarting,
    needsAttention: counts['needs-attention'],
    stopped: counts.stopped,
  };
}
