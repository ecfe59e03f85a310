import { styleText } from 'node:util';
import { readInventory } from '@muster/core';
import { apply, applyPhases, type ApplyResult, type Cluster, clusterOf, type RunReporter } from '@muster/provision';
import { type Command, Option } from 'commander';
import { jsonReporter } from '../apply/json-reporter.ts';
import { liveReporter } from '../apply/live-reporter.ts';
import { plainReporter } from '../apply/plain-reporter.ts';
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
  const seconds = (performance.now() - startedMs) / 1000;
  if (options.output === 'json') process.stdout.write(`${JSON.stringify(jsonSummary(cluster, result, seconds))}\n`);
  else process.stdout.write(summary(cluster, result, seconds, options.dryRun === true));
  process.exitCode = signal.aborted ? 130 : result.failures.size === 0 ? 0 : 1;
}

function reporterFor({ output, diff }: Options): { reporter: RunReporter; finish(): Promise<void> } {
  const write = (line: string) => void process.stdout.write(`${line}\n`);
  if (output === 'json') return { reporter: jsonReporter(write), finish: async () => {} };
  // A question about a host key in the middle of a live block could not be read.
  if (process.stdout.isTTY && !canAskDuringRun())
    return liveReporter(
      applyPhases.map((phase) => phase.name),
      diff === true,
    );
  return { reporter: plainReporter(write, diff === true), finish: async () => {} };
}

const canAskDuringRun = (): boolean => canAsk() && process.env['MUSTER_PLAIN'] === '1';

function counts(cluster: Cluster, { outcomes, failures }: ApplyResult) {
  const ofHost = (name: string) => outcomes.get(name) ?? [];
  const with_ = (status: string) =>
    cluster.hosts.filter(({ name }) => !failures.has(name) && ofHost(name).some((outcome) => outcome.status === status)).length;
  return { hosts: cluster.hosts.length, changed: with_('changed'), wouldChange: with_('would-change'), failed: failures.size };
}

function summary(cluster: Cluster, result: ApplyResult, seconds: number, dryRun: boolean): string {
  const { hosts, changed, wouldChange, failed } = counts(cluster, result);
  const stream = process.stdout;
  const what = dryRun
    ? `${wouldChange} would change, nothing was changed`
    : changed === 0 && failed === 0
      ? 'nothing changed'
      : `${changed} changed, ${hosts - changed - failed} unchanged`;
  const lines = [
    `\n${hosts} hosts: ${what}${failed > 0 ? styleText('red', `, ${failed} failed`, { stream }) : ''} in ${seconds.toFixed(1)} s`,
  ];
  for (const { host, phase, command, message } of result.failures.values()) {
    lines.push(`  ${host}: failed in ${phase}${command === undefined ? '' : ` (${command})`}: ${message}`);
  }
  if (failed > 0) lines.push('Mend what is named above and run the same command again: it goes on where it ended.');
  if (cluster.withoutRole.length > 0)
    lines.push(`Not touched, because in neither [driver] nor [worker]: ${cluster.withoutRole.join(', ')}`);
  if (result.panelUrl !== undefined && failed === 0)
    lines.push(
      `\n  Panel    ${result.panelUrl}`,
      ...(changed > 0 && result.signInUrl !== undefined
        ? [`  Sign in  ${result.signInUrl}   (once, within 15 minutes)`]
        : [`  Sign in  run "sudo muster sign-in-link" on ${cluster.driver.name}`]),
    );
  return `${lines.join('\n')}\n`;
}

function jsonSummary(cluster: Cluster, result: ApplyResult, seconds: number): object {
  return {
    event: 'finished',
    seconds,
    ...counts(cluster, result),
    failures: [...result.failures.values()],
    notDone: result.notDone,
    panelUrl: result.panelUrl ?? null,
  };
}
