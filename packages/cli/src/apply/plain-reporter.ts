import { styleText } from 'node:util';
import type { Failure, HostOutcome, RunReporter } from '@muster/provision';
import { oneLine, printable } from '../output/printable.ts';

/** How a change is told: with `diff` also what a file will hold. */
export function changeLines({ host, changes, status }: HostOutcome, diff: boolean): string[] {
  // Nobody knows how far it came: the failure says at which step it ended.
  if (status === 'failed') return [];
  const mark = status === 'would-change' ? 'would' : 'did';
  return changes.flatMap(({ what, content }) => [
    `  ${host}: ${mark} ${printable(what)}`,
    ...(diff && content !== undefined
      ? content
          .trimEnd()
          .split('\n')
          .map((line) => `    + ${printable(line)}`)
      : []),
  ]);
}

/** One line of a phase when it is over. */
export function phaseSummary(phase: string, outcomes: readonly HostOutcome[]): string {
  if (outcomes.length === 0) return `${phase}: interrupted before any host was done`;
  const count = (status: HostOutcome['status']) => outcomes.filter((outcome) => outcome.status === status).length;
  const parts = [
    [count('changed'), 'changed'],
    [count('would-change'), 'would change'],
    [count('unchanged'), 'unchanged'],
    [count('failed'), 'failed'],
  ] as const;
  const slowest = outcomes.toSorted((a, b) => b.seconds - a.seconds)[0];
  const tail = slowest === undefined ? '' : `, slowest ${slowest.host} ${slowest.seconds.toFixed(1)} s`;
  return `${phase}: ${parts
    .filter(([number]) => number > 0)
    .map(([number, word]) => `${number} ${word}`)
    .join(', ')}${tail}`;
}

/** A failure in one line: host, what, with which command. */
export function failureLine({ host, failure }: HostOutcome): string {
  const failed = styleText('red', 'FAILED', { stream: process.stdout });
  return failure === undefined ? `  ${failed} ${host}` : `  ${failed} ${host}${duringCommand(failure)}: ${oneLine(failure.message)}`;
}

/** The command of a failure, unless its message names it already. */
export const duringCommand = ({ command, message }: Failure): string =>
  command === undefined || message.includes(command) ? '' : ` [${oneLine(command)}]`;

/** The warnings about a host, a line each. */
export function warningLines({ host, warnings = [] }: HostOutcome): string[] {
  const warned = styleText('yellow', 'warning', { stream: process.stdout });
  return warnings.map((text) => `  ${warned} ${host}: ${oneLine(text)}`);
}

/** Plain lines, for logs and pipes: one a phase, and one for each change and failure. */
export function plainReporter(write: (line: string) => void, diff: boolean): RunReporter {
  return {
    phaseStarted: () => {},
    hostFinished: (_phase, outcome) => {
      for (const line of [...warningLines(outcome), ...changeLines(outcome, diff)]) write(line);
      if (outcome.failure !== undefined) write(failureLine(outcome));
    },
    phaseFinished: (phase, outcomes) => write(phaseSummary(phase, outcomes)),
  };
}
