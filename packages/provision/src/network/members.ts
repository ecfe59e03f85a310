import type { ClusterHost } from '../host/cluster.ts';
import { flagVariable, rawVariable, textVariable } from '../host/variables.ts';
import { ProvisionError } from '../provision-error.ts';
import { parseIp4 } from './ip4.ts';

/** What a management server can give to the nodes' network. */
export type NetworkService = 'ntp' | 'dns' | 'dhcp' | 'tftp';

const switches = { ntp: 'muster_ntp', dns: 'muster_dns', dhcp: 'muster_dhcp', tftp: 'muster_tftp' } as const;

/** Whether the inventory says anything of one of these services for a host, also that it is off: what was there before is then taken away. */
export const isAsked = (host: ClusterHost, services: readonly NetworkService[]): boolean =>
  services.some((service) => rawVariable(host, switches[service]) !== undefined);

/** Whether a service is on for a host. @throws ProvisionError for a word that is neither yes nor no */
export const isOn = (host: ClusterHost, service: NetworkService): boolean => flagVariable(host, switches[service], false);

const isMember = ({ roles }: ClusterHost): boolean => roles.includes('driver');

/** Whether a host is a management server that gives a service. */
export const offers = (host: ClusterHost, service: NetworkService): boolean => isMember(host) && isOn(host, service);

/** The management servers that give a service, in the order of the inventory. */
export const serversOf = (hosts: readonly ClusterHost[], service: NetworkService): readonly ClusterHost[] =>
  hosts.filter((host) => offers(host, service));

/**
 * Who of the servers that give DHCP also gives addresses of the dynamic range: exactly one, or two machines would get one address. For now the
 * first of the group. Whoever lets the range follow the primary of the database changes this function and nothing else. Pure.
 */
export const rangeHolder = (dhcpServers: readonly ClusterHost[]): ClusterHost | undefined => dhcpServers[0];

/**
 * The IPv4 address by which others reach a host in the cluster's network, as the inventory has it: `muster_address`, else `ansible_host`. Only
 * the inventory counts, so that a machine that is off keeps its names and its reservation. Undefined where it names none. Pure.
 */
export function namedAddress(host: ClusterHost): string | undefined {
  const text = textVariable(host, 'muster_address') ?? host.connection.address;
  return parseIp4(text) === undefined || text.startsWith('127.') ? undefined : text;
}

/** The same. @throws ProvisionError where it names none */
export function serviceAddress(host: ClusterHost): string {
  const address = namedAddress(host);
  if (address !== undefined) return address;
  throw new ProvisionError(
    `${host.name} has no IPv4 address in the inventory that the cluster's network could know it by. Set muster_address (or ansible_host) for it.`,
  );
}
