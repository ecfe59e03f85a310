import type { HostConnection, Inventory, Variables } from '@muster/core';
import { type HostLogin, type Transport, transports } from '@muster/ssh';
import { type DockerRole, dockerRoles } from '../docker/wanted-docker.ts';
import { ProvisionError } from '../provision-error.ts';
import { type K3sRole, k3sRoles, requireK3sServers } from '../k3s/members.ts';
import { registryRole, requireOneRegistry } from '../registry/members.ts';
import { managementRoles, type PoolRole, requirePool } from '../pool/members.ts';
import { preparedRole } from '../prepare/prepared-role.ts';
import { controllerGroup, type SlurmRole, slurmControllers, slurmRoles } from '../slurm/members.ts';
import { textVariable } from './variables.ts';

/** What a host is in the cluster, from its groups in the inventory. */
export type Role = 'driver' | 'worker' | PoolRole | SlurmRole | K3sRole | DockerRole | 'registry' | 'prepared';

/** A host as the inventory describes it. */
export type ClusterHost = {
  readonly name: string;
  readonly roles: readonly Role[];
  readonly groups: readonly string[];
  readonly connection: HostConnection;
  readonly variables: Variables;
};

/** The hosts of an inventory with their roles. There may be no driver where nothing of a run needs a management server. */
export type Cluster = {
  readonly hosts: readonly ClusterHost[];
  /** The first host that runs a management server. */
  readonly driver: ClusterHost | undefined;
  /** All that run one, in the order of the inventory: one host, or the members of a pool. */
  readonly management: readonly ClusterHost[];
  readonly withoutRole: readonly string[];
  /** Names of the controllers of Slurm, the primary first. */
  readonly slurmControllers: readonly string[];
};

/** Whether a host gets an agent. One that is only prepared does not. */
export const isNode = ({ roles }: ClusterHost): boolean => roles.some((role) => role !== 'prepared');

/** All hosts of an inventory, whatever their role. @throws InventoryError for connection variables that make no sense */
export function clusterHosts(inventory: Inventory): ClusterHost[] {
  const hosts = inventory.hosts.map((name): ClusterHost => ({
    name,
    roles: [],
    groups: inventory.groupsOf(name),
    connection: inventory.connectionOf(name),
    variables: inventory.varsOf(name),
  }));
  return hosts.map((host) => ({
    ...host,
    roles: [
      ...managementRoles(host, hosts),
      ...slurmRoles(host, hosts),
      ...k3sRoles(host, hosts),
      ...dockerRoles(host),
      ...registryRole(host),
      ...preparedRole(host),
    ],
  }));
}

/**
 * Reads the cluster out of an inventory. `needsDriver` says of which hosts there can be no run without a management server.
 * @throws ProvisionError when no host is to be the management server, or several that make no pool which survives a loss
 */
export function clusterOf(inventory: Inventory, needsDriver: (host: ClusterHost) => boolean = isNode): Cluster {
  const all = clusterHosts(inventory);
  const hosts = all.filter((host) => host.roles.length > 0);
  const management = hosts.filter((host) => host.roles.includes('driver'));
  const [driver] = management;
  if (driver === undefined && (hosts.length === 0 || hosts.some(needsDriver))) {
    throw new ProvisionError(
      'The inventory has no host in the group [driver]. Name the machine that is to run the management server there, or prepare hosts only: muster apply --only prepare.',
    );
  }
  requirePool(hosts);
  const controllers = slurmControllers(hosts, inventory.hostsInGroup(controllerGroup));
  requireK3sServers(hosts);
  requireOneRegistry(hosts);
  const withoutRole = all.filter((host) => host.roles.length === 0).map((host) => host.name);
  return { hosts, driver, management, withoutRole, slurmControllers: controllers };
}

/**
 * Where and as whom to log in to a host, as far as the inventory says it; `home` is the home folder of the user who runs the command.
 * @throws ProvisionError for ways to connect that are not SSH
 */
export function loginOf(host: ClusterHost, home: string): HostLogin {
  const { name, connection } = host;
  const way = connection.connection ?? 'ssh';
  if (!['ssh', 'paramiko', 'smart'].includes(way)) {
    throw new ProvisionError(`${name}: ansible_connection=${way} is not supported; Muster reaches hosts by SSH only.`);
  }
  const { address, port, user, password, isHostKeyChecked, connectTimeoutSeconds, sshArguments } = connection;
  const privateKeyFile = connection.privateKeyFile?.replace(/^~(?=\/|$)/u, home);
  return {
    name,
    address,
    port,
    user,
    privateKeyFile,
    password,
    isHostKeyChecked,
    connectTimeoutSeconds,
    sshArguments,
    transport: transportOf(host),
  };
}

function transportOf(host: ClusterHost): Transport | undefined {
  const text = textVariable(host, 'muster_transport');
  const transport = transports.find((one) => one === text);
  if (text !== undefined && transport === undefined) {
    throw new ProvisionError(`${host.name}: muster_transport=${text} is none of ${transports.join(', ')}.`);
  }
  return transport;
}
