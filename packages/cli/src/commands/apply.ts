import { statSync } from 'node:fs';
import { dirname } from 'node:path';
import { apply, applyPhases, type Cluster, clusterOf, driverNeeded, needsArtifacts, phasesFor, readHooks } from '@muster/provision';
import { type Command, Option } from 'commander';
import { makeReporter } from '../apply/make-reporter.ts';
import { runHolder } from '../apply/run-holder.ts';
import { jsonSummary, textSummary } from '../apply/summary.ts';
import { CliError } from '../cli-error.ts';
import { interruption } from '../interruption.ts';
import { findLayout } from '../layout.ts';
import { rangeOf } from '../range/range-here.ts';
import { collect } from '../output/options.ts';
import { findArtifacts } from '../release-artifacts.ts';
import { makeConnector } from '../ssh/connector.ts';
import { inventoryOf } from '../ssh/inventory-options.ts';
import { addSshOptions, type SshOptions } from '../ssh/ssh-options.ts';

type Options = SshOptions & {
  output: 'text' | 'json';
  dryRun?: boolean;
  diff?: boolean;
  reissue?: string;
  limit?: string;
  only?: string[];
  skip?: string[];
  hooks?: string;
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
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
The host of the group [driver] gets the management server, every host of [driver] and [worker] an agent.

Examples:
  muster apply -i inventory.ini --dry-run
  muster apply -i inventory.ini --accept-new
  muster apply -i inventory.ini --only prepare --limit rack[3-4]
  muster apply -i inventory.ini --skip slurm-packages,slurm-controller,slurm-nodes
  muster apply -i inventory.ini --reissue 'web1,rack[3-4]'

Exit status 0 when every host is done and good. After a failure the same command goes on.`,
    )
    .action(runApply);
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

/** The folder of the first inventory, whether that is a file or itself a folder. */
function inventoryFolder({ inventory: [first = '.'] }: Options): string {
  return statSync(first, { throwIfNoEntry: false })?.isDirectory() === true ? first : dirname(first);
}

async function runApply(options: Options): Promise<void> {
  const startedMs = performance.now();
  const inventory = inventoryOf(options);
  const phases = phasesFor(options);
  const cluster = clusterOf(inventory, driverNeeded(phases));
  const limit = options.limit === undefined ? undefined : limitOf(rangeOf(options.limit, inventory), cluster);
  const reissue = options.reissue === undefined ? [] : rangeOf(options.reissue, inventory);
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
  const { reporter, finish } = makeReporter({
    output: options.output,
    diff: options.diff === true,
    phases: phases.map((phase) => phase.name),
  });
  const result = await apply(
    {
      cluster,
      artifacts,
      folder: inventoryFolder(options),
      phases,
      ...hooks,
      ...(limit === undefined ? {} : { limit }),
      forks: options.forks,
      holder: runHolder('apply'),
      dryRun: options.dryRun === true,
      reissue: new Set(reissue),
      signal,
      nowMs: () => Date.now(),
      connect: makeConnector(options, signal),
    },
    reporter,
  );
  await finish();
  const hosts = cluster.hosts.filter(({ name }) => limit?.has(name) ?? true);
  const finished = {
    cluster: { ...cluster, hosts },
    result,
    seconds: (performance.now() - startedMs) / 1000,
    dryRun: options.dryRun === true,
  };
  process.stdout.write(options.output === 'json' ? `${JSON.stringify(jsonSummary(finished))}\n` : textSummary(finished));
  process.exitCode = signal.aborted ? 130 : result.failures.size === 0 ? 0 : 1;
}
