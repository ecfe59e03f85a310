import type { Event } from '@muster/api';
import type { Command } from 'commander';
import { stringify } from 'yaml';
import { CliError } from '../cli-error.ts';
import { followEvents } from '../client/follow-events.ts';
import { serverClient, serverWay } from '../client/server-client.ts';
import { type Format, formatOption, printList, wholeNumber } from '../output/format.ts';
import { printable } from '../output/printable.ts';
import type { Column } from '../output/table.ts';
import { addEventFilters, type EventFilterOptions, eventQueryOf, isMeant } from './event-filter.ts';

const columns: Column<Event>[] = [
  { title: 'AT', cell: (event) => event.at },
  { title: 'SEVERITY', cell: (event) => event.severity },
  { title: 'NODE', cell: (event) => printable(event.nodeName ?? '-') },
  { title: 'WHAT', cell: (event) => printable(event.message) },
];
const wide: Column<Event>[] = [{ title: 'KIND', cell: (event) => event.kind }];

const idOf = (event: Event): string => String(event.id);

type Options = EventFilterOptions & { output: Format; limit: number; follow?: boolean };

/** `muster events`: what happened, and with `-f` what happens. */
export function addEventsCommand(program: Command): void {
  addEventFilters(program.command('events').description('what happened, oldest first; -f goes on with what happens'))
    .option('--limit <n>', 'how many of the newest', wholeNumber(1, 1000), 50)
    .option('-f, --follow', 'go on with new events until interrupted')
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
Examples:
  muster events --node web1
  muster events --severity warning --since 2h
  muster events --kind node-health --kind agent-restarted --since 2026-01-31 --until 2026-02-01 --limit 1000
  muster events -f -o json`,
    )
    .action(async (options: Options, command: Command) => {
      if (options.follow === true && options.until !== undefined)
        throw new CliError('-f goes on with what comes, --until ends before: say one of them.', 2);
      const query = { limit: options.limit, ...eventQueryOf(options, Date.now()) };
      const { items } = await serverClient(command).listEvents({ query });
      if (options.follow !== true) {
        printList(options.output, items.toReversed(), columns, wide, idOf);
        return;
      }
      for (const event of items.toReversed()) tell(event, options.output);
      await followEvents(await serverWay(command), items[0]?.id ?? 0, (event) => {
        if (isMeant(event, options)) tell(event, options.output);
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
