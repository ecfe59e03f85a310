import { apply, applyPhases, clusterOf } from '@muster/provision';
import { type Command, Option } from 'commander';
import { makeReporter } from '../apply/make-reporter.ts';
import { runHolder } from '../apply/run-holder.ts';
import { jsonSummary, textSummary } from '../apply/summary.ts';
import { interruption } from '../interruption.ts';
import { findLayout } from '../layout.ts';
import { rangeOf } from '../range/range-here.ts';
import { findArtifacts } from '../release-artifacts.ts';
import { makeConnector } from '../ssh/connector.ts';
import { inventoryFolderOf, inventoryOf } from '../ssh/inventory-options.ts';
import { addSshOptions, type SshOptions } from '../ssh/ssh-options.ts';

type Options = SshOptions & { output: 'text' | 'json'; dryRun?: boolean; diff?: boolean; reissue?: string };

/** `muster apply`: from an inventory to a watched cluster. */
export function addApplyCommand(program: Command): void {
  addSshOptions(
    program.command('apply').description('make a working cluster of the hosts of an inventory; run again, it changes only what differs'),
  )
    .option('-n, --dry-run', 'say what would change and change nothing')
    .option('--diff', 'also show what changed files will hold')
    .option('--reissue <range>', 'hosts that were made anew and take the place of the old machine, whose certificate is revoked')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
The host of the group [driver] gets the management server, every host of [driver] and [worker] an agent.

Examples:
  muster apply -i inventory.ini --dry-run
  muster apply -i inventory.ini --accept-new
  muster apply -i inventory.ini --reissue 'web1,rack[3-4]'

Exit status 0 when every host is done and good. After a failure the same command goes on.`,
    )
    .action(runApply);
}

async function runApply(options: Options): Promise<void> {
  const startedMs = performance.now();
  const inventory = inventoryOf(options);
  const cluster = clusterOf(inventory);
  const reissue = options.reissue === undefined ? [] : rangeOf(options.reissue, inventory);
  const artifacts = await findArtifacts(findLayout());
  const signal = interruption();
  const { reporter, finish } = makeReporter({
    output: options.output,
    diff: options.diff === true,
    phases: applyPhases.map((phase) => phase.name),
  });
  const result = await apply(
    {
      cluster,
      inventoryFolder: inventoryFolderOf(options),
      artifacts,
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
  const finished = { cluster, result, seconds: (performance.now() - startedMs) / 1000, dryRun: options.dryRun === true };
  process.stdout.write(options.output === 'json' ? `${JSON.stringify(jsonSummary(finished))}\n` : textSummary(finished));
  process.exitCode = signal.aborted ? 130 : result.failures.size === 0 ? 0 : 1;
}
