import {
  AdministrationLoop,
  AgentTaskLoop,
  CertificateLoop,
  EnvironmentLoop,
  HealthLoop,
  LeasedLoops,
  LivenessLoop,
  makeMemberLoop,
  makePlacementLoop,
  makeRetentionLoop,
  makeSampleLoop,
  NotificationLoop,
  OperationsLoop,
  PoolPresence,
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
  /** Milliseconds in which nothing is declared bad yet; 0 once over, and where another server of the pool decides. */
  graceLeftMs(): number;
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

/** Those of the loops that are told of events; where another server runs them, none. */
type Told = { health?: HealthLoop; monitor?: LivenessLoop; environments?: EnvironmentLoop; notifications?: NotificationLoop };

export function makeLoops(foundation: Foundation, fleet: Fleet, agents: Agents, teller: TellerPort): Loops {
  const { store, clock, log, serverId } = foundation;
  const told: Told = {};
  // Claimed task by task, or decided with the row locked: every server of the pool runs these.
  const operations = new OperationsLoop({ store, clock, log });
  const agentTasks = new AgentTaskLoop({ store, control: agents.control, serverId, clock, log });
  const leased = makeLeased(foundation, fleet, agents, teller, told);
  const all = { 'tasks about agents': agentTasks, operations, 'loops under leases': leased };
  return {
    graceLeftMs: () => told.health?.graceLeftMs() ?? 0,
    apply: (event) => {
      told.health?.invalidate();
      told.notifications?.invalidate();
      told.environments?.apply(event);
      if (agentEvents.has(event.kind)) told.monitor?.invalidate();
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

/** What runs once in the pool, by lease. */
function makeLeased(
  { config, store, clock, log, serverId, run }: Foundation,
  { gateway, times, pool }: Fleet,
  { control, liveness }: Agents,
  teller: TellerPort,
  told: Told,
): LeasedLoops {
  return new LeasedLoops({
    store,
    serverId,
    run,
    clock,
    log,
    loops: {
      health: (under) => {
        const presence = new PoolPresence({ own: gateway.presence, store: under, others: () => pool.hasOthers, clock, log });
        const health = new HealthLoop({ store: under, presence, clock, log, timing: () => times.limits() });
        const monitor = new LivenessLoop({
          store: under,
          presence,
          control,
          clock,
          log,
          settings: () => ({ ...times.now, enabled: liveness.enabled, thresholdMs: liveness.thresholdSeconds * 1000 }),
          graceLeftMs: () => health.graceLeftMs(),
          chance: Math.random,
        });
        Object.assign(told, { health, monitor });
        const untold = { start: () => undefined, stop: async () => void (told.health === health && delete told.health) };
        return [untold, presence, health, monitor];
      },
      environments: (under) => {
        told.environments = new EnvironmentLoop({ store: under, clock, log, settings: environmentSettings(config) });
        return [told.environments];
      },
      notifications: (under) => {
        told.notifications = new NotificationLoop({ store: under, teller, clock, log, times: mailTimes });
        return [told.notifications];
      },
      administration: (under) => [new AdministrationLoop({ store: under, work: [tasksAsWork(under)], log })],
      certificates: (under) => [new CertificateLoop({ store: under, clock, log })],
      members: (under) => [makeMemberLoop({ store: under, serverId, clock, log }), makePlacementLoop({ store: under, log })],
      samples: (under) => [makeSampleLoop(under, log)],
      retention: (under) => [makeRetentionLoop({ store: under, log, eventDays: config.events.retentionDays })],
    },
  });
}

function environmentSettings({ environments }: Config) {
  const { autoSync, nodesAtOnce, timeoutMinutes, maxUnpackedGigabytes } = environments;
  return { autoSync, nodesAtOnce, timeoutSeconds: timeoutMinutes * 60, maxUnpackedBytes: Math.floor(maxUnpackedGigabytes * 1e9) };
}
