import { text } from 'node:stream/consumers';
import { ProvisionRun, type ProvisionRunSummary } from '@muster/api';
import type { Command } from 'commander';
import { CliError } from '../cli-error.ts';
import { serverClient } from '../client/server-client.ts';
import { type Format, formatOption, printList, printOne } from '../output/format.ts';
import { addServerRunCommands } from './server-runs.ts';
import { readRuns, runFolder, runNamed } from '../runs/run-folder.ts';
import { serverRunId } from '../runs/server-run-id.ts';
import { runColumns, runText, wideRunColumns } from '../runs/show-runs.ts';

type Options = { output: Format; limit?: string; server?: boolean };

/** `muster runs [ID]`: runs of `muster apply`, of this machine or of all machines as the server knows them. */
export function addRunsCommand(program: Command): void {
  const runs = program
    .command('runs')
    .argument('[id]', 'one run, by its id or the beginning of it')
    .description('runs of "muster apply" and "muster reset": who, when, what became of each host')
    .option('--server', 'those that the management server knows of, from whatever machine; default: those of this machine and person')
    // Text, because `start` has one of this name too: commander hands it to this command wherever it stands.
    .option('--limit <n>', 'how many of the newest, at most 1000 (default: 20)')
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\nExamples:\n  muster runs\n  muster runs 3f2a91c0\n  muster runs --server -o json\n  muster runs 3f2a91c0 -o json | jq ".hosts[] | select(.failure)"',
    )
    .action(async (given: string | undefined, options: Options, command: Command) => {
      const source = options.server === true ? serverRuns(command) : localRuns();
      if (given === undefined) {
        const list = await source.list(countOf(options.limit));
        printList(options.output, list, runColumns, wideRunColumns, ({ id }) => id);
        return;
      }
      const run = await source.one(given);
      printOne(options.output, run, () => (options.output === 'name' ? `${run.id}\n` : runText(run)));
    });
  addKeepCommand(runs);
  addServerRunCommands(runs);
}

function countOf(text = '20'): number {
  const count = Number(text);
  if (Number.isInteger(count) && count >= 1 && count <= 1000) return count;
  throw new CliError(`--limit ${text}: must be a whole number from 1 to 1000.`, 2);
}

/** Where runs are looked up. */
type RunSource = { list(limit: number): Promise<readonly ProvisionRunSummary[]>; one(given: string): Promise<ProvisionRun> };

function localRuns(): RunSource {
  const all = () => readRuns(runFolder(process.env));
  return {
    list: async (limit) => (await all()).slice(0, limit).map(({ hosts: _hosts, phases: _phases, ...summary }) => summary),
    one: async (given) => runNamed(await all(), given),
  };
}

function serverRuns(command: Command): RunSource {
  const client = serverClient(command);
  return {
    list: async (limit) => (await client.listRuns({ query: { limit } })).items,
    one: async (given) => await client.getRun({ params: { id: await serverRunId(client, given) } }),
  };
}

/** What `muster apply` runs on the server at its end. */
function addKeepCommand(runs: Command): void {
  runs
    .command('keep')
    .argument('<file>', '"-": a run on standard input, as "muster runs ID -o json" prints it')
    .description('keep a run on the server, as "muster apply" does at its end')
    .addHelpText('after', '\nExample:\n  muster runs 3f2a91c0 -o json | ssh driver sudo muster runs keep -')
    .action(async (file: string, _options: object, command: Command) => {
      if (file !== '-') throw new CliError('Only "-" (standard input) can be read.', 2);
      const run = readRun(await text(process.stdin));
      const kept = await serverClient(command).keepRun({ params: { id: run.id }, body: run });
      process.stdout.write(`${kept.id}\n`);
    });
}

function readRun(json: string): ProvisionRun {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (cause) {
    throw new CliError('Standard input is not JSON.', 2, { cause });
  }
  const parsed = ProvisionRun.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new CliError(parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('\n'), 2);
}
