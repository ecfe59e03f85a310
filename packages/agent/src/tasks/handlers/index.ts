import { access } from 'node:fs/promises';
import type { Rotated } from '../../renewal/rotation.ts';
import type { RunProgram } from '../../run-program.ts';
import type { TaskHandlers } from '../task-handler.ts';
import type { EnvironmentRunner } from '../../environments/launch/environment-runner.ts';
import { environmentHandler } from './environment-handler.ts';
import { execHandler } from './exec-handler.ts';
import { rotateHandler } from './rotate-handler.ts';
import { serviceHandler } from './service-handler.ts';

export type HandlerParts = {
  readonly run: RunProgram;
  /** After something was done to a unit. */
  readonly onServiceDone: () => void;
  readonly rotate: (id: string, signal: AbortSignal) => Promise<Rotated>;
  /** Undefined where this agent builds no environments. */
  readonly environments: EnvironmentRunner | undefined;
};

/** Whether systemd runs this machine, as sd_booted(3) has it. */
const hasSystemd = (): Promise<boolean> =>
  access('/run/systemd/system').then(
    () => true,
    () => false,
  );

/** Whether commands run as units of systemd, outside the agent's own restrictions. */
export const runsAsUnits = async (): Promise<boolean> => process.geteuid?.() === 0 && (await hasSystemd());

/** Everything this agent can do, by the kind of work. A new kind is one more line here. */
export const taskHandlers = ({ run, onServiceDone, environments, rotate }: HandlerParts): TaskHandlers => ({
  service: serviceHandler({ run, hasSystemd, onDone: onServiceDone }),
  ...(environments === undefined ? {} : { environment: environmentHandler(environments) }),
  exec: execHandler({ run, usesSystemd: runsAsUnits }),
  rotate: rotateHandler(rotate),
});
