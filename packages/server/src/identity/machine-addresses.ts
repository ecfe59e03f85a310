import { isIP } from 'node:net';
import { hostname, networkInterfaces } from 'node:os';

/** Addresses of this machine that others can use, IPv4 first; loopback and link-local left out. */
export function machineAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return all
    .filter((one) => !one.internal && !one.address.startsWith('fe80:') && !one.address.startsWith('169.254.'))
    .toSorted((a, b) => a.family.localeCompare(b.family))
    .map((one) => one.address);
}

/** `host:port` as it is written, an IPv6 address in brackets. */
export const hostPort = (host: string, port: number): string => `${isIP(host) === 6 ? `[${host}]` : host}:${port}`;

/** Whether an address to listen on is reachable from this machine alone. */
export const isLoopback = (host: string): boolean => host === 'localhost' || host === '::1' || host.startsWith('127.');

/** The names and addresses that go into the server's own certificate. */
export function serverNames(extraHosts: readonly string[]): { dnsNames: string[]; ipAddresses: string[] } {
  const hosts = [...extraHosts, hostname(), 'localhost'];
  const addresses = [...extraHosts, ...machineAddresses(), '127.0.0.1', '::1'];
  const unique = (list: string[]) => [...new Set(list)];
  return {
    dnsNames: unique(hosts.filter((host) => isIP(host) === 0 && host !== '0.0.0.0').map((host) => host.toLowerCase())),
    ipAddresses: unique(addresses.filter((address) => isIP(address) !== 0 && address !== '0.0.0.0' && address !== '::')),
  };
}
