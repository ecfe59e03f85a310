import { parseDuration } from '@muster/core';
import { openConnection } from '@muster/ssh';
import { AgentControl } from '../agents/agent-control.ts';
import { ControlKeyRing } from '../agents/control-key.ts';
import type { Foundation } from './foundation.ts';

/** What this server can do with agents as programs on their hosts. */
export type Agents = {
  readonly keys: ControlKeyRing;
  readonly control: AgentControl;
  /** The liveness monitor, as the configuration has it. */
  readonly liveness: { readonly enabled: boolean; readonly thresholdSeconds: number };
};

export function makeAgents({ config, store, controlProtector }: Foundation): Agents {
  const keys = new ControlKeyRing(store, controlProtector);
  const { enabled, threshold } = config.agentLiveness;
  return {
    keys,
    control: new AgentControl({ store, keys, connect: openConnection }),
    liveness: { enabled, thresholdSeconds: parseDuration(threshold) ?? 40 },
  };
}
