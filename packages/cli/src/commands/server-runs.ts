import type { Client, ProvisionRun } from '@muster/api';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { serverClient } from '../client/server-client.ts';
import { type Format, formatOption, printOne } from '../output/format.ts';
import { collect } from '../output/options.ts';
import { GivenRange } from '../range/given-range.ts';
import { followRun } from '../runs/follow-run.ts';
import { serverRunId } from '../runs/server-run-id.ts';
import { runText } from '../runs/show-runs.ts';

type StartOptions = {
  inventory: string;
  limit?: string;
  only: readonly string[];
  skip: readonly string[];
  skipCheck: readonly string[];
  dryRun?: boolean;
  follow?: boolean;
  output: Format;
};

/**
 * `muster runs start|follow|cancel`: runs that the management server executes itself, with its own key. Options that `muster runs` has too are
 * handed to that, wherever they stand, so all are read together.
 */
export function addServerRunCommands(runs: Command): void {
  runs
    .command('start')
    .description('let the management server run apply with an inventory that it keeps, as root by its own key')
    .requiredOption('--inventory <name>', 'an inventory that was saved on the server, or "registered"')
    .option('-n, --dry-run', 'say what would change and change nothing')
    .option('-l, --limit <range>', 'change only these hosts of the inventory')
    .option('--only <phases>', 'run only these phases, besides connect and detect; with commas, or repeated', collect, [])
    .option('--skip <phases>', 'leave out these phases; with commas, or repeated', collect, [])
    .option('--skip-check <names>', 'checks of the preflight to do without; with commas, or repeated', collect, [])
    .option('--follow', 'wait for the end and tell what happens; Ctrl-C leaves the run going on')
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
Examples:
  muster runs start --inventory production --dry-run --follow
  muster runs start --inventory production --limit 'rack[3-4]' --only prepare
  muster runs start --inventory production --limit web1 -o json

It takes the role administrator, and hosts with muster_control=full. With --follow the exit status is 0 when every host is done.`,
    )
    .action(start);
  runs
    .command('follow')
    .argument('<id>', 'the run, by its id or the beginning of it')
    .description('wait for the end of a run that the server executes, and tell what happens; Ctrl-C leaves it going on')
    .addOption(formatOption())
    .addHelpText('after', '\nExamples:\n  muster runs follow 3f2a91c0\n  muster runs follow 3f2a91c0 -o json')
    .action(async (given: string, _options: object, command: Command) => {
      const { output } = command.optsWithGlobals<{ output: Format }>();
      const client = serverClient(command);
      await follow(client, await serverRunId(client, given), output);
    });
  runs
    .command('cancel')
    .argument('<id>', 'the run, by its id or the beginning of it')
    .description('end a run that the server executes; what is under way on a host is finished')
    .addOption(formatOption())
    .addHelpText('after', '\nExamples:\n  muster runs cancel 3f2a91c0\n  muster runs cancel 3f2a91c0 -o json')
    .action(async (given: string, _options: object, command: Command) => {
      const { output } = command.optsWithGlobals<{ output: Format }>();
      const client = serverClient(command);
      const run = await client.cancelRun({ params: { id: await serverRunId(client, given) } });
      printOne(output, run, () =>
        output === 'name' ? `${run.id}\n` : `The run ${run.id} ends as soon as what is under way is finished.\n`,
      );
    });
}

async function start(_options: object, command: Command): Promise<void> {
  const options = command.optsWithGlobals<StartOptions>();
  const { inventory, limit, only, skip, skipCheck, dryRun = false, output } = options;
  const client = serverClient(command);
  const range = limit === undefined ? {} : { limit: new GivenRange(limit).text };
  const run = await client.startRun({
    body: { inventory, ...range, only: named(only), skip: named(skip), skipCheck: named(skipCheck), dryRun },
  });
  if (options.follow === true) return await follow(client, run.id, output);
  printOne(output, run, () => (output === 'name' ? `${run.id}\n` : `${run.id}\nFollow it: muster runs follow ${run.id.slice(0, 8)}\n`));
}

/** What is told meanwhile goes to standard error, so that the run alone is on standard output. */
async function follow(client: Client, id: string, output: Format): Promise<void> {
  const run = await followRun(client, id, (line) => void process.stderr.write(`${line}\n`));
  printOne(output, run, () => (output === 'name' ? `${run.id}\n` : runText(run)));
  process.exitCode = exitCodes[run.state];
}

const exitCodes: Readonly<Record<ProvisionRun['state'], number>> = { running: 1, done: 0, failed: 1, interrupted: 130 };

function named(texts: readonly string[]): string[] {
  const names = texts.flatMap((text) => text.split(',')).map((name) => name.trim());
  if (names.includes('')) throw new CliError('A name is missing: write them with commas, such as prepare,agent.', 2);
  return names;
}
