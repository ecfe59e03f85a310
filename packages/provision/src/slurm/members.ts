import type { ClusterHost } from '../host/cluster.ts';
import { flagVariable } from '../host/variables.ts';
import { ProvisionError } from '../provision-error.ts';

/** What a host is to Slurm. */
export type SlurmRole = 'slurm-controller' | 'slurm-node';

/** The group that says so itself, and the guide's group that says it with `install_slurm`. */
const groupsOf = {
  'slurm-controller': { own: 'slurm_controller', usual: 'driver' },
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
 * A Slurm cluster has one controller: a second one would need the state of the first and its key.
 * @throws ProvisionError with the way out
 */
export function requireSlurmController(hosts: readonly ClusterHost[]): void {
  const [first, second] = hosts.filter(({ roles }) => roles.includes('slurm-controller'));
  const node = hosts.find(({ roles }) => roles.includes('slurm-node'));
  if (first === undefined && node !== undefined) {
    throw new ProvisionError(
      `${node.name} is to be a node of Slurm, and no host is its controller. Name one in [slurm_controller], or set install_slurm=yes for the driver too.`,
    );
  }
  if (first === undefined || second === undefined) return;
  throw new ProvisionError(
    `Slurm has the controllers ${first.name} and ${second.name}. A backup needs a folder of state that both mount, and cannot be made yet: leave one in [slurm_controller].`,
  );
}
