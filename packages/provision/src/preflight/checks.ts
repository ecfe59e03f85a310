import { listVariable } from '../host/variables.ts';
import type { Cluster, ClusterHost } from '../host/cluster.ts';
import { ProvisionError } from '../provision-error.ts';

/**
 * Every check of the preflight by its name: what it looks for, and what it finds as an error or as a warning. The table of docs/apply.md
 * is the same, and a test compares them.
 */
export const checks = {
  os: ['Debian 11, Ubuntu 18.04, Rocky 9, CentOS Stream 9, or newer', 'error where older, warning where another'],
  architecture: ['the processor is x86_64 or aarch64', 'error'],
  glibc: ['GNU C library 2.28 or newer, for the shipped Node.js', 'error'],
  systemd: ['systemd runs as the first process', 'error'],
  tools: ['tar, gzip, awk, sha256sum, systemctl, useradd', 'error'],
  cores: ['2 processor cores', 'error on drivers and workers, else warning'],
  memory: ['4 GB of memory, less what the kernel keeps: 3.4 GiB', 'error on drivers and workers, else warning'],
  disk: [
    'a file system of 10 GB with /var/lib; free in /opt and in /var/lib: 1 GiB on the driver, 512 MiB elsewhere',
    'error; the size only a warning where neither driver nor worker',
  ],
  node: ['name and labels that a node may have, and variables of the way in for the server', 'error'],
  hostname: ['no two hosts have one hostname', 'error'],
  address: ["no two hosts have one address in the cluster's network, and each has one", 'error; without one, warning'],
  'machine-id': ['no two hosts have one /etc/machine-id, as clones of one image have', 'error'],
  interface: ['my_iface is there and has an address', 'error'],
  clock: ["within four minutes of this machine's and of the driver's clock", 'error; beyond 30 seconds a warning'],
  'default-route': ['there is a default route', 'error for k3s, else warning'],
  cgroups: ['control groups v2, or v1, that count memory', 'error for k3s, else not looked at'],
  swap: ['no swap', 'warning for k3s, else not looked at'],
  'ports-free': ['no other program has the ports that the host will listen on', 'error that names the program'],
  'ports-reachable': ['each host reaches the ports that it needs of each other one, in the table below', 'error; undecided, a warning'],
  'network-services': [
    'addresses that DHCP is to give are of its interface, and no other program has the ports of NTP, DNS, DHCP and TFTP',
    'error; looked at where they are asked for',
  ],
  'package-source': ['the package sources of the host answer, where packages will be installed from them', 'error'],
} as const;

export type CheckName = keyof typeof checks;

/** Names of all checks, in the order in which their findings are told. */
export const checkNames = Object.keys(checks) as readonly CheckName[];

/** What a check has found on one host, in a sentence that goes on after the host's name. */
export type Finding = { readonly check: CheckName; readonly level: 'error' | 'warning'; readonly text: string };

export const error = (check: CheckName, text: string): Finding => ({ check, level: 'error', text });
export const warning = (check: CheckName, text: string): Finding => ({ check, level: 'warning', text });

/** Reads names of checks. @throws ProvisionError naming all there are */
export function readCheckNames(names: readonly string[], where: string): CheckName[] {
  const unknown = names.filter((name) => !Object.hasOwn(checks, name));
  if (unknown.length === 0) return names as CheckName[];
  throw new ProvisionError(`${where}: there is no check ${unknown.join(', ')}. There are: ${checkNames.join(', ')}.`);
}

/** The checks that a host does without by its own variable `muster_skip_checks`. @throws ProvisionError for an unknown name */
export const checksSkippedBy = (host: ClusterHost): CheckName[] =>
  readCheckNames(listVariable(host, 'muster_skip_checks') ?? [], `${host.name}, muster_skip_checks`);

/** Refuses misspelt checks before anything is asked of a host. @throws ProvisionError */
export function requireKnownChecks({ hosts }: Cluster): void {
  for (const host of hosts) checksSkippedBy(host);
}
