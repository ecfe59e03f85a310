import type { HostRun, Run } from '../engine/phase.ts';
import type { ClusterHost } from '../host/cluster.ts';
import { flagVariable } from '../host/variables.ts';
import { ProvisionError } from '../provision-error.ts';
import { requireOneStateFolder } from './state-folder.ts';

/** What a host is to Slurm. */
export type SlurmRole = 'slurm-controller' | 'slurm-node';

/** The group of the controllers. */
export const controllerGroup = 'slurm_controller';

/** The group that says so itself, and the guide's group that says it with `install_slurm`. */
const groupsOf = {
  'slurm-controller': { own: controllerGroup, usual: 'driver' },
  'slurm-node': { own: 'slurm_node', usual: 'worker' },
} as const satisfies Record<SlurmRole, object>;

/**
 * What a host is to Slurm: a member of [slurm_controller] or [slurm_node]; where the inventory has no such group, the hosts of [driver]
 * and [worker] with `install_slurm=yes`. Pure. @throws ProvisionError for an `install_slurm` that is neither yes nor no
 */
export function slurmRoles(host: ClusterHost, all: readonly ClusterHost[]): SlurmRole[] {
  const isWanted = flagVariable(host, 'install_slurm', false);
  return (['slurm-controller', 'slurm-node'] as const).filter((role) => {
    const { own, usual } = groupsOf[role];
    if (all.some(({ groups }) => groups.includes(own))) return host.groups.includes(own);
    return isWanted && host.groups.includes(usual);
  });
}

/**
 * Names of the controllers, in the order in which their group has them: the first is the primary. Pure.
 * @throws ProvisionError for nodes without a controller, and for several controllers without a folder that all of them mount
 */
export function slurmControllers(hosts: readonly ClusterHost[], inGroup: readonly string[]): string[] {
  const controllers = hosts
    .filter(({ roles }) => roles.includes('slurm-controller'))
    .toSorted((a, b) => inGroup.indexOf(a.name) - inGroup.indexOf(b.name));
  const node = hosts.find(({ roles }) => roles.includes('slurm-node'));
  if (controllers.length === 0 && node !== undefined) {
    throw new ProvisionError(
      `${node.name} is to be a node of Slurm, and no host is its controller. Name one in [slurm_controller], or set install_slurm=yes for the driver too.`,
    );
  }
  requireOneStateFolder(controllers);
  return controllers.map(({ name }) => name);
}

/** The hosts of a run that are controllers, the primary first. */
export const controllersOf = ({ hosts, cluster }: Pick<Run, 'hosts' | 'cluster'>): HostRun[] =>
  cluster.slurmControllers.flatMap((name) => hosts.find(({ host }) => host.name === name) ?? []);

/** Whether a phase has found out what a run needs to know of a controller: one that failed, or was not reached, is named as it was before. */
export const isKnown = ({ facts, failed }: HostRun): boolean => facts !== undefined && failed !== true;
