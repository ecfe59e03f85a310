export { giveAccess, type Given } from './access/give-access.ts';
export {
  apply,
  applyPhases,
  type ApplyOptions,
  type ApplyResult,
  driverNeeded,
  needsArtifacts,
  phasesFor,
  type ServerAtEnd,
} from './apply.ts';
export type { Artifact, Artifacts } from './artifacts.ts';
export { type Check, judgeProvisioner, type ProvisionerFacts } from './doctor/judge-provisioner.ts';
export { copy, type Copied } from './copy/copy.ts';
export type { Failure } from './engine/failure.ts';
export type { Change } from './engine/phase.ts';
export { readHooks } from './hook-folder.ts';
export { type ControlExtent, controlExtent } from './host/control-files.ts';
export { type HostsOfRun, hostsOfRun } from './hosts-of-run.ts';
export type { HostOutcome, RunReporter, RunResult } from './engine/run-phases.ts';
export { type Cluster, type ClusterHost, clusterHosts, clusterOf, loginOf } from './host/cluster.ts';
export { type CheckedArtifact, checkArtifacts } from './k3s/check-artifacts.ts';
export { fetchKubeconfig, type KubeconfigOptions } from './k3s/kubeconfig.ts';
export { ping, type PingOptions, type Pong } from './ping.ts';
export { type CheckName, checkNames, checks, readCheckNames } from './preflight/checks.ts';
export { ProvisionError } from './provision-error.ts';
export { type Forgotten, forgetGone } from './reset/forget-gone.ts';
export { reset, type ResetOptions, resetPhaseNames } from './reset/reset.ts';
export { inventoryText, type SaidLogin } from './survey/inventory-lines.ts';
export { survey, type Surveyed } from './survey/survey.ts';
export { isVoter } from './pool/members.ts';
export { poolRotationPhases } from './pool/rotation.ts';
export { poolUpgradePhases } from './pool/upgrade.ts';
