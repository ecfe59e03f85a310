import { type HostConnection, type Inventory, type InventoryValue, textOf, type Variables } from '@muster/core';
import type { SshTarget } from '@muster/ssh';
import { ProvisionError } from '../provision-error.ts';

/** What a host is in the cluster, from its groups in the inventory. */
export type Role = 'driver' | 'worker';

/** A host as the inventory describes it. */
export type ClusterHost = {
  readonly name: string;
  readonly roles: readonly Role[];
  readonly groups: readonly string[];
  readonly connection: HostConnection;
  readonly variables: Variables;
};

/** The hosts of an inventory with their roles; exactly one is the driver. */
export type Cluster = { readonly hosts: readonly ClusterHost[]; readonly driver: ClusterHost; readonly withoutRole: readonly string[] };

const roleGroups: readonly Role[] = ['driver', 'worker'];

/** All hosts of an inventory, whatever their role. @throws InventoryError for connection variables that make no sense */
export function clusterHosts(inventory: Inventory): ClusterHost[] {
  return inventory.hosts.map((name) => {
    const groups = inventory.groupsOf(name);
    return {
      name,
      roles: roleGroups.filter((role) => groups.includes(role)),
      groups,
      connection: inventory.connectionOf(name),
      variables: inventory.varsOf(name),
    };
  });
}

/**
 * Reads the cluster out of an inventory.
 * @throws ProvisionError when no host, or more than one, is to be the management server
 */
export function clusterOf(inventory: Inventory): Cluster {
  const all = clusterHosts(inventory);
  const hosts = all.filter((host) => host.roles.length > 0);
  const drivers = hosts.filter((host) => host.roles.includes('driver'));
  const [driver] = drivers;
  if (driver === undefined) {
    throw new ProvisionError(
      'The inventory has no host in the group [driver]. Name the machine that is to run the management server there.',
    );
  }
  if (drivers.length > 1) {
    const names = drivers.map((one) => one.name).join(', ');
    throw new ProvisionError(
      `The group [driver] has ${drivers.length} hosts (${names}). A pool of servers cannot be made yet: leave one there.`,
    );
  }
  return { hosts, driver, withoutRole: all.filter((host) => host.roles.length === 0).map((host) => host.name) };
}

/** The user who runs the command, and his home: what the inventory leaves open is filled from here. */
export type LocalUser = { readonly name: string; readonly home: string };

/** Where and as whom to log in to a host. @throws ProvisionError for ways to connect that are not SSH */
export function targetOf({ name, connection }: ClusterHost, user: LocalUser): SshTarget {
  const way = connection.connection ?? 'ssh';
  if (!['ssh', 'paramiko', 'smart'].includes(way)) {
    throw new ProvisionError(`${name}: ansible_connection=${way} is not supported; Muster reaches hosts by SSH only.`);
  }
  const file = connection.privateKeyFile;
  return {
    name,
    address: connection.address,
    port: connection.port ?? 22,
    user: connection.user ?? user.name,
    ...(file === undefined ? {} : { privateKeyFile: file.replace(/^~(?=\/|$)/u, user.home) }),
    ...(connection.password === undefined ? {} : { password: connection.password }),
  };
}

/** A variable as text; undefined where it is not set or empty. */
export function textVariable(host: ClusterHost, name: string): string | undefined {
  const text = textOf(host.variables.get(name));
  return text === undefined || text === '' ? undefined : text;
}

/** A variable that names several things: a list, or text with commas. */
export function listVariable(host: ClusterHost, name: string): string[] | undefined {
  const value = host.variables.get(name);
  const texts = isList(value) ? value.map((one) => textOf(one) ?? '') : textVariable(host, name)?.split(',');
  return texts?.map((one) => one.trim()).filter((one) => one !== '');
}

/** `Array.isArray` forgets what a read-only list holds. */
const isList = (value: InventoryValue | undefined): value is readonly InventoryValue[] => Array.isArray(value);
