import { IpAddress } from '@muster/api';
import type { ClusterHost } from './cluster.ts';
import { textVariable } from './variables.ts';
import { controlProblems } from './control-files.ts';
import type { HostFacts } from './host-facts.ts';
import { wantedNodeProblems } from './wanted-node.ts';

/** Architectures with a Node.js of ours, by what `uname -m` calls them. */
export const architectures: Readonly<Record<string, 'x64' | 'arm64'>> = { x86_64: 'x64', aarch64: 'arm64' };

/** The oldest GNU C library the shipped Node.js runs with. */
const oldestGlibc = [2, 28] as const;
/** What the server with its database needs while it is unpacked, and an agent. */
const neededBytes = { driver: 1024 ** 3, worker: 512 * 1024 ** 2 };
/** Certificates are back-dated by five minutes: a clock further behind would not accept its own. */
const toleratedSkewSeconds = 240;

/** Everything that stands in the way on one host, in sentences; empty when it can be provisioned. Pure. */
export function preflightProblems(host: ClusterHost, facts: HostFacts): string[] {
  const problems: (string | undefined)[] = [
    architectures[facts.architecture] === undefined ? `its processor (${facts.architecture}) is neither x86_64 nor aarch64` : undefined,
    isOldGlibc(facts.glibc)
      ? `its C library is ${facts.glibc === '' ? 'not glibc' : `glibc ${facts.glibc}`}; the shipped Node.js needs glibc 2.28 or newer (Debian 10, Ubuntu 18.10, RHEL 8)`
      : undefined,
    facts.hasSystemd ? undefined : 'it does not run systemd, which starts and watches the agent',
    facts.missingTools.length > 0 ? `it lacks ${facts.missingTools.join(', ')}` : undefined,
    ...diskProblems(host, facts),
    Math.abs(facts.clockSkewSeconds) > toleratedSkewSeconds
      ? `its clock is ${Math.round(Math.abs(facts.clockSkewSeconds))} s ${facts.clockSkewSeconds < 0 ? 'behind' : 'ahead of'} this machine's; set it right, or certificates will not be valid there`
      : undefined,
    interfaceProblem(host, facts),
    ...wantedNodeProblems(host),
    ...controlProblems(host),
  ];
  return problems.filter((problem) => problem !== undefined);
}

function isOldGlibc(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < oldestGlibc[0] || (major === oldestGlibc[0] && minor < oldestGlibc[1]);
}

function diskProblems(host: ClusterHost, facts: HostFacts): string[] {
  const needed = host.roles.includes('driver') ? neededBytes.driver : neededBytes.worker;
  const places = [
    ['/opt', facts.freeOptBytes],
    ['/var/lib', facts.freeVarBytes],
  ] as const;
  return places
    .filter(([, free]) => free < needed)
    .map(([place, free]) => `${place} has ${Math.round(free / 1024 ** 2)} MiB free and needs ${Math.round(needed / 1024 ** 2)}`);
}

function interfaceProblem(host: ClusterHost, facts: HostFacts): string | undefined {
  const wanted = textVariable(host, 'my_iface');
  if (wanted === undefined || facts.addresses.some((one) => one.interface === wanted)) return undefined;
  const found = [...new Set(facts.addresses.map((one) => one.interface))].join(', ');
  return `it has no interface ${wanted} (my_iface) with an address; it has ${found === '' ? 'none' : found}`;
}

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

const isUsable = (address: string): boolean =>
  IpAddress.safeParse(address).success && !/^(?:127\.|169\.254\.|0\.|::1$|::$|fe80:)/iu.test(address);

const byFamily = (list: HostFacts['addresses']): string[] =>
  list.map((one) => one.address).toSorted((a, b) => Number(a.includes(':')) - Number(b.includes(':')));
