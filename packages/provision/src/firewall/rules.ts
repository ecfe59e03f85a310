import { isUsable } from '../host/preflight.ts';
import type { HostRun, Run } from '../engine/phase.ts';
import type { ClusterHost } from '../host/cluster.ts';
import { flagVariable } from '../host/variables.ts';
import { type Opening, openingsOf, portRoles } from '../preflight/port-table.ts';

/**
 * One thing that a firewall is to let in, whatever firewall it is. `source` is an address, a network such as `10.42.0.0/16`, or `any`;
 * `port` is `any` for a network that is trusted altogether.
 */
export type Rule = {
  readonly protocol: 'tcp' | 'udp' | 'any';
  readonly port: number | 'any';
  readonly source: string;
  /** The host that it is for; `-` for what is for all. */
  readonly owner: string;
};

/** Networks of pods and services as k3s has them where nobody says otherwise: pods call the API server and kubelets from there. */
const podNetworks = ['10.42.0.0/16', '10.43.0.0/16'];

/** Whether a run may open the host's firewall: `muster_firewall`. @throws ProvisionError for a word that is neither yes nor no */
export const wantsFirewall = (host: ClusterHost): boolean => flagVariable(host, 'muster_firewall', true);

/** Refuses a `muster_firewall` that is neither yes nor no before anything is asked of a host. @throws ProvisionError */
export function requireFirewallWords(hosts: readonly ClusterHost[]): void {
  for (const host of hosts) wantsFirewall(host);
}

/** Whether this run opens the firewall of a host, so that what it closes now is no error yet. */
export const willOpen = ({ host, facts, part }: HostRun, run: Run): boolean =>
  run.opensFirewalls === true && part === undefined && (facts?.firewalls.length ?? 0) > 0 && wantsFirewall(host);

/**
 * What the firewall of a host has to let in, from the hosts whose addresses this run knows. Nothing where the host does without. Pure.
 */
export function wantedRules(target: HostRun, { cluster: { hosts }, hosts: runs }: Pick<Run, 'cluster' | 'hosts'>): Rule[] {
  if (!wantsFirewall(target.host)) return [];
  const roles = portRoles(hosts);
  const byName = new Map(runs.map((run) => [run.host.name, run]));
  const rules = openingsOf(target.host, hosts, roles).flatMap((opening) => rulesOf(opening, target, byName));
  const networks = roles.get(target.host.name)?.has('k3s-node') === true ? podNetworks : [];
  const all = [...rules, ...networks.map((source): Rule => ({ protocol: 'any', port: 'any', source, owner: '-' }))];
  return [...new Map(all.map((rule) => [ruleName(rule), rule])).values()];
}

/** What tells a rule from others: not for whom it is. */
export const ruleName = ({ protocol, port, source }: Omit<Rule, 'owner'>): string => `${protocol} ${port} ${source}`;

function rulesOf({ protocol, port, from }: Opening, target: HostRun, byName: ReadonlyMap<string, HostRun>): Rule[] {
  if (from === undefined) return [{ protocol, port, source: 'any', owner: '-' }];
  const source = byName.get(from);
  const addresses = source === undefined ? [] : sourceAddresses(source, target.address);
  return addresses.map((address) => ({ protocol, port, source: address, owner: from }));
}

const isV6 = (address: string): boolean => address.includes(':');

/** As whom a host is seen by one that it reaches at `target`: by its own address, else by any that it has of that family. Pure. */
function sourceAddresses({ address, facts }: HostRun, target: string | undefined): string[] {
  if (address === undefined) return [];
  if (target === undefined || isV6(target) === isV6(address)) return [address];
  const others = (facts?.addresses ?? []).map((one) => one.address);
  return others.filter((one) => isUsable(one) && isV6(one) === isV6(target));
}

/** A rule in words: `tcp/7421`, or the network that is let in to every port. */
export const portName = ({ protocol, port, source }: Rule): string => (port === 'any' ? `all ports for ${source}` : `${protocol}/${port}`);
