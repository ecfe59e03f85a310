import type { ConsoleRecording, OpenConsole } from '@muster/api';
import type { Command } from 'commander';
import { CliError } from '../../cli-error.ts';
import { serverClient, serverWay } from '../../client/server-client.ts';
import { openConsoleSocket } from '../../consoles/console-socket.ts';
import { sitAtConsole, sizeOf } from '../../consoles/sit-at-console.ts';
import { type Format, formatOption, printList } from '../../output/format.ts';
import { printable } from '../../output/printable.ts';
import type { Column } from '../../output/table.ts';

type Options = {
  output: Format;
  readOnly?: boolean;
  take?: boolean;
  endOther?: boolean;
  list?: boolean;
  recordings?: boolean;
  recording?: string;
};

/** `muster console`: sit at the console of a node; see which are open, and what was recorded. */
export function addConsoleCommand(program: Command): void {
  program
    .command('console')
    .argument('[node]', 'the node')
    .description('sit at the console of a node: serial over LAN, Redfish, or a shell over SSH')
    .option('--read-only', 'look, and never write')
    .option('--take', 'take the pen over from whoever writes')
    .option('--end-other', 'end a session that another holds on the management controller')
    .option('--list', 'the consoles that are open, and who holds them')
    .option('--recordings', 'what was recorded, on all servers of the pool')
    .option('--recording <id>', 'print one recording (asciicast version 2)')
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
Examples:
  muster console web1
  muster console web1 --read-only
  muster console --list
  muster console --recording web1_20260101T120000000Z.cast > web1.cast

At the start of a line: ~. leaves, ~t takes the pen over, ~? tells more. Several may watch a console; one of them writes.`,
    )
    .action(async (node: string | undefined, options: Options, command: Command) => {
      if (options.list === true || options.recordings === true || options.recording !== undefined) return show(node, options, command);
      if (node === undefined) throw new CliError('Name a node: muster console NODE; or say --list, --recordings or --recording ID.', 2);
      await sit(node, options, command);
    });
}

const consoleColumns: Column<OpenConsole>[] = [
  { title: 'NODE', cell: (one) => one.nodeName },
  { title: 'KIND', cell: (one) => one.kind },
  { title: 'SERVER', cell: (one) => printable(one.serverName) },
  { title: 'VIEWERS', cell: (one) => String(one.viewers), alignRight: true },
  { title: 'SINCE', cell: (one) => one.since },
];
const recordingColumns: Column<ConsoleRecording>[] = [
  { title: 'NODE', cell: (one) => one.nodeName },
  { title: 'STARTED', cell: (one) => one.startedAt },
  { title: 'BYTES', cell: (one) => String(one.bytes), alignRight: true },
  { title: 'ID', cell: (one) => one.id },
];

async function show(node: string | undefined, { list, recording, output }: Options, command: Command): Promise<void> {
  const client = serverClient(command);
  if (recording !== undefined && !/^[\w.-]+\.cast$/u.test(recording))
    throw new CliError(`${recording} is not the ID of a recording. List them: muster console --recordings`, 2);
  if (recording !== undefined) return void process.stdout.write(await client.getRecording({ params: { id: recording } }));
  const of = <T extends { readonly nodeName: string }>(items: T[]) =>
    items.filter(({ nodeName }) => node === undefined || nodeName === node);
  if (list === true) printList(output, of((await client.listConsoles({})).items), consoleColumns, [], (one) => one.nodeName);
  else await showRecordings(client, output, of);
}

async function showRecordings(
  client: ReturnType<typeof serverClient>,
  output: Format,
  of: (items: ConsoleRecording[]) => ConsoleRecording[],
): Promise<void> {
  const { items, unreached } = await client.listRecordings({});
  printList(output, of(items), recordingColumns, [], (one) => one.id);
  for (const name of unreached) process.stderr.write(`${printable(name)} did not answer: what was recorded there is missing here.\n`);
}

async function sit(node: string, { readOnly, take, endOther }: Options, command: Command): Promise<void> {
  const { stdin, stdout, stderr } = process;
  if (!stdin.isTTY || !stdout.isTTY)
    throw new CliError(
      `A console needs a terminal, and standard input or output is none here. To run a command on ${node}: muster exec ${node} -- COMMAND.`,
      2,
    );
  const flag = (value: boolean | undefined) => (value === true ? ('true' as const) : ('false' as const));
  const query = { readOnly: flag(readOnly), take: flag(take), endOther: flag(endOther), ...sizeOf(stdout) };
  const seat = { input: stdin, output: stdout, notes: stderr };
  const way = await serverWay(command);
  let leaving = await sitAtConsole(await openConsoleSocket(way, node, query), seat);
  // The servers of a pool are of one authority and know the same people: who may open it here may open it there.
  if (leaving.by === 'server' && leaving.elsewhere !== null && way.kind === 'remote') {
    stderr.write(`${printable(leaving.message)}\n`);
    leaving = await sitAtConsole(await openConsoleSocket({ ...way, url: leaving.elsewhere }, node, query), seat);
  }
  if (leaving.by === 'person') return void stderr.write(`\r\nLeft the console of ${node}.\n`);
  if (leaving.by === 'server') throw new CliError(`The console of ${node} has ended: ${printable(leaving.message)}`);
  throw new CliError(`The connection to the server was lost. The console of ${node} may go on; open it again: muster console ${node}`);
}
