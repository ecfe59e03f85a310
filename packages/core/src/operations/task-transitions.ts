import type { TaskState } from '@muster/api';

/** What happens to a task. `result` is the node's own word; `lose`: nothing was heard by the time it should have ended. */
export type TaskSignal = 'send' | 'take' | 'result' | 'expire' | 'cancel' | 'lose';

/** How a task may end by the node's own word. */
export type TaskOutcome = 'succeeded' | 'failed' | 'cancelled' | 'expired' | 'unknown';

/**
 * In which states a signal means something. In every other one it changes nothing: so messages may be doubled, late or out of order.
 * A node may speak of a task that is still queued here: the database was restored to before it was sent.
 */
export const signalStates: Readonly<Record<TaskSignal, readonly TaskState[]>> = {
  send: ['queued'],
  take: ['queued', 'sent'],
  result: ['queued', 'sent', 'running', 'unknown'],
  expire: ['queued'],
  cancel: ['queued'],
  lose: ['sent', 'running'],
};

const targets: Readonly<Record<Exclude<TaskSignal, 'result'>, TaskState>> = {
  send: 'sent',
  take: 'running',
  expire: 'expired',
  cancel: 'cancelled',
  lose: 'unknown',
};

/** The state after a signal; `result` comes with its outcome. The same state where the signal means nothing in this one. */
export function nextTaskState(state: TaskState, signal: TaskSignal, outcome?: TaskOutcome): TaskState {
  if (!signalStates[signal].includes(state)) return state;
  return signal === 'result' ? (outcome ?? 'unknown') : targets[signal];
}

/** States in which the node may still do something about the task. */
export const openTaskStates = ['queued', 'sent', 'running'] as const satisfies readonly TaskState[];
