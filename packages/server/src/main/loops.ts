import {
  AdministrationLoop,
  AgentTaskLoop,
  CertificateLoop,
  EnvironmentLoop,
  HealthLoop,
  LivenessLoop,
  makeRetentionLoop,
  makeSampleLoop,
  NotificationLoop,
  OperationsLoop,
  tasksAsWork,
  type TellerPort,
} from '@muster/controllers';
import type { Event, EventKind } from '@muster/api';
import type { Config } from '../config/config.ts';
import type { Shutdown } from '../shutdown.ts';
import type { Agents } from './agents.ts';
import type { Fleet } from './fleet.ts';
import type { Foundation } from './foundation.ts';

/** Everything that goes round by itself. Each loop may be killed at any moment; the next process goes on. */
export type Loops = {
  readonly health: HealthLoop;
  /** Tells the loops what happened. */
  apply(event: Event): void;
  /** Starts them all; what was started is handed to `shutdown` at once. */
  start(shutdown: Shutdown): void;
};

/** What decides about restarts besides time. */
const agentEvents: ReadonlySet<EventKind> = new Set<EventKind>([
  'node-registered',
  'node-maintenance',
  'agent-started',
  'agent-stopped',
  'agent-restarted',
  'liveness-brake',
]);

const operationEvents: ReadonlySet<EventKind> = new Set<EventKind>(['operation-started', 'operation-cancelled', 'task-changed']);

/** A mail waits half a minute for more to come, and the next one to the same address five: a storm is one mail, then one now and then. */
const mailTimes = { mailHoldSeconds: 30, mailRestSeconds: 300 };

export function makeLoops(foundation: Foundation, { gateway, times }: Fleet, { control, liveness }: Agents, teller: TellerPort): Loops {
  const { config, store, clock, log, serverId } = foundation;
  const health = new HealthLoop({ store, presence: gateway.presence, clock, log, timing: () => times.limits() });
  const monitor = new LivenessLoop({
    store,
    presence: gateway.presence,
    control,
    clock,
    log,
    settings: () => ({ ...times.now, enabled: liveness.enabled, thresholdMs: liveness.thresholdSeconds * 1000 }),
    graceLeftMs: () => health.graceLeftMs(),
    chance: Math.random,
  });
  const operations = new OperationsLoop({ store, clock, log });
  const agentTasks = new AgentTaskLoop({ store, control, serverId, clock, log });
  const environments = new EnvironmentLoop({ store, clock, log, settings: environmentSettings(config) });
  const administration = new AdministrationLoop({ store, work: [tasksAsWork(store)], log });
  const notifications = new NotificationLoop({ store, teller, clock, log, times: mailTimes });
  const samples = makeSampleLoop(store, log);
  const retention = makeRetentionLoop({ store, log, eventDays: config.events.retentionDays });
  const ofNodes = { health, liveness: monitor, 'tasks about agents': agentTasks, operations, environments, administration };
  const certificates = new CertificateLoop({ store, clock, log });
  const all = { ...ofNodes, certificates, notifications, samples, retention };
  return {
    health,
    apply: (event) => {
      health.invalidate();
      notifications.invalidate();
      environments.apply(event);
      if (agentEvents.has(event.kind)) monitor.invalidate();
      if (operationEvents.has(event.kind)) for (const loop of [operations, agentTasks]) loop.invalidate();
    },
    start: (shutdown) => {
      for (const [what, loop] of Object.entries(all)) {
        loop.start();
        shutdown.add(what, () => loop.stop());
      }
    },
  };
}

function environmentSettings({ environments }: Config) {
  const { autoSync, nodesAtOnce, timeoutMinutes, maxUnpackedGigabytes } = environments;
  return { autoSync, nodesAtOnce, timeoutSeconds: timeoutMinutes * 60, maxUnpackedBytes: Math.floor(maxUnpackedGigabytes * 1e9) };
}
