import { messageOf } from '../agent-error.ts';
import type { Clock } from '../clock.ts';
import { endedEarly, type EndReason, endReasonOf, type HandlerResult, type TaskHandler } from './task-handler.ts';
import type { BegunTask } from './task-journal.ts';

/** A handler that does not settle so long after it was told to end is left alone, so that its lane can go on. */
const abandonAfterMs = 30_000;

/** Runs a handler within its task's time, or until `end` is aborted. Settles whatever the handler does, and never throws. */
export async function runHandler(
  clock: Clock,
  handler: TaskHandler,
  { id, work, timeoutSeconds }: BegunTask,
  end: AbortController,
): Promise<HandlerResult> {
  const before = endReasonOf(end.signal);
  if (before !== undefined) return { ...endedEarly(before, timeoutSeconds), message: 'Ended before it began.' };
  const { promise: abandoned, resolve: abandon } = Promise.withResolvers<HandlerResult>();
  let cancelAbandon = (): void => undefined;
  end.signal.addEventListener('abort', () => {
    cancelAbandon = clock.after(abandonAfterMs, () => abandon(leftAlone(endReasonOf(end.signal))));
  });
  const cancelTimeout = clock.after(timeoutSeconds * 1000, () => end.abort('timeout' satisfies EndReason));
  try {
    // In a function of its own, so that what it throws before its first wait is caught too.
    const done = (async () => handler.run({ id, work, timeoutSeconds, signal: end.signal }))();
    return await Promise.race([done.catch(failedWith), abandoned]);
  } finally {
    cancelTimeout();
    cancelAbandon();
  }
}

const failedWith = (error: unknown): HandlerResult => ({ outcome: 'failed', message: messageOf(error) });

const leftAlone = (reason: EndReason | undefined): HandlerResult => ({
  outcome: 'unknown',
  message: `It was told to end (${reason ?? 'no reason'}) and did not. It may still run; the node goes on with other tasks.`,
});
