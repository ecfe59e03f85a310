import { apply, applyPhases, checks, clusterOf, readCheckNames } from '@muster/provision';
import { type Command, CommanderError, Option } from 'commander';
import { makeReporter } from '../apply/make-reporter.ts';
import { type MissingNodes, settleMissing } from '../apply/missing-nodes.ts';
import { runHolder } from '../apply/run-holder.ts';
import { jsonSummary, textSummary } from '../apply/summary.ts';
import { interruption } from '../interruption.ts';
import { findLayout } from '../layout.ts';
import { rangeOf } from '../range/range-here.ts';
import { findArtifacts } from '../release-artifacts.ts';
import { expectedHere } from '../runs/expected-seconds.ts';
import { endOf, RunKeeper } from '../runs/keep-runs.ts';
import { makeConnector } from '../ssh/connector.ts';
import { inventoryOf } from '../ssh/inventory-options.ts';
import { type Column, table } from '../output/table.ts';
import { addSshOptions, type SshOptions } from '../ssh/ssh-options.ts';

type Options = SshOptions & {
  output: 'text' | 'json';
  dryRun?: boolean;
  diff?: boolean;
  reissue?: string;
  skipCheck: readonly string[];
  recheck?: boolean;
  removeMissing?: boolean;
  yes?: boolean;
};

/** `muster apply`: from an inventory to a watched cluster. */
export function addApplyCommand(program: Command): void {
  addSshOptions(
    program.command('apply').description('make a working cluster of the hosts of an inventory; run again, it changes only what differs'),
  )
    .option('-n, --dry-run', 'say what would change and change nothing')
    .option('--diff', 'also show what changed files will hold')
    .option('--reissue <range>', 'hosts that were made anew and take the place of the old machine, whose certificate is revoked')
    .option('--skip-check <names>', 'checks of the preflight to do without, separated by commas; repeatable', collectNames, [])
    .option('--recheck', 'try the ports between all hosts again, also what was reached within the last day')
    .option('--remove-missing', 'drain and remove nodes that an earlier run has made and the inventory does not name any more; asks before')
    .option('--yes', 'do not ask before nodes are removed')
    .option('--list-checks', 'print the checks of the preflight and end')
    .on('option:list-checks', listChecks)
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
The host of the group [driver] gets the management server, every host of [driver] and [worker] an agent.

Examples:
  muster apply -i inventory.ini --dry-run
  muster apply -i inventory.ini --accept-new
  muster apply -i inventory.ini --reissue 'web1,rack[3-4]'
  muster apply -i inventory.ini --skip-check memory,cores
  muster apply -i inventory.ini --remove-missing
  muster apply --list-checks

Exit status 0 when every host is done and good. After a failure the same command goes on.`,
    )
    .action(runApply);
}

const collectNames = (text: string, all: readonly string[]): string[] => [...all, ...text.split(',').map((name) => name.trim())];

/** Before any other option is missed: whoever asks for the list has no inventory yet. */
function listChecks(): never {
  const rows = Object.entries(checks).map(([name, [what, level]]) => ({ name, what, level }));
  const columns: Column<(typeof rows)[number]>[] = [
    { title: 'CHECK', cell: ({ name }) => name },
    { title: 'WHAT', cell: ({ what }) => what },
    { title: 'OTHERWISE', cell: ({ level }) => level },
  ];
  process.stdout.write(table(rows, columns));
  throw new CommanderError(0, 'muster.list-checks', '');
}

async function runApply(options: Options): Promise<void> {
  const startedMs = performance.now();
  const dryRun = options.dryRun === true;
  const inventory = inventoryOf(options);
  const cluster = clusterOf(inventory);
  const reissue = options.reissue === undefined ? [] : rangeOf(options.reissue, inventory);
  const skippedChecks = new Set(readCheckNames(options.skipCheck, '--skip-check'));
  const artifacts = await findArtifacts(findLayout());
  const signal = interruption();
  const hosts = cluster.hosts.map(({ name }) => name);
  const phases = applyPhases.map((phase) => phase.name);
  const expected = await expectedHere('apply', dryRun, hosts.length);
  const { reporter, finish } = makeReporter({ output: options.output, diff: options.diff === true, phases, expected });
  const keeper = new RunKeeper({ command: 'apply', options: toldOptions(options), hosts, nowMs: () => Date.now() });
  let missing: MissingNodes = { left: [], removed: [] };
  const result = await apply(
    {
      cluster,
      artifacts,
      forks: options.forks,
      holder: runHolder('apply'),
      dryRun,
      reissue: new Set(reissue),
      skippedChecks,
      recheck: options.recheck === true,
      signal,
      nowMs: () => Date.now(),
      connect: makeConnector(options, signal),
      atEnd: async (ended, server) => {
        await finish();
        missing = await settleMissing(server, new Set(inventory.hosts), options);
        if (!dryRun) await keeper.tellServer(server, endOf(signal, ended));
      },
    },
    keeper.hearing(reporter),
  );
  await finish();
  await keeper.end(endOf(signal, result));
  const finished = { cluster, result, seconds: (performance.now() - startedMs) / 1000, dryRun, missing };
  process.stdout.write(options.output === 'json' ? `${JSON.stringify(jsonSummary(finished))}\n` : textSummary(finished));
  process.exitCode = signal.aborted ? 130 : result.failures.size === 0 ? 0 : 1;
}

/** What the run was to do, as it was typed; variables of the command line stay out, because they may be secret. */
const toldOptions = (options: Options): string[] => [
  ...options.inventory.flatMap((path) => ['-i', path]),
  ...(options.dryRun === true ? ['--dry-run'] : []),
  ...(options.reissue === undefined ? [] : ['--reissue', options.reissue]),
  ...(options.skipCheck.length === 0 ? [] : ['--skip-check', options.skipCheck.join(',')]),
  ...(options.recheck === true ? ['--recheck'] : []),
  ...(options.removeMissing === true ? ['--remove-missing'] : []),
];
