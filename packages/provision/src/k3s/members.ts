import type { ClusterHost } from '../host/cluster.ts';
import { flagVariable, textVariable } from '../host/variables.ts';
import { ProvisionError } from '../provision-error.ts';

/** What a host is to k3s. */
export type K3sRole = 'k3s-server' | 'k3s-agent';

/** More agents that join at the same time than this wear a server out (docs.rke2.io and docs.k3s.io say 30 to 50). */
export const agentsAtOnce = 50;

/** The group that says so itself, and the guide's group that says it with `install_k3s`. */
const groupsOf = {
  'k3s-server': { own: 'k3s_server', usual: 'driver' },
  'k3s-agent': { own: 'k3s_agent', usual: 'worker' },
} as const satisfies Record<K3sRole, object>;

/** Variables of the guide that make sense with k3s only: an inventory that has one of them is the guide's, and asks for k3s. */
const ofTheGuide = ['convect_token', 'jhub_config_path'] as const;

/** Whether a host is to have k3s where no group says so: `install_k3s`; without it, whether the guide's variables are there. */
const isWanted = (host: ClusterHost): boolean =>
  flagVariable(
    host,
    'install_k3s',
    ofTheGuide.some((name) => textVariable(host, name) !== undefined),
  );

/**
 * What a host is to k3s: a member of [k3s_server] or [k3s_agent]; where the inventory has no such group, the hosts of [driver] and [worker]
 * that ask for it. A server is no agent besides: it runs pods anyway. Pure.
 * @throws ProvisionError for an `install_k3s` that is neither yes nor no
 */
export function k3sRoles(host: ClusterHost, all: readonly ClusterHost[]): K3sRole[] {
  const [role] = (['k3s-server', 'k3s-agent'] as const).filter((one) => {
    const { own, usual } = groupsOf[one];
    if (all.some(({ groups }) => groups.includes(own))) return host.groups.includes(own);
    return host.groups.includes(usual) && isWanted(host);
  });
  return role === undefined ? [] : [role];
}

/** The name of a Kubernetes node: a DNS name in lower case (RFC 1123). */
const nodeName = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/u;

/**
 * A cluster needs a server to join, an odd number of them, and names that Kubernetes takes.
 * @throws ProvisionError with the way out
 */
export function requireK3sServers(hosts: readonly ClusterHost[]): void {
  const members = hosts.filter(isOfK3s);
  const servers = members.filter(({ roles }) => roles.includes('k3s-server'));
  const [agent] = members;
  if (agent === undefined) return;
  if (servers.length === 0) {
    throw new ProvisionError(
      `${agent.name} is to be an agent of k3s, and no host is a server. Name one in [k3s_server], or set install_k3s=yes for the driver too.`,
    );
  }
  if (servers.length % 2 === 0) {
    const names = servers.map(({ name }) => name).join(', ');
    throw new ProvisionError(
      `k3s has ${servers.length} servers (${names}). An even number stands the loss of no more servers than one fewer, because etcd needs more than half of them: leave 1, 3 or 5 in [k3s_server].`,
    );
  }
  const misnamed = members.filter(({ name }) => !nodeName.test(name)).map(({ name }) => name);
  if (misnamed.length > 0) {
    throw new ProvisionError(
      `Kubernetes takes no node of this name: ${misnamed.join(', ')}. Use small letters, digits and hyphens, or leave the host out of k3s.`,
    );
  }
}

/** Whether a host belongs to the k3s cluster at all. */
export const isOfK3s = ({ roles }: ClusterHost): boolean => roles.includes('k3s-server') || roles.includes('k3s-agent');

/** A k3s of which machines stay keeps a server. @throws ProvisionError when all of them are to be reset and an agent is not */
export function requireK3sServerLeft(hosts: readonly ClusterHost[], selected: ReadonlySet<string>): void {
  const servers = hosts.filter(({ roles }) => roles.includes('k3s-server'));
  const left = hosts.filter(({ name, roles }) => roles.includes('k3s-agent') && !selected.has(name)).map(({ name }) => name);
  if (left.length === 0 || servers.some(({ name }) => !selected.has(name))) return;
  throw new ProvisionError(
    `With ${servers.map(({ name }) => name).join(', ')} the last server of k3s would go, and ${left.slice(0, 5).join(', ')}${left.length > 5 ? ` and ${left.length - 5} more` : ''} be left without one. Reset these too, or leave a server out.`,
  );
}
