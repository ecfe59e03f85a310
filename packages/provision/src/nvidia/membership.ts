import { drainedMark } from '../k3s/look.ts';
import type { ClusterHost } from '../host/cluster.ts';
import { isVoter } from '../pool/members.ts';
import { etcdUnitName } from '../pool/places.ts';
import { jobsDrainedMark } from '../slurm/move-jobs.ts';

/** What a host is to clusters that run on it now: what a reboot takes away from others. */
export type Membership = {
  readonly k3s: 'server' | 'agent' | undefined;
  readonly isSlurmNode: boolean;
  readonly isSlurmController: boolean;
  /** Whether the pool of management servers counts on its vote. */
  readonly isPoolVoter: boolean;
  /** Whether a run that was cut off has drained it. */
  readonly isDrainedOfPods: boolean;
  readonly isDrainedOfJobs: boolean;
};

/** Lines of script that print what `readMembership` reads. */
export const observeMembership = `
for unit in k3s k3s-agent slurmctld slurmd ${etcdUnitName.replace('.service', '')}; do
  if systemctl -q is-active $unit.service 2>/dev/null; then printf 'runs=%s\\n' $unit; fi
done
if [ -e ${drainedMark} ]; then echo drained_of=pods; fi
if [ -e ${jobsDrainedMark} ]; then echo drained_of=jobs; fi
`;

/** Reads what the script printed. What runs on a host and is not in the inventory belongs to nobody whom a run could ask. Pure. */
export function readMembership(output: string, host: Pick<ClusterHost, 'roles'>): Membership {
  const { roles } = host;
  const lines = output.split('\n');
  const runs = (unit: string, role: ClusterHost['roles'][number]): boolean => lines.includes(`runs=${unit}`) && roles.includes(role);
  return {
    k3s: runs('k3s', 'k3s-server') ? 'server' : runs('k3s-agent', 'k3s-agent') ? 'agent' : undefined,
    isSlurmNode: runs('slurmd', 'slurm-node'),
    isSlurmController: runs('slurmctld', 'slurm-controller'),
    isPoolVoter: lines.includes(`runs=${etcdUnitName.replace('.service', '')}`) && isVoter(host),
    isDrainedOfPods: lines.includes('drained_of=pods'),
    isDrainedOfJobs: lines.includes('drained_of=jobs'),
  };
}

/** Where a host is drained before its reboot, in words to put before `reboot`. Pure. */
export function drainWords({ k3s, isSlurmNode }: Membership): string {
  const where = [...(isSlurmNode ? ['Slurm'] : []), ...(k3s === undefined ? [] : ['k3s'])];
  return where.length === 0 ? '' : `drain it in ${where.join(' and ')} and `;
}
