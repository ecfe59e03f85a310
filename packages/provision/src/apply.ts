import { choosePhases, needsServer, partOf, type PhaseChoice, requireNeeded } from './engine/choose-phases.ts';
import { letGo } from './engine/let-go.ts';
import { runPhases, type RunReporter, type RunResult } from './engine/run-phases.ts';
import type { Phase, Run } from './engine/phase.ts';
import type { Cluster, ClusterHost } from './host/cluster.ts';
import { runMuster } from './host/server-cli.ts';
import { dockerPhase } from './docker/docker-phase.ts';
import { nvidiaPhase } from './nvidia/nvidia-phase.ts';
import { firewallPhase } from './firewall/firewall-phase.ts';
import { reachPhase } from './firewall/reach-phase.ts';
import { requireFirewallWords } from './firewall/rules.ts';
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
import { requireKnownChecks } from './preflight/checks.ts';
import { k3sAgentsPhase } from './k3s/agents-phase.ts';
import { artifactsPhase } from './k3s/artifacts-phase.ts';
import { k3sServersPhase } from './k3s/servers-phase.ts';
import { hubPhase } from './hub/hub-phase.ts';
import { registryPhase } from './registry/registry-phase.ts';
import { dnsmasqPhase } from './network/dnsmasq-phase.ts';
import { gatewayPhase } from './network/gateway-phase.ts';
import { netbootPhase } from './network/netboot-phase.ts';
import { ntpPhase } from './network/ntp-phase.ts';
import { resolversPhase } from './network/resolvers-phase.ts';
import { requireNetboot } from './network/wanted-netboot.ts';
import { requireNetwork } from './network/wanted-network.ts';
import { poolAccountPhase } from './pool/account-phase.ts';
import type { RotationStep } from './pool/rotation.ts';
import { poolSettingsPhase } from './pool/settings-phase.ts';
import { poolDatabasePhase } from './pool/database-phase.ts';
import { poolEtcdPhase } from './pool/etcd-phase.ts';
import { poolKeyPhase } from './pool/key-phase.ts';
import { poolMovePhase } from './pool/move-phase.ts';
import { poolPackagesPhase } from './pool/packages-phase.ts';
import { poolQuorumPhase } from './pool/quorum-phase.ts';
import { poolRecordPhase } from './pool/record-phase.ts';
import { preparePhase } from './prepare/prepare-phase.ts';
import { readPrepared } from './prepare/read-prepared.ts';
import { slurmControllerPhase } from './slurm/controller-phase.ts';
import { slurmNodesPhase } from './slurm/nodes-phase.ts';
import { slurmPackagesPhase } from './slurm/packages-phase.ts';
import { slurmStatePhase } from './slurm/state-phase.ts';

/** Everything `muster apply` does, in order. */
export const applyPhases: readonly Phase[] = [
  connectPhase,
  detectPhase,
  artifactsPhase,
  preflightPhase,
  firewallPhase,
  reachPhase,
  aptMirrorPhase,
  preparePhase,
  ntpPhase,
  netbootPhase,
  dnsmasqPhase,
  resolversPhase,
  gatewayPhase,
  stagePhase,
  dockerPhase,
  nvidiaPhase,
  poolRecordPhase,
  poolPackagesPhase,
  poolEtcdPhase,
  poolQuorumPhase,
  poolDatabasePhase,
  poolAccountPhase,
  poolSettingsPhase,
  poolKeyPhase,
  poolMovePhase,
  serverPhase,
  agentPhase,
  enrolPhase,
  controlPhase,
  registryPhase,
  k3sServersPhase,
  k3sAgentsPhase,
  slurmPackagesPhase,
  slurmStatePhase,
  slurmControllerPhase,
  slurmNodesPhase,
  hubPhase,
  verifyPhase,
].map((phase) => phase as Phase);

/** Those that go by what the inventory says of addresses. */
const networkPhases = [ntpPhase, netbootPhase, dnsmasqPhase, resolversPhase, gatewayPhase] as readonly Phase[];

/** What `apply` takes besides the hosts it makes itself. */
export type ApplyOptions = Omit<
  Run,
  | 'hosts'
  | 'nodes'
  | 'control'
  | 'reach'
  | 'opensFirewalls'
  | 'installsAgents'
  | 'postponed'
  | 'checks'
  | 'slurm'
  | 'slurmState'
  | 'reboots'
  | 'k3s'
  | 'pool'
  | 'masterKey'
  | 'unmoved'
  | 'stoppedBy'
  | 'prepared'
  | 'panelUrl'
  | 'signInUrl'
> & {
  /** The phases to run, of `phasesFor`; all without it. */
  readonly phases?: readonly Phase[];
  /** Names of the only hosts to change; the others are at most looked at. All without it. */
  readonly limit?: ReadonlySet<string>;
  /** Called at the end with the management server, where the run has found or made one. A dry run gets it too. */
  readonly atEnd?: (result: ApplyResult, server: ServerAtEnd) => Promise<void>;
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

/** The management server as a run leaves it. */
export type ServerAtEnd = {
  /** The nodes that an inventory has made, this one or one before; `isHeard`: its agent is there, so it can be drained. */
  readonly nodesOfInventory: readonly { readonly name: string; readonly isHeard: boolean }[];
  /** Runs the muster command there, as root; returns what it printed. @throws ProvisionError with what it said when it fails */
  readonly muster: (args: readonly string[], stdin?: string) => Promise<string>;
};

/** A finished apply: what happened, where the panel is, and how far a change of the pool's authority is that goes on. */
export type ApplyResult = RunResult & { readonly panelUrl?: string; readonly signInUrl?: string; readonly rotation?: RotationStep };

/**
 * Makes a working cluster of the hosts of an inventory. Idempotent: a second run changes nothing. Interrupted or failed anywhere,
 * the same call goes on. Never throws for a host's failure: see `failures`.
 * @throws ProvisionError, before any host is asked, when a phase is left out that another needs, a variable makes no sense, addresses of the
 * network do not go together, or a variable names a check that there is not
 */
export async function apply({ atEnd, ...options }: ApplyOptions, reporter: RunReporter): Promise<ApplyResult> {
  const { phases = applyPhases, limit, ...rest } = options;
  const { hosts } = options.cluster;
  requireKnownChecks(options.cluster);
  requireFirewallWords(hosts);
  if (phases.some((phase) => networkPhases.includes(phase))) {
    requireNetwork(hosts);
    requireNetboot(hosts);
  }
  const choice = { all: applyPhases, chosen: phases, hosts, isLimited: ({ name }: ClusterHost) => limit?.has(name) ?? true };
  requireNeeded(choice);
  const toPrepare = phases.includes(preparePhase as Phase)
    ? hosts.filter((host) => choice.isLimited(host) && preparePhase.concerns(host))
    : [];
  const prepared = new Map(
    await Promise.all(toPrepare.map(async (host) => [host.name, await readPrepared(host, rest.inventoryFolder ?? '.')] as const)),
  );
  const opensFirewalls = [firewallPhase, reachPhase].every((phase) => phases.includes(phase as Phase));
  const installsAgents = phases.includes(agentPhase as Phase) || !phases.includes(serverPhase as Phase);
  const run: Run = { ...rest, opensFirewalls, installsAgents, prepared, hosts: hosts.map((host) => ({ host, ...partOf(host, choice) })) };
  try {
    const outcome = await runPhases(phases, run, reporter);
    const result: ApplyResult = {
      ...outcome,
      ...(run.panelUrl === undefined ? {} : { panelUrl: run.panelUrl }),
      ...(run.signInUrl === undefined ? {} : { signInUrl: run.signInUrl }),
      ...(run.pool?.rotation === undefined ? {} : { rotation: run.pool.rotation.step }),
    };
    const server = serverOf(run);
    if (server !== undefined) await atEnd?.(result, server);
    return result;
  } finally {
    await letGo(run.hosts);
  }
}

function serverOf(run: Run): ServerAtEnd | undefined {
  const server = run.hosts.find(
    ({ host, connection, failed }) => host.roles.includes('driver') && connection !== undefined && failed !== true,
  );
  const connection = server?.connection;
  if (run.nodes === undefined || connection === undefined || run.signal.aborted) return undefined;
  return {
    nodesOfInventory: [...run.nodes.values()]
      .filter(({ isOfInventory }) => isOfInventory)
      .map(({ name, certified, health }) => ({ name, isHeard: certified && (health === 'good' || health === 'degraded') })),
    muster: (args, stdin) => runMuster(connection, args, { signal: run.signal, ...(stdin === undefined ? {} : { stdin }) }),
  };
}
