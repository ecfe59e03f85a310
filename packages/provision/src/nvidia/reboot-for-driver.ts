import { connectionOf } from '../engine/host-run.ts';
import type { HostRun, Run } from '../engine/phase.ts';
import { rebootHost } from '../host/reboot.ts';
import { RebootTurns } from '../host/reboot-turns.ts';
import { runScript } from '../host/run-script.ts';
import { agentsAtOnce } from '../k3s/members.ts';
import { withoutPods } from '../k3s/without-pods.ts';
import type { ClusterHost } from '../host/cluster.ts';
import { isVoter } from '../pool/members.ts';
import { waitForVoter } from '../pool/voter-back.ts';
import { ProvisionError } from '../provision-error.ts';
import { withoutJobs } from '../slurm/without-jobs.ts';
import { nvidiaLookScript, type NvidiaSeen, persistencedUnit, readNvidia, rebootReason } from './look.ts';
import type { Membership } from './membership.ts';

/** Where nothing else has the cards, the driver starts without a reboot. */
export const loadDriver = `
PATH=$PATH:/usr/sbin
modprobe -r nouveau 2>/dev/null || true
modprobe nvidia 2>/dev/null || true
if [ "$(systemctl show -p LoadState --value ${persistencedUnit} 2>/dev/null)" = loaded ]; then
  systemctl is-enabled --quiet ${persistencedUnit} || systemctl enable --quiet ${persistencedUnit}
  systemctl is-active --quiet ${persistencedUnit} || systemctl start ${persistencedUnit} || true
fi
`;

/**
 * Reboots the host where its driver does not answer without. A host of a running cluster is drained first and let back afterwards; a server of
 * k3s, a voter of the pool and the controller of Slurm go alone, the others of them in batches, and a host of no cluster at once.
 * @throws ProvisionError
 */
export async function rebootIfNeeded({ mayReboot }: { readonly mayReboot: boolean }, host: HostRun, run: Run): Promise<void> {
  const seen = await look(host, run);
  const reason = rebootReason(seen);
  if (reason === undefined) return;
  const { name } = host.host;
  if (!mayReboot)
    throw new ProvisionError(
      `${name} has to be rebooted for its NVIDIA driver: ${reason}. nvidia_reboot=no leaves that to you: reboot it, then run the same command again.`,
    );
  const { k3s, isSlurmController, isSlurmNode, isPoolVoter } = seen.membership;
  const work = async (): Promise<void> => {
    await rebootDrained(host, run, seen.membership);
    if (isPoolVoter) await waitForVoter(host, run);
    await afterReboot(host, run);
  };
  const turns = (run.reboots ??= new RebootTurns(batchOf(run)));
  if (k3s === 'server' || isSlurmController || isPoolVoter)
    await turns.alone(name, work, () => {
      if (k3s === 'server') requireNoFailed(host, run, serversOfK3s);
      if (isPoolVoter) requireNoFailed(host, run, votersOfPool);
    });
  else if (k3s === 'agent' || isSlurmNode) await turns.together(work);
  else await work();
}

const look = async (host: HostRun, run: Run): Promise<NvidiaSeen> => {
  const options = { label: 'look at the NVIDIA driver', sudo: true, signal: run.signal };
  return readNvidia(await runScript(connectionOf(host), nvidiaLookScript, options), host.host);
};

/** Half of the hosts that work for others go on working, and no more join anew at the same time than a server bears. */
const batchOf = ({ cluster: { hosts } }: Run): number => {
  const workers = hosts.filter(({ roles }) => roles.includes('k3s-agent') || roles.includes('slurm-node'));
  return Math.min(agentsAtOnce, Math.floor(workers.length / 2));
};

/** Machines of which more than half must be there. */
type Majority = { readonly of: string; readonly has: (host: ClusterHost) => boolean };
const serversOfK3s: Majority = { of: 'server NAME of k3s', has: ({ roles }) => roles.includes('k3s-server') };
const votersOfPool: Majority = { of: 'voter NAME of the pool', has: isVoter };

/** @throws ProvisionError once the turn of one of them has failed: with two away there may be no majority */
function requireNoFailed({ host: { name } }: HostRun, { cluster: { hosts }, reboots }: Run, { of, has }: Majority): void {
  const failed = hosts.filter((one) => has(one) && reboots?.failed.includes(one.name) === true);
  if (failed.length === 0) return;
  const names = failed.map((one) => one.name).join(', ');
  throw new ProvisionError(
    `${name} is not rebooted for its NVIDIA driver, because the ${of.replace('NAME', names)} has failed: with two away there is no majority. Its driver is installed and waits for the reboot. Mend ${names}, then run the same command again.`,
  );
}

async function rebootDrained(host: HostRun, run: Run, membership: Membership): Promise<void> {
  const { k3s, isSlurmNode, isSlurmController, isDrainedOfPods, isDrainedOfJobs } = membership;
  const reboot = (): Promise<void> => rebootHost(host, run);
  await withoutJobs(host, run, {
    isNode: isSlurmNode,
    isController: isSlurmController,
    isDrained: isDrainedOfJobs,
    reboot: k3s === undefined ? reboot : () => withoutPods(host, run, { kind: k3s, isDrained: isDrainedOfPods, reboot }),
  });
}

/** @throws ProvisionError when the driver does not answer in the new boot either */
async function afterReboot(host: HostRun, run: Run): Promise<void> {
  const still = rebootReason(await look(host, run));
  if (still !== undefined)
    throw new ProvisionError(
      `${host.host.name} was rebooted for its NVIDIA driver, and ${still}. See "nvidia-smi" and "journalctl -k -b" there.`,
    );
  await runScript(connectionOf(host), loadDriver, { label: 'load the NVIDIA driver', sudo: true, signal: run.signal });
}
