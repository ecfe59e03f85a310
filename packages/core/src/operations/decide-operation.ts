import type { Operation, TaskCounts } from '@muster/api';

/** What decides how an operation goes on. */
export type OperationPicture = {
  readonly batch: number | null;
  readonly maxFail: number | null;
  readonly cancelled: boolean;
  readonly counts: TaskCounts;
  /** Tasks among the queued ones that wait for their batch. */
  readonly held: number;
};

/** What is to be done about an operation now. */
export type OperationStep =
  | { readonly do: 'wait' }
  /** Let so many of the held tasks go, in the order of the nodes. */
  | { readonly do: 'release'; readonly count: number }
  /** Cancel what is still queued. */
  | { readonly do: 'stop'; readonly reason: string }
  | { readonly do: 'finish'; readonly state: Exclude<Operation['state'], 'running'> };

/** Tasks that ended otherwise than they were meant to. One that nobody knows of counts: it may have failed. */
export const failuresIn = ({ failed, expired, unknown }: TaskCounts): number => failed + expired + unknown;

const underWay = ({ queued, sent, running }: TaskCounts): number => queued + sent + running;

/**
 * Decides the next step. A batch is a window: as soon as one node of it has ended, the next one begins, so a slow node holds up one
 * place and not the whole batch. More failures than `maxFail` stop the rest; what has begun goes on to its end.
 */
export function decideOperation(picture: OperationPicture): OperationStep {
  const { counts, held, batch, maxFail, cancelled } = picture;
  if (underWay(counts) === 0) return { do: 'finish', state: operationEnd(counts, cancelled) };
  const failures = failuresIn(counts);
  if (maxFail !== null && failures > maxFail && counts.queued > 0)
    return { do: 'stop', reason: `Not begun: ${failures} failed elsewhere, and ${maxFail} were allowed to.` };
  const room = (batch ?? Number.POSITIVE_INFINITY) - (underWay(counts) - held);
  if (held > 0 && room > 0) return { do: 'release', count: Math.min(held, room) };
  return { do: 'wait' };
}

/** How an operation ended whose tasks all have. One that was cancelled too late, after all had succeeded, succeeded. */
export function operationEnd(counts: TaskCounts, cancelled: boolean): Exclude<Operation['state'], 'running'> {
  if (failuresIn(counts) > 0) return cancelled ? 'cancelled' : 'failed';
  if (counts.cancelled > 0) return cancelled ? 'cancelled' : 'failed';
  return 'succeeded';
}

/** No task in any state. */
export const noTasks = (): TaskCounts => ({
  queued: 0,
  sent: 0,
  running: 0,
  succeeded: 0,
  failed: 0,
  cancelled: 0,
  expired: 0,
  unknown: 0,
});
