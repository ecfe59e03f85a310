import { letGo } from './engine/let-go.ts';
import { runPhases, type RunReporter, type RunResult } from './engine/run-phases.ts';
import type { Phase, Run } from './engine/phase.ts';
import { dockerPhase } from './docker/docker-phase.ts';
import { nvidiaPhase } from './nvidia/nvidia-phase.ts';
import { aptMirrorPhase } from './packages/apt-mirror-phase.ts';
import { agentPhase } from './phases/agent.ts';
import { connectPhase } from './phases/connect.ts';
import { controlPhase } from './phases/control.ts';
import { detectPhase } from './phases/detect.ts';
import { enrolPhase } from './phases/enrol.ts';
import { preflightPhase } from './phases/preflight.ts';
import { serverPhase } from './phases/server.ts';
import { stagePhase } from './phases/stage.ts';
import { verifyPhase } from './phases/verify.ts';
import { slurmControllerPhase } from './slurm/controller-phase.ts';
import { slurmNodesPhase } from './slurm/nodes-phase.ts';
import { slurmPackagesPhase } from './slurm/packages-phase.ts';

/** Everything `muster apply` does, in order. */
export const applyPhases: readonly Phase[] = [
  connectPhase,
  detectPhase,
  preflightPhase,
  stagePhase,
  aptMirrorPhase,
  dockerPhase,
  nvidiaPhase,
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
export type ApplyOptions = Omit<Run, 'hosts' | 'nodes' | 'control' | 'checks' | 'slurm' | 'panelUrl' | 'signInUrl'>;

/** A finished apply: what happened, and where the panel is. */
export type ApplyResult = RunResult & { readonly panelUrl?: string; readonly signInUrl?: string };

/**
 * Makes a working cluster of the hosts of an inventory. Idempotent: a second run changes nothing. Interrupted or failed anywhere,
 * the same call goes on. Never throws for a host's failure: see `failures`.
 */
export async function apply(options: ApplyOptions, reporter: RunReporter): Promise<ApplyResult> {
  const run: Run = { ...options, hosts: options.cluster.hosts.map((host) => ({ host })) };
  try {
    const result = await runPhases(applyPhases, run, reporter);
    return {
      ...result,
      ...(run.panelUrl === undefined ? {} : { panelUrl: run.panelUrl }),
      ...(run.signInUrl === undefined ? {} : { signInUrl: run.signInUrl }),
    };
  } finally {
    await letGo(run.hosts);
  }
}
