import { choosePhases, needsServer, partOf, type PhaseChoice, requireNeeded } from './engine/choose-phases.ts';
import { letGo } from './engine/let-go.ts';
import { runPhases, type RunReporter, type RunResult } from './engine/run-phases.ts';
import type { Phase, Run } from './engine/phase.ts';
import type { Cluster, ClusterHost } from './host/cluster.ts';
import { agentPhase } from './phases/agent.ts';
import { connectPhase } from './phases/connect.ts';
import { controlPhase } from './phases/control.ts';
import { detectPhase } from './phases/detect.ts';
import { enrolPhase } from './phases/enrol.ts';
import { preflightPhase } from './phases/preflight.ts';
import { serverPhase } from './phases/server.ts';
import { stagePhase } from './phases/stage.ts';
import { verifyPhase } from './phases/verify.ts';
import { preparePhase } from './prepare/prepare-phase.ts';
import { readPrepared } from './prepare/read-prepared.ts';
import { slurmControllerPhase } from './slurm/controller-phase.ts';
import { slurmNodesPhase } from './slurm/nodes-phase.ts';
import { slurmPackagesPhase } from './slurm/packages-phase.ts';

/** Everything `muster apply` does, in order. */
export const applyPhases: readonly Phase[] = [
  connectPhase,
  detectPhase,
  preflightPhase,
  preparePhase,
  stagePhase,
  serverPhase,
  agentPhase,
  enrolPhase,
  controlPhase,
  slurmPackagesPhase,
  slurmControllerPhase,
  slurmNodesPhase,
  verifyPhase,
].map((phase) => phase as Phase);

/** What `apply` takes besides the hosts it makes itself. */
export type ApplyOptions = Omit<Run, 'hosts' | 'nodes' | 'control' | 'checks' | 'slurm' | 'prepared' | 'panelUrl' | 'signInUrl'> & {
  /** What a relative `source` of host_files is relative to: the folder of the inventory. */
  readonly folder?: string;
  /** The phases to run, of `phasesFor`; all without it. */
  readonly phases?: readonly Phase[];
  /** Names of the only hosts to change; the others are at most looked at. All without it. */
  readonly limit?: ReadonlySet<string>;
};

/** The phases of `apply` that a choice leaves. @throws ProvisionError for a name that is none, and for a choice that leaves nothing */
export const phasesFor = (choice: PhaseChoice): readonly Phase[] => choosePhases(applyPhases, choice);

/** Whether these phases cannot do without a management server on a host: what `clusterOf` asks. */
export const driverNeeded =
  (phases: readonly Phase[]) =>
  (host: ClusterHost): boolean =>
    needsServer(phases, host);

/** Whether these phases bring programs to any host, so that there must be archives of them. */
export const needsArtifacts = (phases: readonly Phase[], { hosts }: Cluster): boolean =>
  phases.some((phase) => ['stage', 'server', 'agent'].includes(phase.name) && hosts.some(phase.concerns));

/** A finished apply: what happened, and where the panel is. */
export type ApplyResult = RunResult & { readonly panelUrl?: string; readonly signInUrl?: string };

/**
 * Makes a working cluster of the hosts of an inventory. Idempotent: a second run changes nothing. Interrupted or failed anywhere,
 * the same call goes on. Never throws for a host's failure: see `failures`.
 * @throws ProvisionError, before any host is asked, when a phase is left out that another needs, or a host_ variable makes no sense
 */
export async function apply(options: ApplyOptions, reporter: RunReporter): Promise<ApplyResult> {
  const { phases = applyPhases, limit, folder = '.', ...rest } = options;
  const { hosts } = options.cluster;
  const choice = { all: applyPhases, chosen: phases, hosts, isLimited: ({ name }: ClusterHost) => limit?.has(name) ?? true };
  requireNeeded(choice);
  const toPrepare = phases.includes(preparePhase as Phase)
    ? hosts.filter((host) => choice.isLimited(host) && preparePhase.concerns(host))
    : [];
  const prepared = new Map(await Promise.all(toPrepare.map(async (host) => [host.name, await readPrepared(host, folder)] as const)));
  const run: Run = { ...rest, prepared, hosts: hosts.map((host) => ({ host, ...partOf(host, choice) })) };
  try {
    const result = await runPhases(phases, run, reporter);
    return {
      ...result,
      ...(run.panelUrl === undefined ? {} : { panelUrl: run.panelUrl }),
      ...(run.signInUrl === undefined ? {} : { signInUrl: run.signInUrl }),
    };
  } finally {
    await letGo(run.hosts);
  }
}
