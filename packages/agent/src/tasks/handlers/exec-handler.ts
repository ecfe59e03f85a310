import { AgentError } from '../../agent-error.ts';
import type { RunProgram } from '../../run-program.ts';
import { type CommandEnd, runCommand } from '../run-command.ts';
import { endedEarly, endReasonOf, type HandlerResult, type TaskContext, type TaskHandler } from '../task-handler.ts';
import { findProgram, programPath } from './find-program.ts';

export type ExecParts = {
  readonly run: RunProgram;
  /** Whether commands run as units of systemd, outside the agent's own restrictions. */
  readonly usesSystemd: () => Promise<boolean>;
};

/** A unit outlives its time by this much only where the agent that would have ended it is gone. */
const unitGraceSeconds = 15;
const stopLimits = { timeoutMs: 15_000, maxOutputBytes: 4096 };

/** Runs commands: an argument array that no shell ever sees, without input, as root. */
export function execHandler({ run, usesSystemd }: ExecParts): TaskHandler {
  const stopUnit = async (id: string): Promise<void> => void (await run(['systemctl', 'stop', '--', unitOf(id)], stopLimits));
  return {
    repeatable: false,
    run: async (context) => {
      const command = commandOf(context.work);
      const program = await findProgram(command[0]);
      if (program === undefined) return noProgram(command[0]);
      const found: Argv = [program, ...command.slice(1)];
      const environment = environmentOf(context.id);
      if (!(await usesSystemd())) return resultOf(await runCommand({ argv: found, environment, signal: context.signal }), context);
      const argv = asUnit(found, context);
      const stop = (): void => void stopUnit(context.id);
      return resultOf(await runCommand({ argv, environment, signal: context.signal, stop }), context);
    },
    cleanUp: async (id) => {
      if (await usesSystemd()) await stopUnit(id);
    },
  };
}

type Argv = readonly [string, ...string[]];

/** One name for each task: systemd itself then refuses to run one twice at a time. */
const unitOf = (id: string): string => `muster-task-${id}.service`;

const environmentOf = (id: string): Record<string, string> => ({
  PATH: programPath,
  HOME: process.env['HOME'] ?? '/root',
  LANG: 'C.UTF-8',
  MUSTER_TASK: id,
});

/** The command as a unit of its own: it has the host's rights and limits, not the agent's, and ends with all its processes. */
export function asUnit([program, ...args]: Argv, { id, timeoutSeconds }: Pick<TaskContext, 'id' | 'timeoutSeconds'>): Argv {
  const settings = Object.entries(environmentOf(id)).map(([name, value]) => `--setenv=${name}=${value}`);
  return [
    'systemd-run',
    '--quiet',
    '--wait',
    '--pipe',
    '--collect',
    '--service-type=exec',
    `--unit=${unitOf(id)}`,
    // Not the command, which is what systemd would write here: it may hold what is nobody's business.
    `--description=Muster task ${id}`,
    `--property=RuntimeMaxSec=${Math.ceil(timeoutSeconds) + unitGraceSeconds}`,
    '--property=TimeoutStopSec=3',
    ...settings,
    '--',
    program,
    // systemd puts the value of a variable in place of $NAME in an argument; a doubled $ is one (systemd.service(5)).
    ...args.map((arg) => arg.replaceAll('$', '$$$$')),
  ];
}

function commandOf(work: TaskContext['work']): Argv {
  const { command } = work;
  if (!Array.isArray(command) || !command.every((one): one is string => typeof one === 'string'))
    throw new AgentError('failed', 'The work of this task holds no command');
  const [program, ...args] = command;
  if (program === undefined || program === '') throw new AgentError('failed', 'The command is empty');
  if (command.some((one) => one.includes('\u0000'))) throw new AgentError('failed', 'The command holds a NUL character');
  return [program, ...args];
}

const noProgram = (name: string): HandlerResult => ({
  outcome: 'failed',
  message: `There is no program ${JSON.stringify(name.slice(0, 200))} on this node: give its path from the root, or its name if it is in ${programPath}.`,
});

function resultOf({ end, output, truncated, flooded }: CommandEnd, { signal, timeoutSeconds }: TaskContext): HandlerResult {
  const printed = { output, truncated };
  if (end.kind === 'stuck') return { outcome: 'unknown', message: 'It was told to end and did not; it may still run.', ...printed };
  if (flooded) return { outcome: 'failed', message: 'It printed more than 64 MiB; it was ended.', ...printed };
  const reason = endReasonOf(signal);
  if (reason !== undefined) return { ...endedEarly(reason, timeoutSeconds), ...printed };
  if (end.kind === 'not-started') return { outcome: 'failed', message: `It could not be started: ${end.reason}.`, ...printed };
  if (end.kind === 'signalled') return { outcome: 'failed', message: `It was ended by ${end.signal}.`, ...printed };
  return { outcome: end.status === 0 ? 'succeeded' : 'failed', message: '', exitStatus: end.status, ...printed };
}
