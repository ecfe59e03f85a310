import type { EnvironmentWork } from '@muster/api';
import type { PicturedWork } from './picture.ts';

/** What is written about an environment on a node. `from` is what was seen: where that is no longer so, nothing is written. */
export type WorkChange = {
  readonly nodeId: string;
  readonly environmentId: string;
  readonly from: PicturedWork | undefined;
  readonly to:
    | {
        readonly action: EnvironmentWork['action'];
        readonly version: number | null;
        readonly state: PicturedWork['state'];
        readonly message: string;
        readonly attempts: number;
        readonly taskId: string | null;
        /** From now on; null for never. */
        readonly retryInSeconds: number | null;
      }
    /** Nothing more is to be said. */
    | 'forget';
};

/** After a success, so long is waited before a difference that the node still reports is mended by itself. */
const settleSeconds = 60;
/** How often a build is tried by itself. A removal is tried until it takes place. */
const maxAttempts = 10;
const longestRetryMinutes = 30;

/** The exit status with which an agent says that trying again may help (EX_TEMPFAIL of sysexits.h). */
const passingStatus = 75;

/** How a task about an environment ended. */
export type EndedWork = {
  readonly state: 'succeeded' | 'failed' | 'cancelled' | 'expired' | 'unknown';
  readonly exitStatus: number | null;
  readonly message: string;
};

/** What an ended task makes of its work. A failure that may pass is tried again, later each time; one of the definition waits for a person. */
export function afterTask(work: PicturedWork, ended: EndedWork): WorkChange {
  const { nodeId, environmentId, action, version, attempts, taskId } = work;
  const common = { action, version, taskId, message: ended.message };
  if (ended.state === 'succeeded')
    return { nodeId, environmentId, from: work, to: { ...common, state: 'success', attempts: 0, retryInSeconds: settleSeconds } };
  const mayPass =
    ended.state === 'expired' || ended.state === 'unknown' || (ended.state === 'failed' && ended.exitStatus === passingStatus);
  const isLeft = action === 'remove' || attempts < maxAttempts;
  const retryInSeconds = mayPass && isLeft ? retrySeconds(attempts) : null;
  return { nodeId, environmentId, from: work, to: { ...common, state: 'failed', attempts, retryInSeconds } };
}

/** One minute, then twice as long each time, up to half an hour. */
const retrySeconds = (attempts: number): number => 60 * Math.min(longestRetryMinutes, 2 ** Math.max(0, attempts - 1));
