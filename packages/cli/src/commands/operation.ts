import type { Command } from 'commander';
import { serverClient } from '../client/server-client.ts';
import { countsText, describeOperation, resultsText } from '../operations/describe-results.ts';
import { findOperation } from '../operations/find-operation.ts';
import { type Format, formatOption, printOne } from '../output/format.ts';

/** `muster operation show|cancel ID`. */
export function addOperationCommands(program: Command): void {
  const operation = program.command('operation').description('show and cancel single operations');
  operation
    .command('show')
    .argument('<id>', 'id of the operation, or its beginning')
    .description('how an operation fares, nodes with the same result together')
    .addOption(formatOption())
    .addHelpText('after', '\nExamples:\n  muster operation show 3f2a91c0\n  muster operation show 3f2a91c0 -o json')
    .action(async (given: string, { output }: { output: Format }, command: Command) => {
      const client = serverClient(command);
      const params = { id: await findOperation(client, given) };
      const found = await client.getOperation({ params });
      const { items } = await client.listOperationResults({ params });
      printOne(output, { operation: found, results: items }, () =>
        output === 'name' ? `${found.id}\n` : `${describeOperation(found)}\n${resultsText(items)}`,
      );
    });
  operation
    .command('cancel')
    .argument('<id>', 'id of the operation, or its beginning')
    .description('cancel what has not begun, and ask the nodes to end what has')
    .addOption(formatOption())
    .addHelpText('after', '\nExample:\n  muster operation cancel 3f2a91c0')
    .action(async (given: string, { output }: { output: Format }, command: Command) => {
      const client = serverClient(command);
      const cancelled = await client.cancelOperation({ params: { id: await findOperation(client, given) } });
      const { title, state, counts } = cancelled;
      printOne(output, cancelled, () =>
        output === 'name'
          ? `${cancelled.id}\n`
          : `${title}: ${state === 'running' ? 'cancelled' : `${state} already`} (${countsText(counts)}).\n`,
      );
    });
}
