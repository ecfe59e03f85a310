import type { HostRun } from '../engine/phase.ts';
import { ProvisionError } from '../provision-error.ts';
import { formatIp4, type Ip4Network, isHostOf, networkAround, networkText, parseIp4 } from './ip4.ts';
import { gatewayOf } from './wanted-gateway.ts';
import type { DhcpRange, NetworkNode } from './wanted-network.ts';

/** Where a management server is in the cluster's network. */
export type OwnPlace = { readonly interface: string; readonly address: string; readonly network: Ip4Network };

/** The same, as the host says it; undefined for one without an IPv4 address there. Pure. */
export function placeOf({ facts, address }: Pick<HostRun, 'facts' | 'address'>): OwnPlace | undefined {
  const found = facts?.addresses.find((one) => one.address === address && one.prefixLength !== undefined);
  const at = found === undefined ? undefined : parseIp4(found.address);
  if (found === undefined || at === undefined) return undefined;
  return { interface: found.interface, address: found.address, network: networkAround(at, found.prefixLength ?? 32) };
}

/** @throws ProvisionError for a host without an IPv4 address in the cluster's network */
export function requirePlace(host: HostRun): OwnPlace {
  const place = placeOf(host);
  if (place !== undefined) return place;
  throw new ProvisionError(`${host.host.name} has no IPv4 address in the cluster's network. Set my_iface for it.`);
}

/** What DHCP on this interface could not give, in sentences that go on after the server's name. Pure. */
export function outsideOf({ interface: name, network }: OwnPlace, nodes: readonly NetworkNode[], range: DhcpRange | undefined): string[] {
  const where = `the network ${networkText(network)} of its interface ${name}`;
  const strangers = nodes.filter(({ address, macs }) => macs.length > 0 && !isHostOf(network, parseIp4(address) ?? -1));
  const isRangeInside = range === undefined || (isHostOf(network, range.first) && isHostOf(network, range.last));
  return [
    ...(isRangeInside ? [] : [`its muster_dhcp_range ${formatIp4(range.first)}-${formatIp4(range.last)} is not in ${where}`]),
    ...strangers.map((node) => `DHCP cannot give ${node.address} to ${node.name}, which is not in ${where}`),
  ];
}

/** Why a member cannot have the address of the way out, in sentences that go on after its name. Pure. */
export function gatewayFaults(host: Pick<HostRun, 'host' | 'facts' | 'address'>): string[] {
  const gateway = gatewayOf(host.host);
  if (gateway === undefined) return [];
  const place = placeOf(host);
  if (place === undefined) return ["it has no IPv4 address in the cluster's network for muster_gateway_address: set my_iface for it"];
  const { network } = place;
  return isHostOf(network, gateway.address) && network.prefixLength === gateway.prefixLength
    ? []
    : [
        `muster_gateway_address ${gateway.text}/${gateway.prefixLength} is not of the network ${networkText(network)} of its interface ${place.interface}`,
      ];
}
