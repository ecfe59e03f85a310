import type { Connection } from '@muster/ssh';
import type { Artifacts } from '../artifacts.ts';
import type { Cluster, ClusterHost } from '../host/cluster.ts';
import type { HostFacts } from '../host/host-facts.ts';

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
  connection?: Connection;
  facts?: HostFacts;
  /** Its address in the cluster's network. */
  address?: string;
  /** What is installed of the agent, after the phase that looked. */
  agent?: { readonly enrolled: boolean; readonly needsRestart: boolean };
  /** A fresh join token, while it is needed. */
  token?: string;
  /** Set once a phase has failed on it: it takes no further part in the run. */
  failed?: true;
};

/** One run over a cluster. */
export type Run = {
  readonly cluster: Cluster;
  readonly hosts: readonly HostRun[];
  readonly artifacts: Artifacts;
  readonly forks: number;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  readonly nowMs: () => number;
  /** Opens the connection of a host; the run closes it. */
  readonly connect: (host: ClusterHost) => Promise<Connection>;
  /** Nodes the management server knows, by name; undefined while there is no server to ask. */
  nodes?: ReadonlyMap<string, KnownNode>;
  /** How to reach the panel, once the server is up. */
  panelUrl?: string;
  signInUrl?: string;
};

/** What the server says of a node. */
export type KnownNode = {
  readonly name: string;
  readonly privateIp: string | null;
  readonly groups: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly registration: string;
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
  /** Looks once for all hosts, where that is cheaper. Changes nothing. */
  readonly before?: (hosts: readonly HostRun[], run: Run) => Promise<void>;
  readonly observe: (host: HostRun, run: Run) => Promise<Observed>;
  readonly plan: (observed: Observed, host: HostRun, run: Run) => readonly Change[];
  /** Done once before acting, for the hosts that will be changed. */
  readonly beforeAct?: (hosts: readonly HostRun[], run: Run) => Promise<void>;
  readonly act?: (observed: Observed, host: HostRun, run: Run) => Promise<void>;
  readonly verify?: (host: HostRun, run: Run) => Promise<void>;
};
