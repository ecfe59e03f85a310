import { applyPhases } from './apply.ts';
import { partOf, requireNeeded } from './engine/choose-phases.ts';
import type { Phase } from './engine/phase.ts';
import type { Cluster, ClusterHost } from './host/cluster.ts';
import { requireFirewallWords } from './firewall/rules.ts';
import { requireKnownChecks } from './preflight/checks.ts';
import { ProvisionError } from './provision-error.ts';

/** Which hosts a run of `apply` will log in to. */
export type HostsOfRun = {
  /** Those that it works on, in the order of the inventory. */
  readonly changed: readonly ClusterHost[];
  /** Those that it looks at besides, because the others need it: the management server's host, say. */
  readonly looked: readonly ClusterHost[];
};

/**
 * The hosts of a run, before any is asked. Pure.
 * @throws ProvisionError for a host of the limit on which nothing is to be done, and for phases that do not go without those left out
 */
export function hostsOfRun(cluster: Cluster, chosen: readonly Phase[], limit?: readonly string[]): HostsOfRun {
  const { hosts } = cluster;
  const strangers = (limit ?? []).filter((name) => !hosts.some((host) => host.name === name));
  if (strangers.length > 0) {
    throw new ProvisionError(
      `Nothing is to be done on these hosts of the limit, which have no role in the cluster: ${strangers.join(', ')}. Leave them out.`,
    );
  }
  requireKnownChecks(cluster);
  requireFirewallWords(hosts);
  const limited = limit === undefined ? undefined : new Set(limit);
  const choice = { all: applyPhases, chosen, hosts, isLimited: ({ name }: ClusterHost) => limited?.has(name) ?? true };
  requireNeeded(choice);
  return { changed: hosts.filter(choice.isLimited), looked: hosts.filter((host) => partOf(host, choice).part === 'observed') };
}
