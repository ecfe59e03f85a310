import { isAbsolute, resolve } from 'node:path';
import type { HostRun, Run } from '../engine/phase.ts';
import type { ClusterHost } from '../host/cluster.ts';
import { textVariable } from '../host/variables.ts';
import { ProvisionError } from '../provision-error.ts';

/** Where the guide has its artifacts, beside the inventory. */
const guideFolder = 'shared/bin';

/** A path of the inventory on this machine: relative ones are beside the inventory. */
export const pathBesideInventory = (path: string, inventoryFolder = process.cwd()): string =>
  isAbsolute(path) ? path : resolve(inventoryFolder, path);

/** The folder on this machine that k3s comes from: `k3s_artifacts`, else where the guide has it. Absolute. */
export const artifactFolder = (host: ClusterHost, inventoryFolder?: string): string =>
  pathBesideInventory(textVariable(host, 'k3s_artifacts') ?? guideFolder, inventoryFolder);

/** The token of the inventory; undefined where it has none, and the first server makes one. @throws ProvisionError for one that k3s cannot take */
export function givenToken(host: ClusterHost): string | undefined {
  const token = textVariable(host, 'k3s_token') ?? textVariable(host, 'convect_token');
  if (token === undefined || /^[\x21-\x7E]+$/u.test(token)) return token;
  throw new ProvisionError(`${host.name}: k3s_token (or convect_token) holds blanks or letters that are not ASCII, which k3s cannot take.`);
}

/** Longest time in which a server answers, or a node is Ready, after a start: `k3s_wait_seconds`. */
export const waitSeconds = (host: ClusterHost): number => wholeVariable(host, 'k3s_wait_seconds', [1, 86_400]) ?? 600;

/** A port; undefined where it is not set. */
export const portVariable = (host: ClusterHost, name: string): number | undefined => wholeVariable(host, name, [1, 65_535]);

function wholeVariable(host: ClusterHost, name: string, [min, max]: readonly [number, number]): number | undefined {
  const text = textVariable(host, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (/^\d+$/u.test(text) && value >= min && value <= max) return value;
  throw new ProvisionError(`${host.name}: ${name} is "${text}": write a whole number from ${min} to ${max}.`);
}

/** The address of a host in the cluster's network. @throws ProvisionError */
export function clusterAddressOf({ host, address }: HostRun): string {
  if (address !== undefined) return address;
  throw new ProvisionError(`${host.name} has no address in the cluster's network. Set my_iface for it.`);
}

/** Host and port under which the API is reached: `k3s_endpoint` (a name or an address that leads to the servers), else a server's own. */
export function endpointOf(host: HostRun): string {
  const endpoint = textVariable(host.host, 'k3s_endpoint');
  if (endpoint === undefined) return bracketed(clusterAddressOf(host));
  if (/^[\w.:-]+$/u.test(endpoint)) return bracketed(endpoint);
  throw new ProvisionError(`${host.host.name}: k3s_endpoint is "${endpoint}": write a name or an address.`);
}

/** An address as it stands in a URL. */
export const bracketed = (address: string): string => (address.includes(':') ? `[${address}]` : address);

/** The hosts of a run that are servers of k3s, in the order of the inventory. */
export const serversOf = ({ hosts }: Run): HostRun[] => hosts.filter(({ host }) => host.roles.includes('k3s-server'));
