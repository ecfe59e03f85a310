import type { ManagedFile } from '../host/managed-file.ts';
import { formatIp4, netmaskText } from './ip4.ts';
import { markedFile } from './marked-file.ts';
import { netbootSettings } from './netboot-files.ts';
import type { OwnPlace } from './own-network.ts';
import type { RangeHold } from './members.ts';
import { type DhcpRange, type NetworkNode, usualLeaseTime } from './wanted-network.ts';

export const dnsmasqUnitName = 'muster-dnsmasq.service';
export const dnsmasqFolder = '/etc/muster/dnsmasq';
export const dnsmasqStateFolder = '/var/lib/muster-dnsmasq';

export const dnsmasqPaths = {
  settings: `${dnsmasqFolder}/dnsmasq.conf`,
  /** These two are read anew without a restart. */
  hosts: `${dnsmasqFolder}/hosts`,
  reservations: `${dnsmasqFolder}/reservations`,
  /** What a member reads besides, as it holds the dynamic range or not, where the range follows the primary. */
  holder: `${dnsmasqFolder}/holder.conf`,
  second: `${dnsmasqFolder}/second.conf`,
  unit: `/etc/systemd/system/${dnsmasqUnitName}`,
} as const;

export const dhcpRoleFolder = '/run/muster-dnsmasq';
/**
 * Leads to one of these two; whoever follows the primary turns it by a rename. Below /run, so that a member that comes back after a reboot does
 * not hold the range until it has asked.
 */
export const dhcpRolePath = `${dhcpRoleFolder}/role.conf`;

/** What a server tells machines that ask for an address. */
export type DhcpPlan = {
  /** Of the cluster; undefined where it has none. */
  readonly range: DhcpRange | undefined;
  /** Whether this server gives addresses of the range; `follows`: while its machine has the primary of the database. */
  readonly hold: RangeHold;
  readonly leaseTime: string;
  readonly router: string | undefined;
  readonly bootFile: string | undefined;
  /** Whether machines boot iPXE, and a script of their own then. */
  readonly isNetboot: boolean;
  /** Of the whole cluster, in their order. */
  readonly nameServers: readonly string[];
  readonly timeServers: readonly string[];
};

/** What one management server gives to the network; what is undefined is off. */
export type DnsmasqPlan = {
  readonly place: OwnPlace;
  readonly nodes: readonly NetworkNode[];
  readonly domain: string | undefined;
  /** File with the resolvers that the host itself has, for all other names. */
  readonly dns: { readonly upstreamFile: string } | undefined;
  readonly dhcp: DhcpPlan | undefined;
  readonly tftpRoot: string | undefined;
};

/**
 * The files of a server's dnsmasq: an own one with an own unit, beside any other that the host has for something else. It listens on the address
 * in the cluster's network only: 127.0.0.53 and the like stay whose they are. Pure.
 */
export function dnsmasqFiles(plan: DnsmasqPlan): ManagedFile[] {
  return [
    markedFile(dnsmasqPaths.hosts, lines(plan.nodes.map((node) => `${node.address} ${namesOf(node, plan.domain).join(' ')}`))),
    markedFile(dnsmasqPaths.reservations, lines(plan.dhcp === undefined ? [] : reservations(plan.nodes, plan.dhcp.leaseTime))),
    markedFile(dnsmasqPaths.settings, lines(settings(plan))),
    ...roleFiles(plan),
    markedFile(dnsmasqPaths.unit, follows(plan) ? unit(preset, ` --conf-file=${dhcpRolePath}`) : unit('', '')),
  ];
}

const follows = ({ dhcp }: DnsmasqPlan): boolean => dhcp?.range !== undefined && dhcp.hold === 'follows';

const roleFiles = (plan: DnsmasqPlan): ManagedFile[] =>
  plan.dhcp === undefined || !follows(plan)
    ? []
    : [
        markedFile(dnsmasqPaths.holder, lines(roleSettings(plan.place, plan.dhcp, 'holder'))),
        markedFile(dnsmasqPaths.second, lines(roleSettings(plan.place, plan.dhcp, 'second'))),
      ];

const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('');

/** The first is the one that an address is answered with. */
const namesOf = ({ name }: NetworkNode, domain: string | undefined): string[] =>
  domain === undefined || name.includes('.') ? [name] : [`${name}.${domain}`, name];

const reservations = (nodes: readonly NetworkNode[], leaseTime: string): string[] =>
  nodes
    .filter(({ macs }) => macs.length > 0)
    .map(({ name, address, macs }) => `${macs.join(',')},set:known,${address},${name.split('.')[0] ?? name},${leaseTime}`);

function settings({ place, domain, dns, dhcp, tftpRoot }: DnsmasqPlan): string[] {
  return [
    `interface=${place.interface}`,
    'except-interface=lo',
    'bind-dynamic',
    'user=dnsmasq',
    'no-hosts',
    ...(domain === undefined ? [] : [`domain=${domain}`]),
    ...(dns === undefined ? ['port=0'] : dnsSettings(dns.upstreamFile, domain)),
    ...(dhcp === undefined ? [] : dhcpSettings(place, dhcp, dns !== undefined)),
    ...(tftpRoot === undefined ? [] : ['enable-tftp', `tftp-root=${tftpRoot}`]),
  ];
}

const dnsSettings = (upstreamFile: string, domain: string | undefined): string[] => [
  `addn-hosts=${dnsmasqPaths.hosts}`,
  `resolv-file=${upstreamFile}`,
  'domain-needed',
  'dns-loop-detect',
  ...(domain === undefined ? [] : [`local=/${domain}/`]),
];

/**
 * All servers know the same machines, and only one is authoritative: another one would refuse to machines that it does not know what the holder of
 * the range gave them. That one, in turn, refuses whoever takes the offer of another: so the others make theirs a second later, and to those they
 * know only. The second is counted from when a question came, so many questions wait it out together.
 */
function roleSettings({ network }: OwnPlace, { range, leaseTime }: DhcpPlan, hold: 'holder' | 'second'): string[] {
  const mask = netmaskText(network);
  if (range !== undefined && hold === 'holder')
    return [`dhcp-range=${formatIp4(range.first)},${formatIp4(range.last)},${mask},${leaseTime}`, 'dhcp-authoritative'];
  const known = `dhcp-range=${formatIp4(network.base)},static,${mask},${leaseTime}`;
  return range === undefined ? [known] : [known, 'dhcp-reply-delay=1', 'dhcp-ignore=tag:!known'];
}

function dhcpSettings(place: OwnPlace, dhcp: DhcpPlan, hasDns: boolean): string[] {
  const { address } = place;
  const { router, bootFile, hold } = dhcp;
  const others = dhcp.nameServers.filter((one) => one !== address);
  const nameServers = hasDns ? [address, ...others] : others;
  return [
    `dhcp-hostsfile=${dnsmasqPaths.reservations}`,
    `dhcp-leasefile=${dnsmasqStateFolder}/leases`,
    ...(hold === 'follows' ? (dhcp.range === undefined ? roleSettings(place, dhcp, 'holder') : []) : roleSettings(place, dhcp, hold)),
    // Without a value it is not told: dnsmasq would name itself, which is no way out.
    `dhcp-option=option:router${router === undefined ? '' : `,${router}`}`,
    ...(nameServers.length === 0 ? [] : [`dhcp-option=option:dns-server,${nameServers.join(',')}`]),
    ...(dhcp.timeServers.length === 0 ? [] : [`dhcp-option=option:ntp-server,${dhcp.timeServers.join(',')}`]),
    ...(dhcp.isNetboot ? netbootSettings(address) : []),
    ...(bootFile === undefined ? [] : [`dhcp-boot=${bootFile.replaceAll('{server}', address)},,${address}`]),
  ];
}

/** What a cluster without a range lends addresses for. */
export const leaseTimeOf = (range: DhcpRange | undefined): string => range?.leaseTime ?? usualLeaseTime;

/** Whoever has not asked yet who the primary is holds no range. */
const preset = `ExecStartPre=/bin/sh -c '[ -e ${dhcpRolePath} ] || ln -sfn ${dnsmasqPaths.second} ${dhcpRolePath}'
RuntimeDirectory=${dhcpRoleFolder.slice('/run/'.length)}
RuntimeDirectoryPreserve=yes
`;

const unit = (before: string, more: string): string => `[Unit]
Description=DHCP, DNS and TFTP of the cluster, by Muster
Wants=network-online.target
After=network-online.target
StartLimitIntervalSec=0

[Service]
${before}ExecStart=/usr/sbin/dnsmasq --keep-in-foreground --conf-file=${dnsmasqPaths.settings}${more} --pid-file=
ExecReload=/bin/kill -HUP $MAINPID
Restart=on-failure
RestartSec=1
StateDirectory=${dnsmasqStateFolder.slice('/var/lib/'.length)}

[Install]
WantedBy=multi-user.target
`;
