import type { Event } from '@muster/api';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { followEvents } from '../client/follow-events.ts';
import { localClient, localSocket } from '../client/local-client.ts';
import { type Format, formatOption, printList, wholeNumber } from '../output/format.ts';
import { printable } from '../output/printable.ts';
import type { Column } from '../output/table.ts';

const columns: Column<Event>[] = [
  { title: 'AT', cell: (event) => event.at },
  { title: 'SEVERITY', cell: (event) => event.severity },
  { title: 'NODE', cell: (event) => printable(event.nodeName ?? '-') },
  { title: 'WHAT', cell: (event) => printable(event.message) },
];
const wide: Column<Event>[] = [{ title: 'KIND', cell: (event) => event.kind }];

const idOf = (event: Event): string => String(event.id);

type Options = { output: Format; node?: string; limit: number; follow?: boolean };

/** `muster events`: what happened, and with `-f` what happens. */
export function addEventsCommand(program: Command): void {
  program
    .command('events')
    .description('what happened, oldest first; -f goes on with what happens')
    .option('--node <name>', 'only events of this node')
    .option('--limit <n>', 'how many of the newest', wholeNumber(1, 1000), 50)
    .option('-f, --follow', 'go on with new events until interrupted')
    .addOption(formatOption())
    .addHelpText('after', '\nExamples:\n  muster events --node web1\n  muster events -f -o json')
    .action(async (options: Options, command: Command) => {
      const query = { limit: options.limit, ...(options.node === undefined ? {} : { node: options.node }) };
      const { items } = await localClient(command).listEvents({ query });
      if (options.follow !== true) {
        printList(options.output, items.toReversed(), columns, wide, idOf);
        return;
      }
      for (const event of items.toReversed()) tell(event, options.output);
      await followEvents(localSocket(command), items[0]?.id ?? 0, (event) => {
        if (options.node === undefined || event.nodeName === options.node || event.nodeId === options.node) tell(event, options.output);
      });
    });
}

/** One event of a stream that goes on: a line, so that programs can read it as it comes. */
function tell(event: Event, format: Format): void {
  process.stdout.write(`${lineOf(event, format)}\n`);
}

function lineOf(event: Event, format: Format): string {
  if (format === 'json') return JSON.stringify(event);
  if (format === 'yaml') return stringify([event]).trimEnd();
  if (format === 'name') return idOf(event);
  return (format === 'wide' ? [...columns, ...wide] : columns).map((column) => column.cell(event)).join('  ');
}
