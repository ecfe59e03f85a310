import { setTimeout as sleep } from 'node:timers/promises';
import { AgentError } from '../../agent-error.ts';
import { isUnitPattern, problemOfUnitName } from '../../config/unit-name.ts';
import { reasonOfFailure, type RunProgram } from '../../run-program.ts';
import { parseShow } from '../../services/show-units.ts';
import { runCommand } from '../run-command.ts';
import { endedEarly, endReasonOf, type HandlerResult, type TaskContext, type TaskHandler } from '../task-handler.ts';
import { programPath } from './find-program.ts';

export type ServiceParts = {
  readonly run: RunProgram;
  readonly hasSystemd: () => Promise<boolean>;
  /** After something was done to a unit: its state is to be reported. */
  readonly onDone: () => void;
  /** Another program in the place of systemctl, for what is done; questions go through `run`. */
  readonly systemctl?: string;
};

type Action = 'start' | 'stop' | 'restart';
const actions: readonly Action[] = ['start', 'stop', 'restart'];

/** A service that ends right after its start has done so by then. */
const settleMs = 700;
const limits = { timeoutMs: 10_000, maxOutputBytes: 262_144 };
const ownUnit = 'muster-agent.service';

/** Starts, stops and restarts units of systemd, and looks whether that is how they are then. */
export function serviceHandler({ run, hasSystemd, onDone, systemctl = 'systemctl' }: ServiceParts): TaskHandler {
  return {
    // Whether a restart took place cannot be seen afterwards.
    repeatable: false,
    run: async ({ work, signal, timeoutSeconds }) => {
      const { action, unit } = actionOf(work);
      if (!(await hasSystemd())) return { outcome: 'failed', message: 'This machine has no systemd.' };
      const environment = { PATH: programPath, LC_ALL: 'C' };
      const { end, output, truncated } = await runCommand({ argv: [systemctl, action, '--', unit], environment, signal });
      onDone();
      const reason = endReasonOf(signal);
      if (reason !== undefined) return unfinished(reason, timeoutSeconds, unit);
      if (end.kind !== 'exited')
        return { outcome: 'failed', message: `systemctl did not run: ${end.kind === 'not-started' ? end.reason : end.kind}.` };
      if (action !== 'stop' && end.status === 0) await sleep(settleMs);
      const found = await stateOf(run, unit);
      const problem = problemOf(action, unit, end.status, found);
      if (problem === undefined) return { outcome: 'succeeded', message: found.words, exitStatus: 0, output, truncated };
      return { outcome: 'failed', message: problem, exitStatus: end.status, ...(await explained(run, unit, output)) };
    },
  };
}

function actionOf({ action, unit }: TaskContext['work']): { action: Action; unit: string } {
  const known = actions.find((one) => one === action);
  if (known === undefined) throw new AgentError('failed', 'The work of this task names no action of a service');
  if (typeof unit !== 'string') throw new AgentError('failed', 'The work of this task names no unit');
  const problem = problemOfUnitName(unit) ?? (isUnitPattern(unit) ? 'stands for more than one unit' : undefined);
  if (problem !== undefined) throw new AgentError('failed', `${JSON.stringify(unit.slice(0, 80))} ${problem}`);
  if (unit === ownUnit) throw new AgentError('failed', 'An agent does not do this to itself: use muster agent start, stop or restart');
  return { action: known, unit };
}

type Found = { readonly state: string; readonly result: string; readonly type: string; readonly loaded: boolean; readonly words: string };

async function stateOf(run: RunProgram, unit: string): Promise<Found> {
  const answer = await run(['systemctl', 'show', '--property=LoadState,ActiveState,SubState,Result,Type', '--', unit], limits);
  const failure = reasonOfFailure(answer);
  if (failure !== undefined || answer.kind !== 'done') throw new AgentError('failed', `systemctl does not say how ${unit} is: ${failure}`);
  const of = (name: string): string => parseShow(answer.stdout)[0]?.get(name) ?? '';
  const state = of('ActiveState');
  const words = `${unit} is ${state} (${of('SubState')}).`;
  return { state, result: of('Result'), type: of('Type'), loaded: of('LoadState') !== 'not-found', words };
}

/** Why this is not what was asked for; undefined when it is. */
function problemOf(action: Action, unit: string, status: number, found: Found): string | undefined {
  if (!found.loaded && (action !== 'stop' || status !== 0)) return `${unit} is not installed on this node.`;
  if (status !== 0) return `systemctl ${action} ended with ${status}; ${found.words}`;
  if (action === 'stop') return found.state === 'inactive' || found.state === 'failed' ? undefined : `Not stopped: ${found.words}`;
  return runs(found) ? undefined : `Not running after the ${action}: ${found.words}`;
}

/** A oneshot that has done its work is inactive again. */
const runs = ({ state, type, result }: Found): boolean =>
  ['active', 'reloading', 'refreshing'].includes(state) || (type === 'oneshot' && state === 'inactive' && result === 'success');

const unfinished = (reason: 'timeout' | 'cancelled' | 'agent-stops', timeoutSeconds: number, unit: string): HandlerResult => ({
  ...endedEarly(reason, timeoutSeconds),
  message: `${reason === 'timeout' ? `Not done within ${timeoutSeconds} s` : 'Not awaited any more'}; systemd may still be at it: look at ${unit}.`,
});

/** What systemctl said, and the last lines of the unit's journal. */
async function explained(run: RunProgram, unit: string, said: string): Promise<Pick<HandlerResult, 'output' | 'truncated'>> {
  const answer = await run(['systemctl', 'status', '--no-pager', '--full', '--lines=10', '--', unit], limits);
  return { output: `${said}${answer.kind === 'done' ? answer.stdout : ''}`, truncated: false };
}
