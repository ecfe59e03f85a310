import type { ManagedFile } from '../host/managed-file.ts';
import { type Ip4Network, isHostOf, networkText, parseIp4 } from './ip4.ts';
import { markedFile } from './marked-file.ts';

export const chronyUnit = 'chrony.service';
export const chronyPaths = {
  settings: '/etc/chrony/chrony.conf',
  sources: '/etc/chrony/sources.d/muster.sources',
  /** Only on machines that cannot set their clock, as containers. */
  withoutClock: '/etc/systemd/system/chrony.service.d/muster.conf',
} as const;

/** What a machine follows, and whom it gives the time. */
export type TimePlan = {
  /** Time servers outside, `pool:` before a name that stands for many; and the addresses of machines of the cluster. */
  readonly outside: readonly string[];
  readonly inside: readonly string[];
  /** Whom it serves: its network, and addresses of nodes elsewhere. Undefined of a node, which serves nobody. */
  readonly serves: { readonly network: Ip4Network; readonly others: readonly string[] } | undefined;
  /** Whether it can set its clock. A container cannot: it follows its host's and may still tell it to others. */
  readonly setsClock: boolean;
};

/** The nodes' addresses that are not in a network. Pure. */
export const addressesOutside = (network: Ip4Network, addresses: readonly string[]): string[] =>
  addresses.filter((address) => !isHostOf(network, parseIp4(address) ?? -1)).toSorted();

/**
 * chrony's files. The sources have a file of their own, which chrony reads anew without a restart. Members that serve agree on one of them when all
 * others are silent (`orphan`), so the cluster keeps one time without a way out. Pure.
 */
export function chronyFiles({ outside, inside, serves, setsClock }: TimePlan): ManagedFile[] {
  const sources = [
    ...outside.map((name) => (name.startsWith('pool:') ? `pool ${name.slice('pool:'.length)} iburst` : `server ${name} iburst`)),
    ...inside.map((address) => `server ${address} iburst`),
  ];
  const serving = serves === undefined ? [] : [`allow ${networkText(serves.network)}`, ...serves.others.map((one) => `allow ${one}`)];
  const settings = [
    'sourcedir /etc/chrony/sources.d',
    'keyfile /etc/chrony/chrony.keys',
    'driftfile /var/lib/chrony/chrony.drift',
    'ntsdumpdir /var/lib/chrony',
    'logdir /var/log/chrony',
    'maxupdateskew 100.0',
    'rtcsync',
    'makestep 1 3',
    'leapsectz right/UTC',
    ...serving,
    ...(serves === undefined ? [] : ['local stratum 10 orphan']),
  ];
  return [
    markedFile(chronyPaths.sources, lines(sources)),
    markedFile(chronyPaths.settings, lines(settings)),
    ...(setsClock ? [] : [markedFile(chronyPaths.withoutClock, withoutClock)]),
  ];
}

const lines = (all: readonly string[]): string => all.map((line) => `${line}\n`).join('');

/** The distribution's unit does not start where the clock cannot be set; `-x`: leave the clock alone. */
const withoutClock = `[Unit]
ConditionCapability=
[Service]
ExecStart=
ExecStart=!/usr/sbin/chronyd -F 1 -x
`;
