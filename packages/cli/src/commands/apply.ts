import { readInventory } from '@muster/core';
import { apply, applyPhases, clusterOf, type RunReporter } from '@muster/provision';
import { type Command, Option } from 'commander';
import { jsonReporter } from '../apply/json-reporter.ts';
import { liveReporter } from '../apply/live-reporter.ts';
import { plainReporter } from '../apply/plain-reporter.ts';
import { jsonSummary, textSummary } from '../apply/summary.ts';
import { interruption } from '../interruption.ts';
import { inventoryFiles } from '../inventory-files.ts';
import { findLayout } from '../layout.ts';
import { canAsk } from '../ssh/ask.ts';
import { findArtifacts } from '../release-artifacts.ts';
import { makeConnector } from '../ssh/connector.ts';
import { addSshOptions, type SshOptions } from '../ssh/ssh-options.ts';

type Options = SshOptions & { output: 'text' | 'json'; dryRun?: boolean; diff?: boolean };

/** `muster apply`: from an inventory to a watched cluster. */
export function addApplyCommand(program: Command): void {
  addSshOptions(
    program.command('apply').description('make a working cluster of the hosts of an inventory; run again, it changes only what differs'),
  )
    .option('-n, --dry-run', 'say what would change and change nothing')
    .option('--diff', 'also show what changed files will hold')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
The host of the group [driver] gets the management server, every host of [driver] and [worker] an agent.

Examples:
  muster apply -i inventory.ini --dry-run
  muster apply -i inventory.ini --accept-new

Exit status 0 when every host is done and good. After a failure the same command goes on.`,
    )
    .action(runApply);
}

async function runApply(options: Options): Promise<void> {
  const startedMs = performance.now();
  const cluster = clusterOf(readInventory(options.inventory, inventoryFiles));
  const artifacts = await findArtifacts(findLayout());
  const signal = interruption();
  const { reporter, finish } = reporterFor(options);
  const result = await apply(
    {
      cluster,
      artifacts,
      forks: options.forks,
      dryRun: options.dryRun === true,
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

function reporterFor({ output, diff }: Options): { reporter: RunReporter; finish(): Promise<void> } {
  const write = (line: string) => void process.stdout.write(`${line}\n`);
  if (output === 'json') return { reporter: jsonReporter(write), finish: async () => {} };
  if (process.stdout.isTTY) {
    const phases = applyPhases.map((phase) => phase.name);
    // Whoever is asked about a host key or for a password, which only the first phase does, could not read it in a live block.
    return canAsk() ? liveReporter(phases.slice(1), diff === true) : liveReporter(phases, diff === true);
  }
  return { reporter: plainReporter(write, diff === true), finish: async () => {} };
}
