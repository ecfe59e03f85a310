import { AgentError } from '../agent-error.ts';
import type { AgentConfig } from '../config/config.ts';
import { problemOfServiceName } from '../config/unit-name.ts';

const option = '--start-services';
const ownUnit = 'muster-agent.service';

/** The words of a command line without `--start-services UNIT...`, and the units that it names; undefined where it is not given. */
export type Split = { readonly rest: readonly string[]; readonly units: readonly string[] | undefined };

/** Takes `--start-services` and the words after it, up to the next option, out of a command line. Pure. @throws AgentError for what is no unit */
export function splitStartServices(args: readonly string[]): Split {
  const at = args.indexOf(option);
  if (at < 0) return { rest: args, units: undefined };
  const after = args.slice(at + 1);
  const end = after.findIndex((word) => word.startsWith('-'));
  const units = end < 0 ? after : after.slice(0, end);
  for (const unit of units) {
    const problem = problemOfServiceName(unit);
    if (problem !== undefined) throw new AgentError('usage', `${option}: ${JSON.stringify(unit.slice(0, 80))} ${problem}`);
  }
  return { rest: [...args.slice(0, at), ...after.slice(units.length)], units };
}

/** What is to be started: the named units, or without any the agent itself and what the configuration says. */
export function unitsToStart(units: readonly string[] | undefined, config: AgentConfig): readonly string[] {
  if (units === undefined) return [];
  return units.length > 0 ? [...new Set(units)] : [...new Set([ownUnit, ...(config.startAfterEnrolment ?? [])])];
}
