import { AgentError } from '../../agent-error.ts';
import type { EnvironmentRunner } from '../../environments/launch/environment-runner.ts';
import { readEnvironmentTask } from '../../environments/read-environment-task.ts';
import { endReasonOf, type TaskHandler } from '../task-handler.ts';

/** By this the server tells a failure that may pass from one of the definition (EX_TEMPFAIL of sysexits.h). */
const passingStatus = 75;

/** Builds and removes environments, in a process of its own. Every step of it may be done again. */
export function environmentHandler(runner: EnvironmentRunner): TaskHandler {
  return {
    repeatable: true,
    run: async ({ id, work, timeoutSeconds, signal }) => {
      const task = readEnvironmentTask(work);
      if (task === undefined)
        throw new AgentError(
          'failed',
          'This agent does not understand what is asked of its environments; it may be older than the server.',
        );
      // The lane's own end comes with the signal; the runner's is only for a process that outlives it.
      const { outcome, passing, message, output } = await runner.run(id, task, timeoutSeconds, signal);
      if (outcome === 'succeeded') return { outcome, message, output, exitStatus: 0 };
      const isTimeout = endReasonOf(signal) === 'timeout';
      if (outcome === 'cancelled' && !isTimeout) return { outcome, message };
      const why = isTimeout ? `It took longer than ${timeoutSeconds} s and was ended. What was in use before is still in use.` : message;
      return { outcome: 'failed', message: why, exitStatus: passing || isTimeout ? passingStatus : 1 };
    },
  };
}
