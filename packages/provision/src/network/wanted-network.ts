import { type ClusterHost, isNode } from '../host/cluster.ts';
import { flagVariable, listVariable, rawVariable, textVariable } from '../host/variables.ts';
import { ProvisionError } from '../provision-error.ts';
import { formatIp4, parseIp4 } from './ip4.ts';
import { clusterGateway, type Gateway, gatewayMembers } from './wanted-gateway.ts';
import { isOn, namedAddress, serversOf, serviceAddress } from './members.ts';

/** A machine that DNS names and, where its card is known, DHCP gives its own address. */
export type NetworkNode = { readonly name: string; readonly address: string; readonly macs: readonly string[] };

/** Addresses that DHCP gives to machines it does not know; the ends are given too. `leaseTime` as dnsmasq has it: `12h`. */
export type DhcpRange = { readonly first: number; readonly last: number; readonly leaseTime: string };

/** How long an address is lent where nothing else is said. */
export const usualLeaseTime = '12h';

const refuse = (host: ClusterHost, variable: string, why: string): never => {
  throw new ProvisionError(`${host.name}: ${variable} ${why}.`);
};

/** A variable that is one word of a kind. @throws ProvisionError for another */
function wordVariable(
  host: ClusterHost,
  variable: string,
  text: string | undefined,
  { pattern, example }: { readonly pattern: RegExp; readonly example: string },
): string | undefined {
  return text === undefined || pattern.test(text) ? text : refuse(host, variable, `is "${text}": write it as ${example}`);
}

/** The domain of the nodes' names. @throws ProvisionError */
export const domainOf = (host: ClusterHost): string | undefined =>
  wordVariable(host, 'muster_domain', textVariable(host, 'muster_domain'), {
    pattern: /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*$/iu,
    example: 'cluster.lan',
  });

/** Where boot files lie. @throws ProvisionError */
export const tftpRootOf = (host: ClusterHost): string =>
  wordVariable(host, 'muster_tftp_root', textVariable(host, 'muster_tftp_root'), {
    pattern: /^(?:\/(?!\.\.?(?:\/|$))[\w.-]+)+$/u,
    example: '/srv/tftp',
  }) ?? '/srv/tftp';

/** What machines are told to boot; `{server}` in it is the address of whoever answers. @throws ProvisionError */
export const bootFileOf = (host: ClusterHost): string | undefined =>
  wordVariable(host, 'muster_boot_file', textVariable(host, 'muster_boot_file'), {
    pattern: /^[\w./:{}?&=%~+-]+$/u,
    example: 'pxelinux.0 or http://{server}/boot.ipxe',
  });

/** The way out that DHCP tells of. @throws ProvisionError */
export function routerOf(host: ClusterHost): string | undefined {
  const text = textVariable(host, 'muster_dhcp_router');
  return text === undefined || parseIp4(text) !== undefined
    ? text
    : refuse(host, 'muster_dhcp_router', `is "${text}", and no IPv4 address`);
}

/** Time servers outside; `pool:` before a name that stands for many. @throws ProvisionError */
export function timeSourcesOf(host: ClusterHost): readonly string[] {
  const sources = listVariable(host, 'muster_ntp_sources') ?? [];
  const wrong = sources.find((one) => !/^(?:pool:)?[\w.-]+$/u.test(one) && !/^[\da-f:]+$/iu.test(one));
  return wrong === undefined ? sources : refuse(host, 'muster_ntp_sources', `names "${wrong}": write names and addresses, or pool:NAME`);
}

/** The hardware addresses of a host: `muster_mac`, else `mac`. @throws ProvisionError for what is none */
export function macsOf(host: ClusterHost): string[] {
  const own = listVariable(host, 'muster_mac');
  const macs = (own ?? listVariable(host, 'mac') ?? []).map((text) => text.toLowerCase().replaceAll('-', ':'));
  const wrong = macs.find((text) => !/^(?:[\da-f]{2}:){5}[\da-f]{2}$/u.test(text));
  return wrong === undefined
    ? macs
    : refuse(host, own === undefined ? 'mac' : 'muster_mac', `is "${wrong}": write it as 52:54:00:12:34:56`);
}

/** The dynamic range of a host's variables. Pure. @throws ProvisionError */
export function rangeOf(host: ClusterHost): DhcpRange | undefined {
  const text = textVariable(host, 'muster_dhcp_range');
  if (text === undefined) return undefined;
  const [, from = '', to = '', leaseTime = usualLeaseTime] =
    /^\s*([\d.]+)\s*-\s*([\d.]+)\s*(?:,\s*(\d+[smhd]?|infinite)\s*)?$/u.exec(text) ?? [];
  const [first, last] = [parseIp4(from), parseIp4(to)];
  if (first === undefined || last === undefined || first > last)
    return refuse(host, 'muster_dhcp_range', `is "${text}": write it as 10.0.0.100-10.0.0.200 or 10.0.0.100-10.0.0.200,12h`);
  return { first, last, leaseTime };
}

/** The dynamic range of the cluster, the same for all servers. @throws ProvisionError where they are told different ones */
export function clusterRange(hosts: readonly ClusterHost[]): DhcpRange | undefined {
  const [first, ...others] = serversOf(hosts, 'dhcp');
  if (first === undefined) return undefined;
  const other = others.find((host) => textVariable(host, 'muster_dhcp_range') !== textVariable(first, 'muster_dhcp_range'));
  if (other !== undefined) refuse(other, 'muster_dhcp_range', `is not that of ${first.name}: set it once, for the whole group`);
  return rangeOf(first);
}

/** All machines of the cluster as its network knows them, by name. @throws ProvisionError for one without an address, or a bad `mac` */
export const networkNodes = (hosts: readonly ClusterHost[]): NetworkNode[] =>
  hosts
    .filter(isNode)
    .map((host) => ({ name: host.name, address: serviceAddress(host), macs: macsOf(host) }))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1));

/** Why these machines and this range do not go together, in sentences; empty where they do. Pure. */
export function conflictsOf(nodes: readonly NetworkNode[], range: DhcpRange | undefined, gateway?: Gateway): string[] {
  const pairs = (what: string, all: readonly (readonly [string, string])[]): string[] =>
    [...Map.groupBy(all, ([key]) => key)].flatMap(([key, found]) =>
      found.length < 2 ? [] : [`${found.map(([, name]) => name).join(' and ')} have the same ${what} ${key}`],
    );
  const shared = gateway === undefined ? [] : [{ name: 'muster_gateway_address', address: gateway.text }];
  const all = [...nodes, ...shared];
  return [
    ...pairs(
      'address',
      all.map(({ name, address }) => [address, name]),
    ),
    ...pairs(
      'mac',
      nodes.flatMap(({ name, macs }) => macs.map((mac) => [mac, name] as const)),
    ),
    ...all.flatMap(({ name, address }) => {
      const at = parseIp4(address) ?? -1;
      return range !== undefined && at >= range.first && at <= range.last
        ? [`${name} has the address ${address}, which is in the dynamic range ${formatIp4(range.first)}-${formatIp4(range.last)}`]
        : [];
    }),
  ];
}

/**
 * Everything about the network's services that the inventory alone shows to be wrong.
 * @throws ProvisionError with all conflicts of addresses, or the first variable that makes no sense
 */
export function requireNetwork(hosts: readonly ClusterHost[]): void {
  requireVariables(hosts);
  requireServers(hosts);
  const gateway = clusterGateway(hosts);
  if (serversOf(hosts, 'dns').length + serversOf(hosts, 'dhcp').length + gatewayMembers(hosts).length === 0) return;
  const nodes = networkNodes(hosts);
  const odd = nodes.find(({ name }) => !/^[a-z\d](?:[\w.-]*[a-z\d])?$/iu.test(name));
  if (odd !== undefined)
    throw new ProvisionError(`${odd.name} is no name that DNS could have. Give the host another one in the inventory.`);
  const conflicts = conflictsOf(nodes, clusterRange(hosts), gateway);
  if (conflicts.length > 0)
    throw new ProvisionError(
      `The addresses of the inventory do not go together: ${conflicts.join('; ')}. Give each its own, outside of muster_dhcp_range.`,
    );
}

function requireVariables(hosts: readonly ClusterHost[]): void {
  for (const host of hosts) {
    for (const service of ['ntp', 'dns', 'dhcp', 'tftp'] as const) isOn(host, service);
    for (const read of [domainOf, tftpRootOf, bootFileOf, routerOf, timeSourcesOf, rangeOf]) read(host);
    wantsResolvers(host);
  }
}

/** Whether the inventory says anything of a host's resolvers. */
export const asksForResolvers = (host: ClusterHost): boolean => rawVariable(host, 'muster_node_resolvers') !== undefined;

/** Whether a host is to ask the management servers for names: a node, not one of them, whose own resolvers they ask in turn. @throws ProvisionError */
export const wantsResolvers = (host: ClusterHost): boolean =>
  flagVariable(host, 'muster_node_resolvers', false) && isNode(host) && !host.roles.includes('driver');

/** What is asked must be given by somebody, at an address that is known. @throws ProvisionError */
function requireServers(hosts: readonly ClusterHost[]): void {
  const asking = [
    ['ntp', 'muster_ntp', hosts.find((host) => isNode(host) && isOn(host, 'ntp'))],
    ['dns', 'muster_node_resolvers', hosts.find(wantsResolvers)],
  ] as const;
  for (const [service, variable, host] of asking) {
    const servers = serversOf(hosts, service);
    if (host !== undefined && servers.length === 0)
      refuse(host, variable, `is yes, and no management server gives that: set muster_${service}=yes for [management] (or [driver])`);
    for (const server of servers) if (namedAddress(server) === undefined) serviceAddress(server);
  }
}
