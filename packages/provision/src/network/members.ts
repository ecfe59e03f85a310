import type { ClusterHost } from '../host/cluster.ts';
import { flagVariable, rawVariable, textVariable } from '../host/variables.ts';
import { ProvisionError } from '../provision-error.ts';
import { parseIp4 } from './ip4.ts';

/** What a management server can give to the nodes' network. */
export type NetworkService = 'ntp' | 'dns' | 'dhcp' | 'tftp' | 'netboot';

const switches = { ntp: 'muster_ntp', dns: 'muster_dns', dhcp: 'muster_dhcp', tftp: 'muster_tftp', netboot: 'muster_netboot' } as const;

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

/** Whether a server gives addresses of the dynamic range: always, never, or while its machine has the primary of the database. */
export type RangeHold = 'holder' | 'second' | 'follows';

/**
 * Whether the range follows the primary of the pool's own database: where several servers give DHCP, and every one that could be the primary is
 * among them. Pure.
 */
export function rangeFollowsPrimary(hosts: readonly ClusterHost[]): boolean {
  const candidates = hosts.filter(({ roles }) => roles.includes('database'));
  return candidates.length > 1 && candidates.every((host) => offers(host, 'dhcp'));
}

/**
 * What a server that gives DHCP is to the dynamic range: exactly one holds it, or two machines would get one address. Where there is no primary
 * to follow (one server, a PostgreSQL of the user's, DHCP on some members only) that is the first of the group. Pure.
 */
export function rangeHoldOf(host: ClusterHost, hosts: readonly ClusterHost[]): RangeHold {
  if (rangeFollowsPrimary(hosts)) return 'follows';
  return serversOf(hosts, 'dhcp')[0] === host ? 'holder' : 'second';
}

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
