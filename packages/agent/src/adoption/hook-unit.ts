import { randomUUID } from 'node:crypto';
import type { RunProgram } from '../run-program.ts';

const stopLimits = { timeoutMs: 15_000, maxOutputBytes: 4096 };
/** A unit outlives its time by this much only where the agent that would have ended it is gone. */
const unitGraceSeconds = 15;

type Argv = readonly [string, ...string[]];

/**
 * A hook as a unit of its own: it may reload services, which the agent's own restrictions would forbid, and it ends with all its
 * processes. Its name goes into no argument that anything interprets.
 */
export function hookUnit(hook: {
  readonly name: string;
  readonly argv: Argv;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
}): { readonly name: string; readonly argv: Argv } {
  const name = `muster-hook-${hook.name}-${randomUUID()}.service`;
  const [program, ...args] = hook.argv;
  const argv: Argv = [
    'systemd-run',
    '--quiet',
    '--wait',
    '--pipe',
    '--collect',
    '--service-type=exec',
    `--unit=${name}`,
    `--description=Muster hook ${hook.name}`,
    `--property=RuntimeMaxSec=${Math.ceil(hook.timeoutSeconds) + unitGraceSeconds}`,
    '--property=TimeoutStopSec=3',
    ...Object.entries(hook.environment).map(([variable, value]) => `--setenv=${variable}=${value}`),
    '--',
    program,
    // systemd puts the value of a variable in place of $NAME in an argument; a doubled $ is one (systemd.service(5)).
    ...args.map((arg) => arg.replaceAll('$', '$$$$')),
  ];
  return { name, argv };
}

export async function stopHookUnit(run: RunProgram, unit: string): Promise<void> {
  await run(['systemctl', 'stop', '--', unit], stopLimits);
}
