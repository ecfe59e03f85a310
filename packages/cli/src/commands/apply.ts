import {
  apply,
  type ApplyResult,
  applyPhases,
  checks,
  type Cluster,
  clusterOf,
  driverNeeded,
  needsArtifacts,
  phasesFor,
  readCheckNames,
  readHooks,
} from '@muster/provision';
import { type Command, CommanderError, Option } from 'commander';
import { makeReporter } from '../apply/make-reporter.ts';
import { type MissingNodes, settleMissing } from '../apply/missing-nodes.ts';
import { runHolder } from '../apply/run-holder.ts';
import { jsonSummary, textSummary } from '../apply/summary.ts';
import { CliError } from '../cli-error.ts';
import { interruption } from '../interruption.ts';
import { findLayout } from '../layout.ts';
import { rangeOf } from '../range/range-here.ts';
import { collect } from '../output/options.ts';
import { findArtifacts } from '../release-artifacts.ts';
import { expectedHere } from '../runs/expected-seconds.ts';
import { endOf, keeperOf } from '../runs/keep-runs.ts';
import { canAsk } from '../ssh/ask.ts';
import { makeConnector } from '../ssh/connector.ts';
import { inventoryFolderOf, inventoryOf } from '../ssh/inventory-options.ts';
import { type Column, table } from '../output/table.ts';
import { addSshOptions, type SshOptions } from '../ssh/ssh-options.ts';

type Options = SshOptions & {
  output: 'text' | 'json';
  dryRun?: boolean;
  diff?: boolean;
  reissue?: string;
  limit?: string;
  only?: string[];
  skip?: string[];
  skipCheck: readonly string[];
  recheck?: boolean;
  removeMissing?: boolean;
  yes?: boolean;
  hooks?: string;
  keep: boolean;
};

/** `muster apply`: from an inventory to a watched cluster. */
export function addApplyCommand(program: Command): void {
  addSshOptions(
    program.command('apply').description('make a working cluster of the hosts of an inventory; run again, it changes only what differs'),
  )
    .option('-n, --dry-run', 'say what would change and change nothing')
    .option('--diff', 'also show what changed files will hold')
    .option('-l, --limit <range>', 'change only these hosts of the inventory')
    .addOption(phasesOption('--only <phases>', 'run only these phases, besides connect and detect; with commas, or repeated'))
    .addOption(phasesOption('--skip <phases>', 'leave out these phases; with commas, or repeated'))
    .option('--hooks <folder>', 'programs to call here for each host: before, after, before-PHASE, after-PHASE')
    .option('--reissue <range>', 'hosts that were made anew and take the place of the old machine, whose certificate is revoked')
    .option('--skip-check <names>', 'checks of the preflight to do without, separated by commas; repeatable', collectNames, [])
    .option('--recheck', 'try the ports between all hosts again, also what was reached within the last day')
    .option('--remove-missing', 'drain and remove nodes that an earlier run has made and the inventory does not name any more; asks before')
    .option('--yes', 'do not ask before nodes are removed')
    .option('--no-keep', 'do not keep this run in the history, because whoever starts it does')
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
  muster apply -i inventory.ini --only prepare --limit rack[3-4]
  muster apply -i inventory.ini --skip slurm-packages,slurm-state,slurm-controller,slurm-nodes
  muster apply -i inventory.ini --reissue 'web1,rack[3-4]'
  muster apply -i inventory.ini --skip-check memory,cores
  muster apply -i inventory.ini --remove-missing
  muster apply --list-checks

Exit status 0 when every host is done and good. After a failure the same command goes on.`,
    )
    .action(async (options: Options) => void (await runApply(options)));
}

/** Names of phases; not commander's own choices, which would take no commas. */
function phasesOption(flags: string, description: string): Option {
  return new Option(flags, description)
    .choices(applyPhases.map(({ name }) => name))
    .argParser((value: string, before: string[] | undefined) => collect(value, before ?? []));
}

/** The hosts of --limit, all of which a run must be able to touch. @throws CliError */
function limitOf(names: readonly string[], cluster: Cluster): ReadonlySet<string> {
  const strangers = names.filter((name) => !cluster.hosts.some((host) => host.name === name));
  if (strangers.length === 0) return new Set(names);
  throw new CliError(
    `Nothing is to be done on these hosts of --limit, which are in neither [driver] nor [worker] and set none of host_packages, host_files, host_services, host_sysctls and host_modules: ${strangers.join(', ')}. Leave them out.`,
    2,
  );
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

/** Nodes are removed only where somebody can say yes, or has; and a run of some hosts leaves all others as they are. @throws CliError */
function requireConsent({ removeMissing, yes, limit, dryRun }: Options): void {
  if (removeMissing !== true) return;
  if (limit !== undefined)
    throw new CliError('--remove-missing and --limit do not go together: what is missing is not among those hosts.', 2);
  if (yes !== true && dryRun !== true && !canAsk())
    throw new CliError('There is no terminal to ask on: --remove-missing needs --yes here.', 2);
}

/** Runs it with options that are complete. @throws CliError, ProvisionError */
export async function runApply({ turnsAuthority, ...options }: Options & { turnsAuthority?: boolean }): Promise<ApplyResult> {
  const startedMs = performance.now();
  const dryRun = options.dryRun === true;
  requireConsent(options);
  const inventory = await inventoryOf(options);
  const phases = phasesFor(options);
  const cluster = clusterOf(inventory, driverNeeded(phases));
  const limit = options.limit === undefined ? undefined : limitOf(rangeOf(options.limit, inventory), cluster);
  const reissue = options.reissue === undefined ? [] : rangeOf(options.reissue, inventory);
  const skippedChecks = new Set(readCheckNames(options.skipCheck, '--skip-check'));
  // In a checkout it takes seconds to see whether they are up to date.
  const artifacts = needsArtifacts(phases, cluster) ? await findArtifacts(findLayout()) : { server: {}, agent: {} };
  const hooks =
    options.hooks === undefined
      ? {}
      : {
          hooks: await readHooks(
            options.hooks,
            applyPhases.map(({ name }) => name),
          ),
        };
  const signal = interruption();
  const hosts = cluster.hosts.filter(({ name }) => limit?.has(name) ?? true);
  const names = hosts.map(({ name }) => name);
  const expected = await expectedHere('apply', dryRun, names.length);
  const { reporter, finish } = makeReporter({
    output: options.output,
    diff: options.diff === true,
    phases: phases.map((phase) => phase.name),
    expected,
  });
  const keeper = keeperOf(options.keep, { command: 'apply', options: toldOptions(options), hosts: names, nowMs: () => Date.now() });
  let missing: MissingNodes = { left: [], removed: [] };
  const result = await apply(
    {
      cluster,
      inventoryFolder: inventoryFolderOf(options),
      artifacts,
      phases,
      ...hooks,
      ...(limit === undefined ? {} : { limit }),
      forks: options.forks,
      holder: runHolder('apply'),
      dryRun,
      reissue: new Set(reissue),
      skippedChecks,
      recheck: options.recheck === true,
      turnsAuthority: turnsAuthority === true,
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
  const finished = { cluster: { ...cluster, hosts }, result, seconds: (performance.now() - startedMs) / 1000, dryRun, missing };
  process.stdout.write(options.output === 'json' ? `${JSON.stringify(jsonSummary(finished))}\n` : textSummary(finished));
  process.exitCode = signal.aborted ? 130 : result.failures.size === 0 && missing.problem === undefined ? 0 : 1;
  return result;
}

/** What the run was to do, as it was typed; variables of the command line stay out, because they may be secret. */
const toldOptions = (options: Options): string[] => [
  ...options.inventory.flatMap((path) => ['-i', path]),
  ...(options.dryRun === true ? ['--dry-run'] : []),
  ...(options.limit === undefined ? [] : ['--limit', options.limit]),
  ...(options.only ?? []).flatMap((names) => ['--only', names]),
  ...(options.skip ?? []).flatMap((names) => ['--skip', names]),
  ...(options.reissue === undefined ? [] : ['--reissue', options.reissue]),
  ...(options.skipCheck.length === 0 ? [] : ['--skip-check', options.skipCheck.join(',')]),
  ...(options.recheck === true ? ['--recheck'] : []),
  ...(options.removeMissing === true ? ['--remove-missing'] : []),
];
