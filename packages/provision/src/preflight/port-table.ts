import type { ClusterHost, Role } from '../host/cluster.ts';
import { isVoter } from '../pool/members.ts';
import { offers } from '../network/members.ts';
import { netbootPort } from '../network/netboot-files.ts';
import { databaseUnitName, etcdPeerPort, etcdPort, etcdUnitName, patroniPort, postgresPort } from '../pool/places.ts';
import { agentsPort, panelPort } from '../host/server-files.ts';
import { flagVariable, textVariable } from '../host/variables.ts';
import { ProvisionError } from '../provision-error.ts';
import { registryPort } from '../registry/endpoint.ts';
import { registryUnit } from '../registry/files.ts';

/** What a host is when it comes to ports: its roles, and what it is to k3s. */
export type PortRole = Role | 'k3s-server' | 'k3s-agent' | 'k3s-node' | 'k3s-etcd' | 'etcd' | 'node';

/** One line of the table: hosts of the role `from` reach this port of hosts of the role `to`. */
export type PortLine = {
  readonly protocol: 'tcp' | 'udp';
  readonly ports: readonly number[] | ((host: ClusterHost) => readonly number[]);
  readonly from: PortRole;
  readonly to: PortRole;
  /** The units that may have the port already. */
  readonly units: readonly string[];
  readonly what: string;
  /** It is for everybody, not for hosts alone: a firewall of the host is opened for all. */
  readonly isForAll?: true;
};

const k3s = ['k3s.service', 'k3s-agent.service'];

/** The ports that Muster and what it installs need, one line for each. The table of docs/apply.md is the same, and a test compares them. */
export const portTable: readonly PortLine[] = [
  { protocol: 'tcp', ports: [agentsPort], from: 'node', to: 'driver', units: ['muster.service'], what: 'agents to the management server' },
  { protocol: 'tcp', ports: [etcdPort], from: 'etcd', to: 'etcd', units: [etcdUnitName], what: 'etcd of the pool' },
  { protocol: 'tcp', ports: [etcdPeerPort], from: 'etcd', to: 'etcd', units: [etcdUnitName], what: 'etcd of the pool, among themselves' },
  { protocol: 'tcp', ports: [postgresPort], from: 'driver', to: 'database', units: [databaseUnitName], what: 'PostgreSQL of the pool' },
  { protocol: 'tcp', ports: [patroniPort], from: 'driver', to: 'database', units: [databaseUnitName], what: 'Patroni of the pool' },
  { protocol: 'tcp', ports: [6817], from: 'slurm-node', to: 'slurm-controller', units: ['slurmctld.service'], what: 'slurmctld' },
  { protocol: 'tcp', ports: [6817], from: 'slurm-controller', to: 'slurm-controller', units: ['slurmctld.service'], what: 'slurmctld' },
  { protocol: 'tcp', ports: [6818], from: 'slurm-controller', to: 'slurm-node', units: ['slurmd.service'], what: 'slurmd' },
  { protocol: 'tcp', ports: [6818], from: 'slurm-node', to: 'slurm-node', units: ['slurmd.service'], what: 'slurmd' },
  { protocol: 'tcp', ports: [6443], from: 'k3s-node', to: 'k3s-server', units: k3s, what: 'Kubernetes API server' },
  { protocol: 'udp', ports: [8472], from: 'k3s-node', to: 'k3s-node', units: k3s, what: 'Flannel VXLAN' },
  { protocol: 'tcp', ports: [10250], from: 'k3s-node', to: 'k3s-node', units: k3s, what: 'kubelet metrics' },
  { protocol: 'tcp', ports: [2379, 2380], from: 'k3s-etcd', to: 'k3s-etcd', units: k3s, what: 'embedded etcd, with several servers' },
  { protocol: 'tcp', ports: [registryPort], from: 'k3s-node', to: 'registry', units: [registryUnit], what: 'images of the registry' },
  { protocol: 'tcp', ports: [registryPort], from: 'docker', to: 'registry', units: [registryUnit], what: 'images of the registry' },
  {
    protocol: 'tcp',
    ports: webPorts,
    from: 'k3s-node',
    to: 'k3s-server',
    units: k3s,
    what: 'the hub: http_port and https_port',
    isForAll: true,
  },
];

/** Ports that a host listens on for people, which no other host needs. */
const forPeople: readonly { readonly port: number; readonly role: PortRole; readonly units: readonly string[] }[] = [
  { port: panelPort, role: 'driver', units: ['muster.service'] },
];

function webPorts(host: ClusterHost): number[] {
  return [portOf(host, 'http_port', 80), portOf(host, 'https_port', 443)];
}

function portOf(host: ClusterHost, name: string, otherwise: number): number {
  const text = textVariable(host, name);
  const port = text === undefined ? otherwise : Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new ProvisionError(`${host.name}: ${name} is "${text}", and no port: write a number from 1 to 65535.`);
}

/** Roles of the hosts by name: from groups and `install_k3s` also what they are to k3s. Pure. @throws ProvisionError for a bad word */
export function portRoles(hosts: readonly ClusterHost[]): ReadonlyMap<string, ReadonlySet<PortRole>> {
  const named = new Set(hosts.flatMap(({ groups }) => groups));
  const servers = new Set(hosts.filter((host) => isOfK3s(host, named, 'k3s_server', 'driver')).map(({ name }) => name));
  return new Map(
    hosts.map((host) => {
      const isServer = servers.has(host.name);
      const isAgent = !isServer && isOfK3s(host, named, 'k3s_agent', 'worker');
      const roles: PortRole[] = [
        'node',
        ...host.roles,
        ...(isVoter(host) ? (['etcd'] as const) : []),
        ...(isServer ? (['k3s-server'] as const) : []),
        ...(isServer && servers.size > 1 ? (['k3s-etcd'] as const) : []),
        ...(isAgent ? (['k3s-agent'] as const) : []),
        ...(isServer || isAgent ? (['k3s-node'] as const) : []),
      ];
      return [host.name, new Set(roles)];
    }),
  );
}

/** The group that says so itself, else the guide's group with `install_k3s`. */
function isOfK3s(host: ClusterHost, named: ReadonlySet<string>, own: string, usual: string): boolean {
  const isWanted = flagVariable(host, 'install_k3s', false);
  return named.has(own) ? host.groups.includes(own) : isWanted && host.groups.includes(usual);
}

const portsOf = (line: PortLine, host: ClusterHost): readonly number[] =>
  typeof line.ports === 'function' ? line.ports(host) : line.ports;

/** A port that a host will listen on, and the units that may have it already. */
export type OwnPort = { readonly protocol: 'tcp' | 'udp'; readonly port: number; readonly units: readonly string[] };

/** The ports that a host of these roles listens on. Pure. */
export function ownPorts(host: ClusterHost, roles: ReadonlySet<PortRole>): OwnPort[] {
  const ports = [
    ...portTable
      .filter(({ to }) => roles.has(to))
      .flatMap((line) => portsOf(line, host).map((port) => ({ protocol: line.protocol, port, units: line.units }))),
    ...forPeople.filter(({ role }) => roles.has(role)).map(({ port, units }) => ({ protocol: 'tcp' as const, port, units })),
  ];
  return [...new Map(ports.map((one) => [`${one.protocol}/${one.port}`, one])).values()];
}

/** One host that has to reach a port of another. */
export type Need = { readonly from: string; readonly to: string; readonly protocol: 'tcp' | 'udp'; readonly port: number };

/** All that hosts need of each other, by the table. Pure. */
export function neededPorts(hosts: readonly ClusterHost[], roles: ReadonlyMap<string, ReadonlySet<PortRole>>): Need[] {
  const having = (role: PortRole): readonly ClusterHost[] => hosts.filter(({ name }) => roles.get(name)?.has(role) === true);
  const needs = portTable.flatMap((line) => having(line.to).flatMap((target) => needsOf(line, target, having(line.from))));
  return [...new Map(needs.map((need) => [Object.values(need).join(' '), need])).values()];
}

const needsOf = (line: PortLine, target: ClusterHost, sources: readonly ClusterHost[]): Need[] =>
  portsOf(line, target).flatMap((port) =>
    sources.filter((source) => source !== target).map(({ name }) => ({ from: name, to: target.name, protocol: line.protocol, port })),
  );

/** Who is to get through a firewall of a host to one of its ports: another host, or everybody, where `from` is undefined. */
export type Opening = { readonly protocol: 'tcp' | 'udp'; readonly port: number; readonly from: string | undefined };

/**
 * What a firewall of a host has to let through, by the same table: each port from the hosts that need it, what is for everybody from
 * anywhere, and what is for people from all nodes of the inventory. Pure.
 */
export function openingsOf(
  target: ClusterHost,
  hosts: readonly ClusterHost[],
  roles: ReadonlyMap<string, ReadonlySet<PortRole>>,
): Opening[] {
  const has = ({ name }: ClusterHost, role: PortRole): boolean => roles.get(name)?.has(role) === true;
  const sources = (role: PortRole): string[] => hosts.filter((host) => host !== target && has(host, role)).map(({ name }) => name);
  const openings = [
    ...portTable
      .filter(({ to }) => has(target, to))
      .flatMap((line) =>
        (line.isForAll === true ? [undefined] : sources(line.from)).flatMap((from) =>
          portsOf(line, target).map((port): Opening => ({ protocol: line.protocol, port, from })),
        ),
      ),
    ...forPeople
      .filter(({ role }) => has(target, role))
      .flatMap(({ port }) => sources('node').map((from): Opening => ({ protocol: 'tcp', port, from }))),
    ...networkOpenings(target, sources('node')),
  ];
  return [...new Map(openings.map((one) => [`${one.protocol} ${one.port} ${one.from ?? ''}`, one])).values()];
}

/** What a server of the network listens on. A machine that boots has no address yet, or any: what it boots by is for everybody. */
const networkPorts = [
  { service: 'dns', protocol: 'udp', port: 53, isForAll: false },
  { service: 'dns', protocol: 'tcp', port: 53, isForAll: false },
  { service: 'ntp', protocol: 'udp', port: 123, isForAll: false },
  { service: 'dhcp', protocol: 'udp', port: 67, isForAll: true },
  { service: 'tftp', protocol: 'udp', port: 69, isForAll: true },
  { service: 'netboot', protocol: 'tcp', port: netbootPort, isForAll: true },
] as const;

const networkOpenings = (target: ClusterHost, nodes: readonly string[]): Opening[] =>
  networkPorts
    .filter(({ service }) => offers(target, service))
    .flatMap(({ protocol, port, isForAll }) => (isForAll ? [undefined] : nodes).map((from): Opening => ({ protocol, port, from })));
