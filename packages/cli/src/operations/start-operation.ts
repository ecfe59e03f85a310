import { maxExpirySeconds, type Operation, type OperationCreate } from '@muster/api';
import { type Command, Option } from 'commander';
import { serverClient } from '../client/server-client.ts';
import { type Format, formatOption, printOne, wholeNumber } from '../output/format.ts';
import { printable } from '../output/printable.ts';
import { awaitOperation } from './await-operation.ts';
import { countsText, resultsText } from './describe-results.ts';
import { liveLine } from './live-line.ts';

/** What every command takes that asks something of many nodes. */
export type OperationOptions = { output: Format; wait: boolean; batch?: number; maxFail?: number; beginWithin?: number };

/** With these, somebody sits and waits: a node that is away is not waited for long. */
const patientSeconds = 3600;
const impatientSeconds = 60;

/** Adds the options that `startOperation` reads. */
export const addOperationOptions = (command: Command): Command =>
  command
    .option('--batch <n>', 'how many nodes at a time (default: all at once)', wholeNumber(1, 100_000))
    .option('--max-fail <n>', 'more failures than this stop the rest', wholeNumber(0, 100_000))
    .addOption(
      new Option(
        '--begin-within <seconds>',
        `what has not begun on a node by then is not begun any more (default: ${impatientSeconds}, with --batch or --no-wait ${patientSeconds})`,
      ).argParser(wholeNumber(1, maxExpirySeconds)),
    )
    .option('--wait', 'wait until all nodes are done, and print how they did', true)
    .option('--no-wait', 'only ask for it and print the id of the operation')
    .addOption(formatOption());

export const operationHelp = `
RANGE names nodes: node[01-20], a group, all, label.rack=a. Nodes with the same result are shown together.
While it waits, Ctrl-C cancels what has not ended. Exit status 0 when all nodes succeeded, else 1, after Ctrl-C 130.`;

/** Asks for an operation, waits for it unless told not to, and prints how it went. */
export async function startOperation(
  command: Command,
  spec: OperationCreate['spec'],
  range: string,
  { output, wait, batch, maxFail, beginWithin }: OperationOptions,
): Promise<void> {
  const client = serverClient(command);
  const expiresInSeconds = beginWithin ?? (wait && batch === undefined ? impatientSeconds : patientSeconds);
  const limits = { ...(batch === undefined ? {} : { batch }), ...(maxFail === undefined ? {} : { maxFail }) };
  const asked = await client.startOperation({ body: { spec, range, expiresInSeconds, ...limits } });
  if (!wait) return printOne(output, asked, () => `${asked.id}\n`);
  const live = liveLine();
  const { operation, interrupted } = await awaitOperation({
    client,
    id: asked.id,
    onProgress: (now) => live.show(progressText(now)),
    say: (line) => live.say(line),
  });
  live.clear();
  const { items } = await client.listOperationResults({ params: { id: operation.id } });
  printOne(output, { operation, results: items }, () => (output === 'name' ? `${operation.id}\n` : resultsText(items)));
  process.stderr.write(`${summaryOf(operation)}\n`);
  process.exitCode = interrupted ? 130 : operation.state === 'succeeded' ? 0 : 1;
}

const progressText = ({ title, total, counts }: Operation): string => {
  const left = counts.queued + counts.sent + counts.running;
  return `${printable(title)}: ${total - left} of ${total} done (${countsText(counts)})`;
};

const summaryOf = ({ id, title, state, counts }: Operation): string =>
  `${printable(title)}: ${state} (${countsText(counts)}). See again: muster operation show ${id}`;
