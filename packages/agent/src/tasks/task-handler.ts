import type { AgentMessage, TaskWork } from '@muster/api/agent';

/** How a task ended, as it is written down and told. */
export type TaskResult = Omit<Extract<AgentMessage, { type: 'task-result' }>, 'type' | 'id'>;

/** Why a task is to end before it is done. */
export type EndReason = 'timeout' | 'cancelled' | 'agent-stops';

/** One task as its handler sees it. */
export type TaskContext = {
  readonly id: string;
  readonly work: TaskWork;
  readonly timeoutSeconds: number;
  /** Aborted, with an `EndReason` as its reason, when the task is to end: the handler then ends what it does and settles. */
  readonly signal: AbortSignal;
};

/** What a handler says of the end; what it leaves out is empty. */
export type HandlerResult = Pick<TaskResult, 'outcome' | 'message'> & Partial<Pick<TaskResult, 'exitStatus' | 'output' | 'truncated'>>;

/** Does the tasks of one kind. */
export type TaskHandler = {
  /**
   * Whether a task that a crash cut off may be done again from its beginning. It is then begun anew by the next start of the agent;
   * otherwise it is reported as `unknown` and never done again.
   */
  readonly repeatable: boolean;
  /** Checks the work and does it. Whatever it throws is a failed task with that message. */
  readonly run: (context: TaskContext) => Promise<HandlerResult>;
  /** After a crash, of a task that cannot be repeated: ends what may still run of it. Its failure changes nothing. */
  readonly cleanUp?: (id: string) => Promise<void>;
};

/** The handlers by the kind of work. */
export type TaskHandlers = Readonly<Record<string, TaskHandler>>;

/** The reason with which a signal was aborted; undefined while it is not. */
export function endReasonOf(signal: AbortSignal): EndReason | undefined {
  if (!signal.aborted) return undefined;
  const reason: unknown = signal.reason;
  return reason === 'timeout' || reason === 'cancelled' ? reason : 'agent-stops';
}

/** How a task ends that was ended for a reason, after what it did was stopped. */
export function endedEarly(reason: EndReason, timeoutSeconds: number): Pick<HandlerResult, 'outcome' | 'message'> {
  if (reason === 'cancelled') return { outcome: 'cancelled', message: 'Cancelled while it ran; it was ended.' };
  if (reason === 'timeout') return { outcome: 'failed', message: `Not done within ${timeoutSeconds} s; it was ended.` };
  return { outcome: 'failed', message: 'The agent was stopped while it ran; it was ended.' };
}
