import type { ClusterHost } from '../host/cluster.ts';
import { rawVariable, readFlag, textVariable } from '../host/variables.ts';
import { ProvisionError } from '../provision-error.ts';
import { parseIp4 } from './ip4.ts';

/** An address that one of the members has at a time. */
export type Gateway = { readonly text: string; readonly address: number; readonly prefixLength: number };

/** Whether the inventory says anything of it, also that there is none. */
export const asksForGateway = (host: ClusterHost): boolean => rawVariable(host, 'muster_gateway_address') !== undefined;

/** What a host's variables say; undefined where there is none. Pure. @throws ProvisionError for what is no address of a network */
function readGateway(host: ClusterHost): Gateway | undefined {
  const value = textVariable(host, 'muster_gateway_address');
  if (value === undefined || readFlag(value) === false) return undefined;
  const [, text = '', length = ''] = /^([\d.]+)\/(\d{1,2})$/u.exec(value) ?? [];
  const [address, prefixLength] = [parseIp4(text), Number(length)];
  if (address !== undefined && prefixLength >= 8 && prefixLength <= 30) return { text, address, prefixLength };
  throw new ProvisionError(`${host.name}: muster_gateway_address is "${value}": write it as 10.0.0.254/24, or no.`);
}

/** The same, of a management server; nobody else has it. */
export const gatewayOf = (host: ClusterHost): Gateway | undefined => {
  const gateway = readGateway(host);
  return host.roles.includes('driver') ? gateway : undefined;
};

/** The members that share the address, in the order of the inventory. */
export const gatewayMembers = (hosts: readonly ClusterHost[]): readonly ClusterHost[] =>
  hosts.filter((host) => gatewayOf(host) !== undefined);

/** The address of the cluster. @throws ProvisionError where members are told different ones */
export function clusterGateway(hosts: readonly ClusterHost[]): Gateway | undefined {
  const [first, ...others] = gatewayMembers(hosts);
  const other = others.find((host) => first !== undefined && gatewayOf(host)?.text !== gatewayOf(first)?.text);
  if (other !== undefined)
    throw new ProvisionError(
      `${other.name}: muster_gateway_address is not that of ${first?.name ?? ''}: set it once, for the whole group.`,
    );
  return first === undefined ? undefined : gatewayOf(first);
}
