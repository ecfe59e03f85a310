import type { Operation } from '@muster/api';
import { type Command, Option } from 'commander';
import { serverClient } from '../client/server-client.ts';
import { countsText, stateWord } from '../operations/describe-results.ts';
import { type Format, formatOption, printList, wholeNumber } from '../output/format.ts';
import { printable } from '../output/printable.ts';
import type { Column } from '../output/table.ts';

const columns: Column<Operation>[] = [
  { title: 'ID', cell: ({ id }) => id.slice(0, 8) },
  { title: 'ASKED', cell: ({ requestedAt }) => requestedAt },
  { title: 'WHAT', cell: ({ title }) => printable(title) },
  { title: 'STATE', cell: ({ state }) => stateWord(state) },
  { title: 'NODES', cell: ({ counts }) => countsText(counts) },
];
const wide: Column<Operation>[] = [
  { title: 'RANGE', cell: ({ range }) => printable(range) },
  { title: 'BY', cell: ({ requestedBy }) => printable(requestedBy) },
  { title: 'FINISHED', cell: ({ finishedAt }) => finishedAt ?? '-' },
  { title: 'WHOLE ID', cell: ({ id }) => id },
];

type Options = { output: Format; node?: string; state?: Operation['state']; limit: number };

/** `muster operations`: what was asked of nodes, newest first. */
export function addOperationsCommand(program: Command): void {
  program
    .command('operations')
    .description('what was asked of the nodes, newest first')
    .option('--node <name>', 'only what was asked of this node')
    .addOption(new Option('--state <state>', 'only operations in this state').choices(['running', 'succeeded', 'failed', 'cancelled']))
    .option('--limit <n>', 'how many of the newest', wholeNumber(1, 1000), 20)
    .addOption(formatOption())
    .addHelpText('after', '\nExamples:\n  muster operations\n  muster operations --node web1 --state failed -o wide')
    .action(async ({ output, node, state, limit }: Options, command: Command) => {
      const query = { limit, ...(node === undefined ? {} : { node }), ...(state === undefined ? {} : { state }) };
      const { items } = await serverClient(command).listOperations({ query });
      printList(output, items, columns, wide, ({ id }) => id);
    });
}
