import type { ServerStatus } from '@muster/api';
import type { FleetTiming } from '@muster/core';
import type { Store } from '@muster/store';
import type { Handlers } from '../http/handlers.ts';

export type StatusParts = {
  readonly store: Store;
  readonly version: string;
  readonly startedAt: Date;
  readonly now: () => Date;
  readonly caFingerprint: string;
  readonly agentAddresses: () => readonly string[];
  readonly timing: () => FleetTiming;
  readonly graceLeftMs: () => number;
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
  const now = parts.now();
  const graceMs = parts.graceLeftMs();
  return {
    version: parts.version,
    startedAt: parts.startedAt.toISOString(),
    now: now.toISOString(),
    agentAddresses: [...parts.agentAddresses()],
    caFingerprint: parts.caFingerprint,
    heartbeatIntervalSeconds: heartbeatSeconds,
    heartbeatTimeoutSeconds: timeoutSeconds,
    graceUntil: graceMs > 0 ? new Date(now.getTime() + graceMs).toISOString() : null,
    nodes,
  };
}
