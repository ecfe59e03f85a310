import { join } from 'node:path';

import { LabError } from './errors.ts';
import { hostAddress, hostAddress6 } from './network.ts';
import type { LabSettings } from './settings.ts';

/** One machine of the lab. */
export interface LabHost {
  /** Host name, and the name every command takes. */
  name: string;
  /** Number in the lab, from 1. */
  index: number;
  address: string;
  address6: string;
}

/** Host number `index` of a lab whose hosts' names begin with `prefix`. */
export function labHost(prefix: string, index: number): LabHost {
  return { name: `${prefix}${index}`, index, address: hostAddress(index), address6: hostAddress6(index) };
}

/** The host of that name, or the error that names those there are. */
export function requireHost(hosts: readonly LabHost[], name: string): LabHost {
  const host = hosts.find((one) => one.name === name);
  if (host !== undefined) return host;
  const there =
    hosts.length === 0
      ? 'no host'
      : `${hosts
          .slice(0, 3)
          .map((one) => one.name)
          .join(', ')}${hosts.length > 3 ? ', ...' : ''}`;
  throw new LabError(`no host "${name}" in this lab`, { kind: 'usage', advice: `there is ${there}` });
}

/** Folder LXC finds the lab's hosts in, one folder each. */
export function hostsDir(settings: LabSettings): string {
  return join(settings.stateDir, 'hosts');
}

/** A host's folder: disk layers, LXC's configuration, console and log. */
export function hostDir(settings: LabSettings, host: LabHost): string {
  return join(hostsDir(settings), host.name);
}

/** Where a host's disk is mounted, inside the lab's mount namespace. */
export function hostRoot(settings: LabSettings, host: LabHost): string {
  return join(hostDir(settings, host), 'root');
}
