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
  readonly addresses: readonly { readonly interface: string; readonly address: string }[];
  /** The address from which the host reaches others; empty without a route. */
  readonly routeAddress: string;
  /** The unit of its SSH server, where systemd knows one. */
  readonly sshUnit: string | undefined;
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
    missingTools: values.get('missing_tool') ?? [],
    freeOptBytes: count('disk_opt_kib') * 1024,
    freeVarBytes: count('disk_var_kib') * 1024,
    addresses: (values.get('address') ?? []).map((line) => ({
      interface: line.split(' ')[0]?.split('@')[0] ?? '',
      address: line.split(' ')[1] ?? '',
    })),
    routeAddress: text('route'),
    sshUnit: values.get('ssh_unit')?.[0],
    hasServer: text('management_server') === 'yes',
    clockSkewSeconds: count('epoch') - nowMs / 1000,
  };
}
