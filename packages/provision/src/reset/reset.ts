import type { ServerAtEnd } from '../apply.ts';
import { connectPhase } from '../phases/connect.ts';
import { letGo } from '../engine/let-go.ts';
import type { Phase, Run } from '../engine/phase.ts';
import { runPhases, type RunReporter, type RunResult } from '../engine/run-phases.ts';
import { type Cluster, isNode } from '../host/cluster.ts';
import { k3sLeavePhase } from '../k3s/leave-phase.ts';
import { RemainingK3s } from '../k3s/remaining-k3s.ts';
import { requireK3sServerLeft } from '../k3s/members.ts';
import { k3sRemovePhase } from '../k3s/remove-phase.ts';
import { poolLeavePhase } from '../pool/leave-phase.ts';
import { isVoter } from '../pool/members.ts';
import { RemainingPool } from '../pool/remaining-pool.ts';
import { ProvisionError } from '../provision-error.ts';
import { dockerResetPhase } from './docker-phase.ts';
import { drainPhase } from './drain-phase.ts';
import { firewallResetPhase } from './firewall-phase.ts';
import { leavePhase } from './leave-phase.ts';
import { packagesPhase } from './packages-phase.ts';
import { RemainingServer } from './remaining-server.ts';
import { servicesPhase } from './services-phase.ts';
import { slurmStateResetPhase } from './slurm-state-phase.ts';
import { tracesPhase } from './traces-phase.ts';

/** What `reset` takes. */
export type ResetOptions = Pick<Run, 'forks' | 'dryRun' | 'holder' | 'signal' | 'nowMs' | 'connect'> & {
  readonly cluster: Cluster;
  /** Names of the hosts to reset; the others of the cluster stay. */
  readonly selected: ReadonlySet<string>;
  /** Called at the end with the management server, where it is not among the hosts that are reset; not after an interruption. */
  readonly atEnd?: (result: RunResult, server: Pick<ServerAtEnd, 'muster'>) => Promise<void>;
};

/** Names of what a reset does, in order. */
export const resetPhaseNames = [
  'connect',
  'drain',
  'k3s-leave',
  'leave',
  'pool-leave',
  'k3s',
  'services',
  'slurm-state',
  'docker',
  'firewall',
  'packages',
  'traces',
] as const;

/**
 * Takes off hosts what `apply` has put there, in reverse order, and brings back what was there before. Idempotent: a second reset finds
 * nothing to do, and one of a half-installed host takes away the half. Never throws for a host's failure: see `failures`.
 * @throws ProvisionError when the management server's host, or the last server of k3s, is to be reset and others that need it are not
 */
export async function reset({ atEnd, ...options }: ResetOptions, reporter: RunReporter): Promise<RunResult> {
  const { cluster, selected } = options;
  requireNobodyLeftBehind(cluster, selected);
  requireK3sServerLeft(cluster.hosts, selected);
  const hosts = cluster.hosts.filter(({ name }) => selected.has(name));
  const run: Run = { ...options, artifacts: { server: {}, agent: {} }, reissue: new Set(), hosts: hosts.map((host) => ({ host })) };
  const remaining = cluster.management.find(({ name }) => !selected.has(name));
  const server = remaining === undefined ? undefined : new RemainingServer(remaining, options);
  const staying = cluster.hosts.filter(({ name, roles }) => roles.includes('k3s-server') && !selected.has(name));
  const k3s = staying.length === 0 ? undefined : new RemainingK3s(staying, options);
  const voters = cluster.hosts.filter((host) => isVoter(host) && !selected.has(host.name));
  const pool = voters.length === 0 ? undefined : new RemainingPool(voters, options);
  const phases = [
    connectPhase,
    drainPhase(selected),
    k3sLeavePhase(k3s),
    leavePhase(server, cluster.driver === undefined),
    poolLeavePhase(pool),
    k3sRemovePhase,
    servicesPhase,
    slurmStateResetPhase,
    dockerResetPhase,
    firewallResetPhase,
    packagesPhase,
    tracesPhase,
  ] as Phase[];
  try {
    const result = await runPhases(phases, run, reporter);
    if (server !== undefined && !run.signal.aborted) await atEnd?.(result, { muster: (args, stdin) => server.muster(args, stdin) });
    return result;
  } finally {
    await Promise.all([server?.close(), k3s?.close(), pool?.close(), letGo(run.hosts)]);
  }
}

function requireNobodyLeftBehind({ hosts, driver, management }: Cluster, selected: ReadonlySet<string>): void {
  if (driver === undefined || management.some(({ name }) => !selected.has(name))) return;
  const left = hosts
    .filter(isNode)
    .map(({ name }) => name)
    .filter((name) => !selected.has(name));
  if (left.length === 0) return;
  throw new ProvisionError(
    `${driver.name} runs the management server of ${left.slice(0, 5).join(', ')}${left.length > 5 ? ` and ${left.length - 5} more` : ''}, which would be left without one. Reset these too, or leave ${driver.name} out.`,
  );
}
