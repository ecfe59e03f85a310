import type { HostRun, Run } from '../engine/phase.ts';
import type { DnsmasqPlan } from './dnsmasq-files.ts';
import { leaseTimeOf } from './dnsmasq-files.ts';
import { isOn, offers, rangeHoldOf, serversOf, serviceAddress } from './members.ts';
import { outsideOf, placeOf, requirePlace } from './own-network.ts';
import { clusterGateway } from './wanted-gateway.ts';
import { bootFileOf, clusterRange, domainOf, networkNodes, routerOf, tftpRootOf } from './wanted-network.ts';

/** Whether a host is to run dnsmasq: a management server for which one of its services is on. */
export const givesNames = ({ host }: HostRun): boolean => offers(host, 'dns') || offers(host, 'dhcp') || offers(host, 'tftp');

/** Whether a host gives DHCP, and what of it its interface could not: in sentences; empty where all can be given. Pure. */
export function dhcpFaults(host: HostRun, { cluster: { hosts } }: Pick<Run, 'cluster'>): string[] {
  if (!givesNames(host)) return [];
  const place = placeOf(host);
  if (place === undefined) return ["it has no IPv4 address in the cluster's network for DNS, DHCP and TFTP: set my_iface for it"];
  return offers(host.host, 'dhcp') ? outsideOf(place, networkNodes(hosts), clusterRange(hosts)) : [];
}

/** What a management server gives. @throws ProvisionError where the inventory or the host's interface does not allow it */
export function dnsmasqPlan(host: HostRun, { cluster: { hosts } }: Pick<Run, 'cluster'>, upstreamFile: string): DnsmasqPlan {
  const own = host.host;
  const isNaming = isOn(own, 'dns') || isOn(own, 'dhcp');
  return {
    place: requirePlace(host),
    nodes: isNaming ? networkNodes(hosts) : [],
    domain: domainOf(own),
    dns: isOn(own, 'dns') ? { upstreamFile } : undefined,
    dhcp: isOn(own, 'dhcp') ? dhcpPlan(host, hosts) : undefined,
    tftpRoot: isOn(own, 'tftp') ? tftpRootOf(own) : undefined,
  };
}

function dhcpPlan({ host }: HostRun, hosts: Run['cluster']['hosts']): DnsmasqPlan['dhcp'] {
  const range = clusterRange(hosts);
  return {
    range,
    hold: rangeHoldOf(host, hosts),
    leaseTime: leaseTimeOf(range),
    router: routerOf(host) ?? clusterGateway(hosts)?.text,
    bootFile: bootFileOf(host),
    isNetboot: isOn(host, 'netboot'),
    nameServers: serversOf(hosts, 'dns').map(serviceAddress),
    timeServers: serversOf(hosts, 'ntp').map(serviceAddress),
  };
}
