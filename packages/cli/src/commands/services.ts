import type { NodeService } from '@muster/api';
import type { Command } from 'commander';
import { serverClient } from '../client/server-client.ts';
import { type Format, formatOption, printList } from '../output/format.ts';
import { printable } from '../output/printable.ts';
import type { Column } from '../output/table.ts';

const columns: Column<NodeService>[] = [
  { title: 'UNIT', cell: ({ unit }) => printable(unit) },
  { title: 'STATE', cell: ({ state }) => state },
  { title: 'DETAIL', cell: ({ detail }) => printable(detail) },
  { title: 'SINCE', cell: ({ since }) => since ?? '-' },
  { title: 'STOPPED BY', cell: ({ stoppedOnPurpose }) => printable(stoppedOnPurpose?.by ?? '-') },
];
const wide: Column<NodeService>[] = [{ title: 'STOPPED AT', cell: ({ stoppedOnPurpose }) => stoppedOnPurpose?.at ?? '-' }];

/** `muster services NODE`: the watched units of a node. */
export function addServicesCommand(program: Command): void {
  program
    .command('services')
    .argument('<node>', 'name or id of the node')
    .description('the watched services of a node, and who stopped which on purpose')
    .addOption(formatOption())
    .addHelpText('after', '\nExamples:\n  muster services web1\n  muster services web1 -o json')
    .action(async (node: string, { output }: { output: Format }, command: Command) => {
      const { items, unavailableReason } = await serverClient(command).listServices({ params: { node } });
      printList(output, items, columns, wide, ({ unit }) => unit);
      if (unavailableReason !== null) process.stderr.write(`The services of ${node} are not watched: ${printable(unavailableReason)}.\n`);
    });
}
