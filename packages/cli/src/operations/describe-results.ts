import { styleText } from 'node:util';
import type { Operation, OperationResult, TaskCounts, TaskState } from '@muster/api';
import { printable } from '../output/printable.ts';

const colours = {
  queued: 'gray',
  sent: 'blue',
  running: 'blue',
  succeeded: 'green',
  failed: 'red',
  cancelled: 'gray',
  expired: 'red',
  unknown: 'yellow',
} as const satisfies Record<TaskState, string>;

/** The state of a task or an operation, coloured on a terminal only. */
export const stateWord = (state: TaskState): string => styleText(colours[state], state, { stream: process.stdout });

/** Results with their nodes folded: a line for each group, under it what was said and printed. Shown, never obeyed. */
export const resultsText = (results: readonly OperationResult[]): string => results.map(resultText).join('');

function resultText({ range, count, state, exitStatus, message, output, truncated }: OperationResult): string {
  const nodes = styleText('bold', printable(range), { stream: process.stdout });
  const status = exitStatus === null || exitStatus === 0 ? '' : `, exit status ${exitStatus}`;
  const head = `${nodes}${count > 1 ? ` (${count})` : ''}: ${stateWord(state)}${status}`;
  const body = [...(message === '' ? [] : [message]), ...linesOf(output), ...(truncated ? ['… (the rest was cut off)'] : [])];
  return [head, ...body.map((line) => `  ${harmless(line)}`)].map((line) => `${line}\n`).join('');
}

/** The lines of an output; the last one need not end. */
function linesOf(output: string): string[] {
  const lines = output.split('\n').map((line) => line.replace(/\r$/u, ''));
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** A tab lines up columns and moves nothing but them. */
const harmless = (line: string): string => line.split('\t').map(printable).join('\t');

/** The tasks of an operation by state, in words: `9 succeeded, 1 failed`. */
export const countsText = (counts: TaskCounts): string =>
  Object.entries(counts)
    .filter(([, count]) => count > 0)
    .map(([state, count]) => `${count} ${state}`)
    .join(', ');

/** An operation on some lines, for people. */
export function describeOperation(operation: Operation): string {
  const { id, title, state, range, requestedBy, requestedAt, batch, maxFail, cancelledBy, total, counts, finishedAt, expiresAt } =
    operation;
  const lines: [string, string][] = [
    ['Operation', id],
    ['What', printable(title)],
    ['State', `${stateWord(state)} (${countsText(counts)})`],
    ['Nodes', `${total}: ${printable(range)}`],
    ['Asked', `${requestedAt} by ${printable(requestedBy)}`],
    ['To begin', `before ${expiresAt}`],
    ['Batch', batch === null ? '-' : `${batch} at a time`],
    ['Failures', maxFail === null ? 'stop nothing' : `more than ${maxFail} stop the rest`],
    ['Finished', finishedAt ?? 'no'],
    ...(cancelledBy === null ? [] : [['Cancelled', `by ${printable(cancelledBy)}`] satisfies [string, string]]),
  ];
  return lines.map(([label, text]) => `${label.padEnd(11)}${text}\n`).join('');
}
