import { createHash } from 'node:crypto';

import type { LabSettings } from './settings.ts';

/** Plan of the lab's network. It exists only inside the lab's own network namespace, so every lab has the same one. */
export const labNetwork = {
  gateway: '10.77.0.1',
  prefixLength: 16,
  gateway6: 'fd77::1',
  prefixLength6: 64,
  /** Domain of the hosts' names, answered by the lab's own DNS. */
  domain: 'lab',
  /** The interface inside a host. */
  hostInterface: 'eth0',
} as const;

/**
 * Name of the lab's bridge, different for each lab. A process whose network shows this bridge belongs
 * to that lab; no process number or namespace number, which are reused, has to be remembered.
 */
export function bridgeName(settings: LabSettings): string {
  return `lab${createHash('sha256').update(settings.stateDir).digest('hex').slice(0, 8)}`;
}

/** Most hosts one lab can have: host number i has the address 10.77.1.i. */
export const mostHosts = 250;

/** IPv4 address of host number `index`, counted from 1. */
export function hostAddress(index: number): string {
  return `10.77.1.${index}`;
}

/** IPv6 address of host number `index`, counted from 1. */
export function hostAddress6(index: number): string {
  return `fd77::1:${index.toString(16)}`;
}

/** The lab's end of a host's cable: a port of the bridge. At most 15 characters, the kernel's limit. */
export function hostPort(index: number): string {
  return `port${index}`;
}
