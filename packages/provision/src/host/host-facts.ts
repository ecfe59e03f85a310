import { type Firewall, firewalls } from './firewall-notes.ts';

/** A socket that waits for others, and who has it: `unit` and `process` are empty where that is not known. */
export type Listener = {
  readonly protocol: 'tcp' | 'udp';
  readonly address: string;
  readonly port: number;
  readonly pid: string;
  readonly unit: string;
  readonly process: string;
};

/** What a look at a host found out. */
export type HostFacts = {
  readonly osId: string;
  readonly osVersion: string;
  readonly osName: string;
  /** As `uname -m` says it. */
  readonly architecture: string;
  readonly hostname: string;
  readonly machineId: string;
  readonly cores: number;
  readonly memoryBytes: number;
  /** Version of the GNU C library, as `2.36`; empty where there is another. */
  readonly glibc: string;
  readonly hasSystemd: boolean;
  readonly missingTools: readonly string[];
  readonly freeOptBytes: number;
  readonly freeVarBytes: number;
  /** Size of the file systems with /opt and with /var/lib. */
  readonly sizeOptBytes: number;
  readonly sizeVarBytes: number;
  readonly hasDefaultRoute: boolean;
  /** How processes can be confined: version of the control groups, and whether they count memory. */
  readonly cgroup: string;
  readonly swapBytes: number;
  readonly listeners: readonly Listener[];
  /** The program that can listen and ask on the host for a test of its network: `perl` or a Python; undefined where there is neither. */
  readonly probe: string | undefined;
  /** What was reached from here within the last day, as `tcp 10.0.0.10 7421`. */
  readonly reached: readonly string[];
  /** `prefixLength`: how much of it names the network, where the host says so. */
  readonly addresses: readonly { readonly interface: string; readonly address: string; readonly prefixLength?: number }[];
  /** The address from which the host reaches others; empty without a route. */
  readonly routeAddress: string;
  /** The unit of its SSH server, where systemd knows one. */
  readonly sshUnit: string | undefined;
  /** Firewalls of its own that are active. */
  readonly firewalls: readonly Firewall[];
  /** Whether a run has added rules to one. */
  readonly hasFirewallNotes: boolean;
  /** Whether a run has made it the host of a management server. */
  readonly hasServer: boolean;
  /** The host's clock minus ours, seconds; as exact as the round trip was short. */
  readonly clockSkewSeconds: number;
};

/** Reads what the detect script printed. `nowMs` is our own clock when the answer came. */
export function readHostFacts(output: string, nowMs: number): HostFacts {
  const values = new Map<string, string[]>();
  for (const line of output.split('\n')) {
    const equals = line.indexOf('=');
    if (equals < 1) continue;
    const [key, value] = [line.slice(0, equals), line.slice(equals + 1)];
    // Hostile output may repeat a key a million times: nothing is copied here.
    const known = values.get(key);
    if (known === undefined) values.set(key, [value]);
    else known.push(value);
  }
  const text = (key: string): string => values.get(key)?.[0] ?? '';
  const count = (key: string): number => Number(text(key)) || 0;
  const all = (key: string): readonly string[] => values.get(key) ?? [];
  return {
    osId: text('os_id'),
    osVersion: text('os_version'),
    osName: text('os_name'),
    architecture: text('architecture'),
    hostname: text('hostname'),
    machineId: text('machine_id'),
    cores: count('cores'),
    memoryBytes: count('memory_kib') * 1024,
    glibc: /^glibc (\d+\.\d+)/u.exec(text('glibc'))?.[1] ?? '',
    hasSystemd: text('systemd') === 'yes',
    missingTools: all('missing_tool'),
    freeOptBytes: count('disk_opt_kib') * 1024,
    freeVarBytes: count('disk_var_kib') * 1024,
    sizeOptBytes: count('disk_opt_size_kib') * 1024,
    sizeVarBytes: count('disk_var_size_kib') * 1024,
    hasDefaultRoute: values.has('default_route'),
    cgroup: text('cgroup'),
    swapBytes: count('swap_kib') * 1024,
    listeners: all('listener').flatMap(readListener),
    probe: values.get('probe')?.[0],
    reached: all('reached'),
    addresses: all('address').map(readAddress),
    routeAddress: text('route'),
    sshUnit: values.get('ssh_unit')?.[0],
    firewalls: firewalls.filter((name) => all('firewall').includes(name)),
    hasFirewallNotes: text('firewall_notes') === 'yes',
    hasServer: text('management_server') === 'yes',
    clockSkewSeconds: count('epoch') - nowMs / 1000,
  };
}

function readAddress(line: string): HostFacts['addresses'][number] {
  const [device = '', address = '', length = ''] = line.trimEnd().split(' ');
  const place = { interface: device.split('@')[0] ?? '', address };
  return /^\d{1,3}$/u.test(length) ? { ...place, prefixLength: Number(length) } : place;
}

/** A line such as `tcp 0.0.0.0:7420 812 muster.service node`; nothing where it is not one. */
function readListener(line: string): Listener[] {
  const [protocol, place = '', pid = '-', unit = '-', process = '-'] = line.split(' ');
  const port = Number(place.slice(place.lastIndexOf(':') + 1));
  if ((protocol !== 'tcp' && protocol !== 'udp') || !Number.isInteger(port) || port < 1) return [];
  const given = (word: string): string => (word === '-' ? '' : word);
  const address = place.slice(0, place.lastIndexOf(':')).replace(/%.*$/u, '');
  return [{ protocol, address, port, pid: given(pid), unit: given(unit), process: given(process) }];
}
