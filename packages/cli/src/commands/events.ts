import { request } from 'node:http';
import { apiPrefix, Event } from '@muster/api';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { localClient, localSocket } from '../client/local-client.ts';
import { type Format, formatOption, printList, wholeNumber } from '../output/format.ts';
import { type Column, printable } from '../output/table.ts';

const columns: Column<Event>[] = [
  { title: 'AT', cell: (event) => event.at },
  { title: 'SEVERITY', cell: (event) => event.severity },
  { title: 'NODE', cell: (event) => printable(event.nodeName ?? '-') },
  { title: 'WHAT', cell: (event) => printable(event.message) },
];
const wide: Column<Event>[] = [{ title: 'KIND', cell: (event) => event.kind }];

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
      if (!(options.follow === true && options.output === 'json'))
        printList(options.output, items.toReversed(), columns, wide, (event) => String(event.id));
      if (options.follow !== true) return;
      await follow(localSocket(command), items[0]?.id ?? 0, (event) => {
        if (options.node !== undefined && event.nodeName !== options.node && event.nodeId !== options.node) return;
        process.stdout.write(
          options.output === 'json' ? `${JSON.stringify(event)}\n` : `${columns.map((column) => column.cell(event)).join('  ')}\n`,
        );
      });
    });
}

/** Reads the stream until it ends; ends with an error, because a stream that ends by itself means the server is gone. */
function follow(socketPath: string, afterId: number, onEvent: (event: Event) => void): Promise<never> {
  return new Promise((_resolve, reject) => {
    const gone = (cause?: unknown) => reject(new CliError('The server is gone: the stream of events ended.', 1, { cause }));
    const headers = { accept: 'text/event-stream', host: 'localhost', 'last-event-id': String(afterId) };
    const call = request({ socketPath, path: `${apiPrefix}/events`, headers }, (response) => {
      let rest = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => {
        const blocks = (rest + text).split('\n\n');
        rest = blocks.pop() ?? '';
        for (const block of blocks) {
          const data = block.split('\n').find((line) => line.startsWith('data: '));
          if (data !== undefined) onEvent(Event.parse(JSON.parse(data.slice(6))));
        }
      });
      response.on('end', () => gone());
      response.on('error', gone);
    });
    call.on('error', gone);
    call.end();
  });
}
