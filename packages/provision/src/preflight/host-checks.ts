import { IpAddress } from '@muster/api';
import type { ClusterHost } from '../host/cluster.ts';
import { controlProblems } from '../host/control-files.ts';
import type { HostFacts } from '../host/host-facts.ts';
import { architectures } from '../host/preflight.ts';
import { textVariable } from '../host/variables.ts';
import { wantedNodeProblems } from '../host/wanted-node.ts';
import { type CheckName, error, type Finding, warning } from './checks.ts';
import { systemFindings } from './operating-system.ts';

/** The oldest GNU C library the shipped Node.js runs with. */
const oldestGlibc = [2, 28] as const;
/** What the server with its database needs while it is unpacked, and an agent. */
const neededBytes = { driver: 1024 ** 3, worker: 512 * 1024 ** 2 };
/** The least that the guide asks of a machine; of its memory some hundred megabytes are the kernel's, of its disk a part the file system's. */
const least = { cores: 2, memoryBytes: 3.4 * 1024 ** 3, diskBytes: 9 * 10 ** 9 };
/** Certificates are back-dated by five minutes: a clock further behind would not accept its own. */
const toleratedSkewSeconds = 240;
const noticedSkewSeconds = 30;

/** Everything that one host by itself gives to say; empty when it can be provisioned. `isForK3s`: it will run k3s. Pure. */
export function hostFindings(host: ClusterHost, facts: HostFacts, isForK3s: boolean): Finding[] {
  return [
    ...systemFindings(facts),
    ...platformFindings(facts),
    ...sizeFindings(host, facts),
    ...[...wantedNodeProblems(host), ...controlProblems(host)].map((text) => error('node', text)),
    ...interfaceFindings(host, facts),
    ...clockFindings(facts),
    ...routeFindings(facts, isForK3s),
    ...(isForK3s ? k3sFindings(facts) : []),
  ];
}

function platformFindings(facts: HostFacts): Finding[] {
  const found: Finding[] = [];
  if (architectures[facts.architecture] === undefined)
    found.push(error('architecture', `its processor (${facts.architecture}) is neither x86_64 nor aarch64`));
  if (isOldGlibc(facts.glibc)) {
    const has = facts.glibc === '' ? 'not glibc' : `glibc ${facts.glibc}`;
    found.push(error('glibc', `its C library is ${has}; the shipped Node.js needs glibc 2.28 or newer (Debian 10, Ubuntu 18.10, RHEL 8)`));
  }
  if (!facts.hasSystemd) found.push(error('systemd', 'it does not run systemd, which starts and watches the agent'));
  if (facts.missingTools.length > 0) found.push(error('tools', `it lacks ${facts.missingTools.join(', ')}`));
  return found;
}

function isOldGlibc(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < oldestGlibc[0] || (major === oldestGlibc[0] && minor < oldestGlibc[1]);
}

const gib = (bytes: number): string => `${(bytes / 1024 ** 3).toFixed(1)} GiB`;

/** The guide's least is meant for its own roles; other hosts are told of it. */
function sizeFindings(host: ClusterHost, facts: HostFacts): Finding[] {
  const isOfGuide = host.roles.some((role) => role === 'driver' || role === 'worker');
  const say = isOfGuide ? error : warning;
  const found: Finding[] = [];
  if (facts.cores > 0 && facts.cores < least.cores)
    found.push(say('cores', `it has ${facts.cores} processor ${facts.cores === 1 ? 'core' : 'cores'} and needs ${least.cores}`));
  if (facts.memoryBytes > 0 && facts.memoryBytes < least.memoryBytes)
    found.push(say('memory', `it has ${gib(facts.memoryBytes)} of memory and needs 4 GB`));
  if (facts.sizeVarBytes > 0 && facts.sizeVarBytes < least.diskBytes)
    found.push(say('disk', `the file system of /var/lib has ${(facts.sizeVarBytes / 10 ** 9).toFixed(1)} GB in all and needs 10`));
  return [...found, ...spaceFindings(host, facts)];
}

function spaceFindings(host: ClusterHost, facts: HostFacts): Finding[] {
  const needed = host.roles.includes('driver') ? neededBytes.driver : neededBytes.worker;
  const places = [
    ['/opt', facts.freeOptBytes],
    ['/var/lib', facts.freeVarBytes],
  ] as const;
  return places
    .filter(([, free]) => free < needed)
    .map(([place, free]) =>
      error('disk', `${place} has ${Math.floor(free / 1024 ** 2)} MiB free and needs ${Math.round(needed / 1024 ** 2)}`),
    );
}

function interfaceFindings(host: ClusterHost, facts: HostFacts): Finding[] {
  const wanted = textVariable(host, 'my_iface');
  if (wanted === undefined) return [];
  const own = facts.addresses.filter((one) => one.interface === wanted);
  const found = [...new Set(facts.addresses.map((one) => one.interface))].join(', ');
  if (own.length === 0)
    return [error('interface', `it has no interface ${wanted} (my_iface) with an address; it has ${found === '' ? 'none' : found}`)];
  // A host behind a forwarded port is reached by an address that it does not have: only another one of its own is a contradiction.
  const reached = host.connection.address;
  const holder = facts.addresses.find((one) => one.address === reached);
  const isElsewhere = IpAddress.safeParse(reached).success && holder !== undefined && holder.interface !== wanted;
  return isElsewhere && !/^(?:127\.|::1$)/u.test(reached)
    ? [warning('interface', `it is reached by ${reached}, which is on ${holder.interface} and not on ${wanted} (my_iface)`)]
    : [];
}

const apart = (seconds: number): string => `${Math.round(Math.abs(seconds))} s ${seconds < 0 ? 'behind' : 'ahead of'}`;

function clockFindings({ clockSkewSeconds }: HostFacts): Finding[] {
  const skew = Math.abs(clockSkewSeconds);
  if (skew > toleratedSkewSeconds)
    return [
      error('clock', `its clock is ${apart(clockSkewSeconds)} this machine's; set it right, or certificates will not be valid there`),
    ];
  return skew > noticedSkewSeconds
    ? [warning('clock', `its clock is ${apart(clockSkewSeconds)} this machine's; does it follow a time server?`)]
    : [];
}

/** Two clocks that each are near enough to ours may be too far from each other. Of the driver's the certificates are. Pure. */
export function clockBesideDriver(facts: HostFacts, driver: HostFacts | undefined): Finding[] {
  if (driver === undefined) return [];
  const skew = facts.clockSkewSeconds - driver.clockSkewSeconds;
  return Math.abs(skew) > toleratedSkewSeconds
    ? [error('clock', `its clock is ${apart(skew)} the driver's; set both right, or certificates will not be valid there`)]
    : [];
}

function routeFindings({ hasDefaultRoute }: HostFacts, isForK3s: boolean): Finding[] {
  if (hasDefaultRoute) return [];
  const text = 'it has no default route';
  return [
    isForK3s
      ? error('default-route', `${text}, without which k3s does not start; a route to nowhere will do: ip route add default via ADDRESS`)
      : warning('default-route', text),
  ];
}

function k3sFindings({ cgroup, swapBytes }: HostFacts): Finding[] {
  const lacks: Readonly<Record<string, string>> = {
    none: 'it has no control groups',
    'v2-without-memory': 'its control groups do not count memory; start the kernel with cgroup_enable=memory',
  };
  const text = lacks[cgroup];
  return [
    ...(text === undefined ? [] : [error('cgroups', `${text}, and k3s needs that`)]),
    ...(swapBytes > 0
      ? [
          warning(
            'swap',
            `it has ${gib(swapBytes)} of swap, and limits of memory mean little then: swapoff -a, and take it out of /etc/fstab`,
          ),
        ]
      : []),
  ];
}

/** Names that no two hosts may share, and what to do about clones. */
const shared: readonly { check: CheckName; what: string; advice: string }[] = [
  { check: 'hostname', what: 'hostname', advice: 'give each its own: hostnamectl set-hostname NAME' },
  { check: 'address', what: 'address', advice: 'one of them is wrong' },
  {
    check: 'machine-id',
    what: 'machine id',
    advice: 'clones of one image; make a new one: rm /etc/machine-id && systemd-machine-id-setup, then reboot',
  },
];

/** What a host is known by; an empty word says nothing. */
export type Identity = { readonly name: string; readonly hostname: string; readonly address: string; readonly machineId: string };

/** What a host shares with others that must be its own. Pure. */
export function sharedFindings(own: Identity, all: readonly Identity[]): Finding[] {
  const wordOf = (one: Identity, check: CheckName): string =>
    check === 'hostname' ? one.hostname : check === 'address' ? one.address : one.machineId;
  return shared.flatMap(({ check, what, advice }) => {
    const word = wordOf(own, check);
    const others = all.filter((one) => one.name !== own.name && word !== '' && wordOf(one, check) === word).map((one) => one.name);
    if (others.length === 0) return [];
    const named = others.length > 5 ? `${others.slice(0, 5).join(', ')} and ${others.length - 5} more` : others.join(', ');
    return [error(check, `it has the same ${what} ${word} as ${named}: ${advice}`)];
  });
}
