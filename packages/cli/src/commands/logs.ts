import { styleText } from 'node:util';
import { type JournalLines, maxJournalLines } from '@muster/api';
import { type Command, Option } from 'commander';
import { CliError } from '../cli-error.ts';
import { followJournal } from '../client/follow-journal.ts';
import { serverClient, serverWay } from '../client/server-client.ts';
import { wholeNumber } from '../output/format.ts';
import { printable } from '../output/printable.ts';

type Options = { output: 'text' | 'json'; lines: number; follow?: boolean };

/** `muster logs`: the journal of a unit on a node, and with `-f` what comes. */
export function addLogsCommand(program: Command): void {
  program
    .command('logs')
    .argument('<node>', 'the node')
    .argument('<unit>', 'a systemd unit; without a type a service is meant')
    .description('the journal of a unit on a node; -f goes on with what comes')
    .option('-n, --lines <n>', 'so many of the last lines', wholeNumber(0, maxJournalLines), 100)
    .option('-f, --follow', 'go on with new lines until interrupted')
    .addOption(new Option('-o, --output <format>', 'how to print; json is one object a line').choices(['text', 'json']).default('text'))
    .addHelpText('after', '\nExamples:\n  muster logs web1 ssh\n  muster logs web1 slurmd.service -f -n 20')
    .action(async (node: string, name: string, { lines, follow, output }: Options, command: Command) => {
      const unit = name.includes('.') ? name : `${name}.service`;
      const print = (page: JournalLines) => void process.stdout.write(textOf(page, output));
      if (follow !== true) return print(await serverClient(command).readJournal({ params: { node, unit }, query: { lines } }));
      const reason = await followJournal(await serverWay(command), { node, unit, lines }, print);
      throw new CliError(`The journal of ${unit} on ${node} has ended${reason === '' ? '.' : `: ${printable(reason)}`}`, 1);
    });
}

function textOf({ lines, dropped }: JournalLines, output: Options['output']): string {
  const gap = dropped === 0 ? '' : gapText(dropped, output);
  return gap + lines.map((line) => (output === 'json' ? `${JSON.stringify(line)}\n` : lineText(line))).join('');
}

const gapText = (dropped: number, output: Options['output']): string =>
  output === 'json'
    ? `${JSON.stringify({ dropped })}\n`
    : `${styleText('yellow', `(${dropped} lines left out: the journal grows faster than it can be shown)`, { stream: process.stdout })}\n`;

/** A message of several lines stays several lines, set in below its first, so that none of them passes for another message. */
function lineText({ at, text }: JournalLines['lines'][number]): string {
  const [first = '', ...rest] = text.split('\n').map(printable);
  return [`${at ?? '-'}  ${first}`, ...rest.map((line) => `    ${line}`)].join('\n').concat('\n');
}
