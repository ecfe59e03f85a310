import { parseDuration } from '@muster/core';
import { openConnection } from '@muster/ssh';
import { AgentControl } from '../agents/agent-control.ts';
import { ControlKeyRing } from '../agents/control-key.ts';
import type { AgentControlHandlerParts } from '../handlers/agent-control.ts';
import type { StatusParts } from '../handlers/status.ts';
import type { Foundation } from './foundation.ts';

type AgentControlAsked = Omit<AgentControlHandlerParts, 'store'> & Pick<StatusParts, 'liveness'>;

/** What this server can do with agents as programs on their hosts. */
export type Agents = {
  readonly keys: ControlKeyRing;
  readonly control: AgentControl;
  /** The liveness monitor, as the configuration has it. */
  readonly liveness: { readonly enabled: boolean; readonly thresholdSeconds: number };
  /** What the handlers of routes ask of them. */
  readonly asked: AgentControlAsked;
};

export function makeAgents({ config, store, controlProtector }: Foundation): Agents {
  const keys = new ControlKeyRing(store, controlProtector);
  const { enabled, threshold } = config.agentLiveness;
  const control = new AgentControl({ store, keys, connect: openConnection });
  const liveness = { enabled, thresholdSeconds: parseDuration(threshold) ?? 40 };
  return {
    keys,
    control,
    liveness,
    asked: { liveness, controlKeys: keys, checkAgent: (node, signal, ownKeyPem) => control.check(node, signal, ownKeyPem) },
  };
}
