import type { HostRun, Run } from '../engine/phase.ts';
import { ProvisionError } from '../provision-error.ts';
import { askForNode, awaitController, moveJobsAway, noteJobsDrained, type SlurmNode, takeJobsAgain } from './move-jobs.ts';

/** A reboot of a machine of Slurm. */
export type JoblessReboot = {
  readonly isNode: boolean;
  readonly isController: boolean;
  /** Whether a run that was cut off has drained it. */
  readonly isDrained: boolean;
  /** Reboots it, and goes on when it is back. */
  readonly reboot: () => Promise<void>;
};

/**
 * Reboots a machine while no job runs on it: its jobs end first, an hour at most, and afterwards it takes jobs again. What a person has
 * drained stays so. Jobs elsewhere go on while the controller is away; it is waited for.
 * @throws ProvisionError
 */
export async function withoutJobs(host: HostRun, run: Run, { isNode, isController, isDrained, reboot }: JoblessReboot): Promise<void> {
  const seen = isNode ? await askForNode(host, run) : { node: '', state: '' };
  requireAnswer(host, seen);
  const isOurs = seen.node !== '' && (isDrained || !seen.state.startsWith('drain'));
  if (isOurs) await noteJobsDrained(host, run);
  if (seen.node !== '') await moveJobsAway(host, run, { node: seen.node, reason: isOurs ? 'muster reboot' : '' });
  await reboot();
  if (isController) await awaitController(host, run);
  if (isOurs) await takeJobsAgain(host, run, seen.node);
}

/** @throws ProvisionError for a node whose jobs nobody knows */
function requireAnswer({ host: { name } }: HostRun, { node, state }: SlurmNode): void {
  if (node === '' || state !== '') return;
  throw new ProvisionError(
    `${name} is not rebooted: the controller of Slurm does not answer, so its jobs cannot be waited for. Mend that one first, or stop slurmd on ${name} if no job runs there, then run the same command again.`,
  );
}
