import { join, resolve } from 'node:path';
import { hostPort, isLoopback, machineAddresses } from '../identity/machine-addresses.ts';
import type { Config } from './config.ts';
import { ConfigError } from './config-error.ts';

const isEverywhere = (host: string) => host === '0.0.0.0' || host === '::';

/** How agents reach this server: what the configuration says, else every address on which the door can be reached. */
export function agentAddressesOf({ agents }: Config): string[] {
  if (agents.addresses !== undefined && agents.addresses.length > 0) return agents.addresses;
  const hosts = isEverywhere(agents.host) ? machineAddresses() : [agents.host];
  return (hosts.length === 0 ? ['127.0.0.1'] : hosts).map((host) => hostPort(host, agents.port));
}

/** Whether panel and API speak TLS. */
export const usesTls = ({ http }: Config): boolean => http.tls === 'on' || (http.tls === 'auto' && !isLoopback(http.host));

/** How people reach the panel. */
export function publicUrlOf(config: Config): string {
  const { http } = config;
  if (http.publicUrl !== undefined) return http.publicUrl.replace(/\/$/u, '');
  const host = isEverywhere(http.host) ? (machineAddresses()[0] ?? 'localhost') : isLoopback(http.host) ? 'localhost' : http.host;
  return `${usesTls(config) ? 'https' : 'http'}://${hostPort(host, http.port)}`;
}

/** The names by which this server's own certificate is to be valid, besides those the machine has anyway. */
export const identityHostsOf = (config: Config): string[] => [
  config.http.host,
  ...agentAddressesOf(config),
  new URL(publicUrlOf(config)).host,
];

/** A path for a Unix socket has at most 107 bytes (unix(7)). */
const maxSocketPathBytes = 107;

/** Where the CLI of this machine finds the server. */
export function socketPathOf(config: Config, dataDir: string): string {
  const path = resolve(config.socket.path ?? join(dataDir, 'muster.sock'));
  if (Buffer.byteLength(path) > maxSocketPathBytes) {
    throw new ConfigError(
      `The path of the socket is longer than a Unix socket may have (${maxSocketPathBytes} bytes): ${path}. Set a shorter one: socket.path.`,
    );
  }
  return path;
}
