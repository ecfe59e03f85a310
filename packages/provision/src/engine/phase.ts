import type { AgentCheck, AgentControl } from '@muster/api';
import type { Connection } from '@muster/ssh';
import type { Artifacts } from '../artifacts.ts';
import type { Cluster, ClusterHost } from '../host/cluster.ts';
import type { HostFacts } from '../host/host-facts.ts';
import type { EnrolmentVerdict } from '../host/judge-enrolment.ts';
import type { ManagedFile } from '../host/managed-file.ts';
import type { RebootPatience } from '../host/reboot.ts';
import type { RebootTurns } from '../host/reboot-turns.ts';
import type { Release } from '../host/run-lock.ts';
import type { CheckName, Finding } from '../preflight/checks.ts';
import type { Need } from '../preflight/port-table.ts';
import type { K3sSeen } from '../k3s/look.ts';
import type { K3sShared } from '../k3s/shared.ts';
import type { Hooks } from './hooks.ts';
import type { PoolRecord } from '../pool/record.ts';
import type { UpgradePatience } from '../pool/upgrade.ts';
import type { Prepared } from '../prepare/prepared.ts';
import type { SlurmHardware } from '../slurm/hardware.ts';
import type { SlurmSeen } from '../slurm/services.ts';
import type { StateWork } from '../slurm/state-decisions.ts';

/** One thing that would be, or was, changed on a host. */
export type Change = {
  /** What, in words: `write /etc/muster/agent.json`. */
  readonly what: string;
  /** For a file, what it will hold. */
  readonly content?: string;
};

/** A host during one run, with what the phases so far have found out. */
export type HostRun = {
  readonly host: ClusterHost;
  /**
   * Set on a host outside --limit: `observed` where others need what is found out there (the driver, a witness, the controller of Slurm, a server of k3s, the registry), which is
   * looked at and never changed; `absent` on all others, which nobody logs in to, except to a server of k3s for pods that have to move.
   */
  readonly part?: 'observed' | 'absent';
  /** Names of the phases that would have changed an observed host. */
  heldBack?: string[];
  connection?: Connection;
  /** Lets other runs work on it again. */
  release?: Release;
  facts?: HostFacts;
  /** Its address in the cluster's network. */
  address?: string;
  /** What is installed of the agent, after the phase that looked. */
  agent?: { readonly enrolment: EnrolmentVerdict; readonly isMarked: boolean; readonly needsRestart: boolean };
  /** What its slurmd says of the machine, once that is installed. */
  slurm?: SlurmHardware;
  /** What it has of the pool's etcd, once that was looked at: data of its own, whether the cluster has ever had a quorum; `isAway` while a run starts it anew. */
  etcd?: { readonly hasData: boolean; readonly isFounded: boolean; readonly isAway?: true };
  /** What it has of a server that shares its database: its key file, a database of its own from before, whether it uses the shared one already. */
  server?: { readonly keyHash: string; readonly hasEmbedded: boolean; readonly isShared: boolean };
  /** Which member of the pool its server is, whether the primary is on its machine, and the agents it had; undefined where the server does not work. */
  member?: { readonly id: string; readonly isPrimary: boolean; readonly agents: number };
  /** What it has of k3s, once that was looked at. */
  k3s?: K3sSeen;
  /** The port of its SSH server as the host itself sees it: behind a forwarded port another one than the inventory's. */
  control?: { readonly port: number };
  /** The node that the server made of it, and a fresh join token, while they are needed. */
  nodeId?: string;
  token?: string;
  /** Those for whom a rule of its firewall was missing when the phase looked; `-` for a rule that is for all. */
  closedTo?: ReadonlySet<string>;
  /** What the phase at work has to say of it that stops nothing; told with its outcome. */
  warnings?: readonly string[];
  /** Set once a phase has failed on it: it takes no further part in the run. */
  failed?: true;
};

/** One run over a cluster. */
export type Run = {
  readonly cluster: Cluster;
  readonly hosts: readonly HostRun[];
  readonly artifacts: Artifacts;
  readonly forks: number;
  /** Folder of this machine that paths of the inventory are relative to: where it lies. Default: the working folder. */
  readonly inventoryFolder?: string;
  readonly dryRun: boolean;
  /** Who runs this, for whoever wants to work on the same hosts meanwhile: person, machine, command, since when. */
  readonly holder: string;
  /** Names of the hosts that may take the place of a machine that holds a certificate: the old one is revoked. */
  readonly reissue: ReadonlySet<string>;
  /** Whether the pool's own authority is changed, by one step of three (see `pool/rotation.ts`). */
  readonly turnsAuthority?: boolean;
  /** Checks of the preflight that are left out on all hosts. */
  readonly skippedChecks?: ReadonlySet<CheckName>;
  /** Whether ports that were reached within the last day are tried again. */
  readonly recheck?: boolean;
  /** Called around the phases, on this machine; not in a dry run. */
  readonly hooks?: Hooks;
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
  /** Opens the connection of a host; the run closes it. */
  readonly connect: (host: ClusterHost) => Promise<Connection>;
  /** Nodes the management server knows, by name; undefined while there is no server to ask. */
  nodes?: ReadonlyMap<string, KnownNode>;
  /** How the server reaches nodes over SSH, after the phase that asked it; undefined while there is no server to ask. */
  control?: KnownControl;
  /** What the test of the network between hosts has found, by host. */
  reach?: ReadonlyMap<string, readonly Finding[]>;
  /** Whether firewalls of the hosts are opened in this run, and what was reached is tried again then. */
  readonly opensFirewalls?: boolean;
  /** False where servers are installed and no agents: their release is not brought to the hosts then. */
  readonly installsAgents?: boolean;
  /** What was not reached of hosts whose firewall is to be opened in this run. */
  postponed?: readonly Need[];
  /** What the server found when it logged in to the nodes by itself, by name. */
  checks?: ReadonlyMap<string, Pick<AgentCheck, 'reached' | 'message'>>;
  /** What the nodes of Slurm take from its controller, after the phase that made it. */
  slurm?: SlurmShared;
  /** What is to be done about the folder of its controllers' state. */
  slurmState?: StateWork;
  /** What the machines of a k3s cluster share, after a look at its servers. */
  k3s?: K3sShared;
  /** How long a host that reboots is waited for. Default: 20 minutes, asked every two seconds. */
  readonly rebootPatience?: RebootPatience;
  /** How long a pool is waited for while one of its servers is stopped. */
  readonly upgradePatience?: UpgradePatience;
  /** Who reboots when, of those that are members of a running cluster. */
  reboots?: RebootTurns;
  /** Whom the pool of management servers has, and its secrets, after the phase that looked. */
  pool?: PoolRecord;
  /** The member at whose server this run failed: no server of the pool that works is stopped after that. */
  stoppedBy?: string;
  /** The host whose embedded database is still to be moved: until then no server may use the shared one. */
  unmoved?: string;
  /** The key file of the servers, while they are given it. */
  masterKey?: Buffer;
  /** What the inventory says the hosts should have, by name; only of those that a run prepares. */
  prepared?: ReadonlyMap<string, Prepared>;
  /** How to reach the panel, once the server is up. */
  panelUrl?: string;
  signInUrl?: string;
};

/** What is the same on every machine of a Slurm cluster. */
export type SlurmShared = {
  /** Undefined in a dry run while no node can say yet what it has. */
  readonly files: readonly ManagedFile[] | undefined;
  /** SHA-256 of the lead's munge key; `none` while there is none. */
  readonly keyHash: string;
  /** Name of the controller whose key and configuration the others take. */
  readonly lead: string;
  /** What was seen of each controller when the phase of the controllers began. */
  readonly controllers: ReadonlyMap<string, SlurmSeen>;
  /** The key itself, base64, while nodes need it. It travels on standard input only. */
  key?: string;
};

/** The server's own SSH key, and the nodes on which it was installed. */
export type KnownControl = {
  readonly publicKey: string;
  /** The key that is to follow, which hosts get besides; null while none is. */
  readonly nextPublicKey: string | null;
  readonly nodes: ReadonlyMap<string, Pick<AgentControl, 'address' | 'port' | 'hostKeys' | 'full'>>;
};

/** What the server says of a node. */
export type KnownNode = {
  readonly id: string;
  readonly name: string;
  readonly privateIp: string | null;
  readonly groups: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly registration: string;
  /** Whether its name is an inventory's: then a run has made it. */
  readonly isOfInventory: boolean;
  /** Whether its agent has been heard with the certificate it now has. */
  readonly certified: boolean;
  readonly health: string;
  readonly reasons: readonly string[];
};

/**
 * One step of a run, on each host it concerns. Observing changes nothing, so a dry run may; planning is pure; acting makes true
 * what was planned and may be repeated after any failure; verifying looks again.
 */
export type Phase<Observed = unknown> = {
  readonly name: string;
  readonly concerns: (host: ClusterHost) => boolean;
  /** Names of the phases whose results it needs: they cannot be left out where it is not. */
  readonly needs?: readonly string[];
  /** It finds out what other hosts need, so it also looks at an observed host outside --limit. */
  readonly informs?: true;
  /** On how many hosts it acts at the same time, where that is fewer than `forks`. */
  readonly atOnce?: number;
  /** In which order it acts on hosts. Default: that of the inventory. */
  readonly order?: (hosts: readonly HostRun[], run: Run) => readonly HostRun[];
  /** Looks once for all hosts, where that is cheaper. Changes nothing. */
  readonly before?: (hosts: readonly HostRun[], run: Run) => Promise<void>;
  readonly observe: (host: HostRun, run: Run) => Promise<Observed>;
  readonly plan: (observed: Observed, host: HostRun, run: Run) => readonly Change[];
  /** Done once before acting, for the hosts that will be changed. */
  readonly beforeAct?: (hosts: readonly HostRun[], run: Run) => Promise<void>;
  readonly act?: (observed: Observed, host: HostRun, run: Run) => Promise<void>;
  /** What `verify` proves is owed until it has succeeded: a mark on the host says so, which `observe` reads (see `host/proof.ts`). */
  readonly owesProof?: true;
  readonly verify?: (host: HostRun, run: Run) => Promise<void>;
};
