import { IpAddress } from '@muster/api';
import type { ClusterHost } from './cluster.ts';
import { textVariable } from './variables.ts';
import type { HostFacts } from './host-facts.ts';

/** Architectures with a Node.js of ours, by what `uname -m` calls them. */
export const architectures: Readonly<Record<string, 'x64' | 'arm64'>> = { x86_64: 'x64', aarch64: 'arm64' };

/**
 * The address of a host in the cluster's network: the one of `my_iface`, else the one we have `reached` it by when that is an address
 * others can use, else the one from which it reaches others. IPv4 before IPv6; undefined when there is none. What a host says of itself
 * counts only where it is an address, one of its interfaces, and neither loopback nor link-local: it goes into a certificate.
 */
export function clusterAddress(host: ClusterHost, facts: HostFacts, reached = host.connection.address): string | undefined {
  const usable = facts.addresses.filter(({ address }) => isUsable(address));
  const wanted = textVariable(host, 'my_iface');
  if (wanted !== undefined) return byFamily(usable.filter((one) => one.interface === wanted))[0];
  if (usable.some((one) => one.address === reached)) return reached;
  return usable.some((one) => one.address === facts.routeAddress) ? facts.routeAddress : byFamily(usable)[0];
}

/** Whether others can use an address: no loopback, no link-local one. */
export const isUsable = (address: string): boolean =>
  IpAddress.safeParse(address).success && !/^(?:127\.|169\.254\.|0\.|::1$|::$|fe80:)/iu.test(address);

const byFamily = (list: HostFacts['addresses']): string[] =>
  list.map((one) => one.address).toSorted((a, b) => Number(a.includes(':')) - Number(b.includes(':')));
