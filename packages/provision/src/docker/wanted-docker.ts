import { isAccountName } from '../access/access-scripts.ts';
import type { ClusterHost } from '../host/cluster.ts';
import { flagVariable, listVariable, rawVariable, textVariable } from '../host/variables.ts';
import { ProvisionError } from '../provision-error.ts';
import type { JsonObject } from './daemon-json.ts';
import { readDaemonKeys } from './daemon-json.ts';

/** What a host is to Docker: it gets one. */
export type DockerRole = 'docker';

/**
 * Whether a host is to have Docker: a member of [docker], `install_docker=yes`, or `docker_repo`, which the guide has for nothing else.
 * `install_docker=no` beats all of it. The guide's inventory alone does not ask for it: k3s brings a container runtime of its own. Pure.
 * @throws ProvisionError for an `install_docker` that is neither yes nor no
 */
export function dockerRoles(host: ClusterHost): DockerRole[] {
  const isImplied = host.groups.includes('docker') || textVariable(host, 'docker_repo') !== undefined;
  return flagVariable(host, 'install_docker', isImplied) ? ['docker'] : [];
}

/** The packages of Docker: Docker's own from a mirror of Docker's, or where a folder holds them; else the distribution's. Pure. */
export function dockerPackages(host: ClusterHost, folderFiles: readonly string[] | undefined): readonly string[] {
  const isDockers = textVariable(host, 'docker_repo') !== undefined || folderFiles?.some((name) => name.startsWith('docker-ce_')) === true;
  return isDockers ? ['docker-ce', 'docker-ce-cli', 'containerd.io'] : ['docker.io'];
}

/** Users who may use Docker without sudo, which makes them root on the host. @throws ProvisionError for what is no name of a user */
export function dockerUsers(host: ClusterHost): readonly string[] {
  const users = listVariable(host, 'docker_users') ?? [];
  const odd = users.find((name) => !isAccountName(name));
  if (odd !== undefined) throw new ProvisionError(`${host.name}: docker_users has "${odd}", which is no name of a user.`);
  return users;
}

/** Keys that the inventory sets in daemon.json. @throws ProvisionError when `docker_daemon` is no map */
export function wantedDaemonKeys(host: ClusterHost): JsonObject {
  const mirrors = listVariable(host, 'docker_registry_mirrors');
  const given = rawVariable(host, 'docker_daemon');
  return { ...(mirrors === undefined ? {} : { 'registry-mirrors': mirrors }), ...(given === undefined ? {} : readDaemonKeys(host, given)) };
}
